"""Deep random networks, built from the installed layers, and what reaches their inputs."""

import torch
from torch import nn

NORMS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "rms": nn.RMSNorm}


def plain(seed, unit, norm=None, behind=False, depth=50, width=128, std=None, shift=0.0):
    """Linear layers, units, and a normalisation in front of each unit or behind it; ``std`` in place of the default."""
    torch.manual_seed(seed)
    layers = []
    for _ in range(depth):
        linear = nn.Linear(width, width)
        if std is not None:
            nn.init.normal_(linear.weight, 0, std)
            nn.init.zeros_(linear.bias)
        middle = [unit]
        if norm:
            layer = NORMS[norm](width)
            if shift:
                nn.init.constant_(layer.bias, shift)
            middle = [unit, layer] if behind else [layer, unit]
        layers += [linear, *middle]
    return nn.Sequential(*layers).double()


def gradient_ratio(net, seed, width=128, batch=64):
    """Norm of the gradient at the input over that of a random one at the output."""
    generator = torch.Generator().manual_seed(seed)
    x, grad = torch.randn(2, batch, width, generator=generator, dtype=torch.float64)
    x.requires_grad_()
    (below,) = torch.autograd.grad((net(x) * grad).sum(), x)
    return (below.norm() / grad.norm()).item()
