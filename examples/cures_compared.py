"""
One net of fifty layers, every cure: the predicted gain of a layer against the measured one.

All methods share the same random directions of the weights and differ in activation, scale, normalisation or shortcut.
Prediction: the gain of the squared gradient norm per layer from mean-field theory; a normalisation puts one over the
mean square of the activation (layer, RMS) or over its variance (batch) in the place of the weight variance; a shortcut
adds one. Measured: the ratio of gradient norms across all layers at initialisation, over many seeds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.exponential_units import selu, selu_derivative
from optnotes.initialization import he_std, linear_default, xavier_std
from optnotes.mean_field import gradient_gain, mean_field_ratio, variance_step
from optnotes.normalization import batch_norm, layer_norm, rms_norm
from optnotes.rectifiers import leaky_relu, leaky_relu_derivative, relu, relu_derivative
from optnotes.residual import normalised_residual_growth, residual_growth
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, DEPTH, WIDTH, BATCH, EPS, SLOPE = 20, 50, 128, 64, 1e-5, 0.2
ONES, ZEROS, ONE = torch.ones(WIDTH), torch.zeros(WIDTH), torch.tensor(1.0, dtype=torch.float64)
Function = Callable[[Tensor], Tensor]
LECUN, XAVIER, HE = 1 / math.sqrt(WIDTH), xavier_std(WIDTH, WIDTH), he_std(WIDTH)
UNITS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "leaky": (partial(leaky_relu, a=SLOPE), partial(leaky_relu_derivative, a=SLOPE)),
    "selu": (selu, selu_derivative),
}
NORMS: dict[str, Function] = {
    "none": lambda z: z,
    "batch": torch.func.vmap(lambda z: batch_norm(z, ONES, ZEROS, EPS)),
    "layer": torch.func.vmap(lambda z: layer_norm(z, ONES, ZEROS, EPS)),
    "rms": torch.func.vmap(lambda z: rms_norm(z, ONES, EPS)),
}


@dataclass(frozen=True)
class Method:
    """One block is post times (shortcut times its input plus branch times weights of the activation of the norm)."""

    unit: str
    std: float
    norm: str = "none"
    shortcut: float = 0.0
    branch: float = 1.0
    orthogonal: bool = False


HALF = math.sqrt(0.5)
METHODS = {
    "sigmoid": Method("sigmoid", XAVIER),
    "sigmoid_layer": Method("sigmoid", XAVIER, "layer"),
    "sigmoid_batch": Method("sigmoid", XAVIER, "batch"),
    "tanh": Method("tanh", XAVIER),
    "default": Method("relu", linear_default(WIDTH)[1]),
    "xavier": Method("relu", XAVIER),
    "he": Method("relu", HE),
    "orthogonal": Method("relu", HE, orthogonal=True),
    "leaky": Method("leaky", he_std(WIDTH, SLOPE)),
    "selu": Method("selu", LECUN),
    "batch": Method("relu", HE, "batch"),
    "layer": Method("relu", HE, "layer"),
    "rms": Method("relu", HE, "rms"),
    "residual": Method("relu", HE, shortcut=1.0),
    "halved": Method("relu", HE, shortcut=HALF, branch=HALF),
    "scaled": Method("relu", HE, shortcut=1.0, branch=1 / math.sqrt(DEPTH)),
    "zero": Method("relu", HE, shortcut=1.0, branch=0.0),
    "prenorm": Method("relu", HE, "layer", shortcut=1.0),
}


@dataclass(frozen=True)
class Result:
    ratio: dict[str, Tensor]


def measure(method: Method, weights: Tensor, z: Tensor, grad: Tensor) -> Tensor:
    z = z.clone().requires_grad_()
    phi, out = UNITS[method.unit][0], z
    scale = method.branch * method.std * math.sqrt(WIDTH)
    for W in weights:
        out = method.shortcut * out + scale * phi(NORMS[method.norm](out)) @ W
    (g,) = torch.autograd.grad(out, z, grad)
    return torch.linalg.vector_norm(g, dim=(1, 2), dtype=torch.float64) / torch.linalg.vector_norm(
        grad, dim=(1, 2), dtype=torch.float64
    )

import time
def compute():
    generator = torch.Generator().manual_seed(33)
    t=time.time()
    gaussian = torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator)
    print('randn', time.time()-t); t=time.time()
    orth = torch.linalg.qr(gaussian)[0]
    print('qr', time.time()-t)
    gaussian = gaussian / math.sqrt(WIDTH)
    z, grad = (torch.randn(SEEDS, BATCH, WIDTH, generator=generator) for _ in range(2))
    out={}
    for name, m in METHODS.items():
        t=time.time()
        out[name]=measure(m, orth if m.orthogonal else gaussian, z, grad)
        print(name, 'chi', (out[name].log().mean()*2/DEPTH).exp().item(), 'median', out[name].median().item(), 'q', out[name].quantile(torch.tensor([.1,.9]).double()).tolist(), time.time()-t)
    return Result(out)
if __name__=="__main__": compute()
