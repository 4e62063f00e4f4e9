"""Question 33: cures of vanishing gradients, each at its place."""

import itertools
import math

import pytest
import torch
from torch import nn

from examples import coordinate_check, spectral_decay
from tests.attack.nets import gradient_ratio, plain
from tests.attack.search import SEED, Choice, Interval, Statement, whole


def per_layer(net, seed, depth):
    return gradient_ratio(net, seed) ** (1 / depth)


def sigmoid_dies(seed, depth, scale):
    """Half of the gradient norm at most passes a layer."""
    net = plain(seed, nn.Sigmoid(), "layer", depth=depth, std=scale / math.sqrt(128))
    return 0.5 - per_layer(net, seed, depth)


def relu_stays(seed, depth, norm, scale):
    net = plain(seed, nn.ReLU(), norm, depth=depth, std=scale / math.sqrt(128))
    return math.log(1.2) - abs(math.log(per_layer(net, seed, depth)))


FRONT_OF_SIGMOID = Statement(
    "layer normalisation in front of the sigmoid does not rescue it, whatever the scale of the weights",
    {"seed": SEED, "depth": Choice((10, 20, 30)), "scale": Interval(0.1, 30.0, log=True)},
    sigmoid_dies,
    draws=12,
    steps=6,
)
FRONT_OF_RELU = Statement(
    "layer or RMS normalisation in front of ReLU has a gain of about one, whatever the scale of the weights",
    {
        "seed": SEED,
        "depth": Choice((10, 20, 30)),
        "norm": Choice(("layer", "rms")),
        "scale": Interval(0.1, 30.0, log=True),
    },
    relu_stays,
    draws=12,
    steps=6,
)


def depth_moves_alike(seed, times, divided):
    """Within a factor of two, in the mean over four nets, against nets of four blocks."""
    near, far = (
        sum(coordinate_check.change_deep(depth, True, divided, seed + each)[0] for each in range(4))
        for depth in (4, 4 * times)
    )
    return math.log(2) - abs(math.log(far / near))


def spectral_norm_shortens(seed, depth, factor):
    """No random ReLU net of square matrices over their largest singular value keeps more than half per layer."""
    generator = torch.Generator().manual_seed(seed)
    weights = factor * torch.randn(depth, 1, 64, 64, generator=generator, dtype=torch.float64)
    weights = weights / torch.linalg.matrix_norm(weights, 2)[..., None, None]
    x, grad = torch.randn(2, 1, 8, 64, generator=generator, dtype=torch.float64)
    return 0.5 - spectral_decay.ratio(weights, x, grad).item() ** (1 / depth)


DEPTHS_ALIKE = Statement(
    "with branches and rate over the root of the depth one step of Adam moves the stream about as far at any depth",
    {"seed": SEED, "times": Choice((2, 4, 8)), "divided": Choice((True,))},
    depth_moves_alike,
    draws=6,
    steps=3,
)
SPECTRAL = Statement(
    "spectral normalisation makes the gradient of a random ReLU net vanish, whatever the scale of the weights",
    {"seed": SEED, "depth": Choice((5, 10, 20)), "factor": Interval(0.01, 100.0, log=True)},
    spectral_norm_shortens,
    draws=12,
    steps=6,
)


def test_old_depth_needs_the_branch_only():
    """Refuted: with the branch over the root of the depth and the same rate the stream moves by that root farther."""
    near, far = (coordinate_check.change_deep(depth, True, False, 0)[0] for depth in (4, 64))
    assert far > 2.5 * near


def test_old_layer_normalisation_without_its_place():
    """Refuted: behind the activation it rescues the sigmoid, and ReLU explodes as with batch normalisation."""
    for seed in range(2):
        rescued = plain(seed, nn.Sigmoid(), "layer", behind=True, std=1 / math.sqrt(128))
        assert 0.3 < gradient_ratio(rescued, seed) < 30
        exploded = plain(seed, nn.ReLU(), "layer", behind=True, std=math.sqrt(2 / 128))
        assert gradient_ratio(exploded, seed) > 1e3
        alike = plain(seed, nn.ReLU(), "rms", behind=True, std=math.sqrt(2 / 128))
        assert 0.1 < gradient_ratio(alike, seed) < 10


def test_advice_normalise_a_deep_plain_net():
    """Symptom: default weights, nothing arrives. Layer or RMS normalisation mend it; batch normalisation does not."""
    for seed in range(2):
        assert gradient_ratio(plain(seed, nn.ReLU()), seed) < 1e-15
        for norm in ("layer", "rms"):
            assert 0.1 < gradient_ratio(plain(seed, nn.ReLU(), norm), seed) < 10
        assert gradient_ratio(plain(seed, nn.ReLU(), "batch"), seed) > 1e3  # the old advice


def test_advice_against_the_growth_of_batch_normalisation():
    """Symptom: growth by thousands. No scale of the weights changes it; shortcuts or a shift of two end it."""

    class Shortcut(nn.Module):
        def __init__(self, *branch):
            super().__init__()
            self.branch = nn.Sequential(*branch)

        def forward(self, x):
            return x + self.branch(x)

    for scale in (0.3, 1.0, 3.0):
        assert gradient_ratio(plain(1, nn.ReLU(), "batch", std=scale / math.sqrt(128)), 1) > 1e3
    assert 0.3 < gradient_ratio(plain(1, nn.ReLU(), "batch", shift=2.0), 1) < 10
    layers = list(plain(1, nn.ReLU(), "batch"))
    mended = nn.Sequential(
        *(Shortcut(norm, unit, linear) for linear, norm, unit in zip(*[iter(layers)] * 3, strict=True))
    )
    assert 0.3 < gradient_ratio(mended.double(), 1) < 30


def test_old_a_bias_in_front_of_batch_normalisation_does_nothing():
    """Refuted in ``eval`` mode: there the stored mean is subtracted."""
    torch.manual_seed(0)
    linear, norm, x = nn.Linear(3, 4), nn.BatchNorm1d(4), torch.randn(64, 3)
    net = nn.Sequential(linear, norm)
    for _ in range(30):
        before = net(x)
    frozen = net.eval()(x)
    with torch.no_grad():
        linear.bias += 5
    assert (net(x) - frozen).abs().max() > 1
    assert (net.train()(x) - before).abs().max() < 1e-3


def test_batch_normalisation_grows_in_front_of_relu_and_behind_it():
    """The page says that the place makes no difference to the growth."""
    for behind in (False, True):
        net = plain(2, nn.ReLU(), "batch", behind=behind, std=math.sqrt(2 / 128))
        assert gradient_ratio(net, 2) > 1e3


@pytest.mark.parametrize("unit", [nn.GELU(), nn.SiLU()])
def test_old_gelu_with_the_weights_of_relu(unit):
    """Refuted: He's weights keep ReLU level, and GELU and SiLU vanish; a normalisation in front holds them."""
    std = math.sqrt(2 / 128)
    for seed in range(3):
        assert gradient_ratio(plain(seed, unit, std=std), seed) < 1e-3
        assert 0.1 < gradient_ratio(plain(seed, nn.ReLU(), std=std), seed) < 10
        for norm in ("layer", "rms"):
            assert 0.3 < gradient_ratio(plain(seed, unit, norm, std=std), seed) < 30


def trained_from(seed, width, depth, unit, name, fill, biases):
    """Hidden matrices of a small net whose weights all start at one number, before 20 steps and after them."""
    torch.manual_seed(seed)
    sizes = [3, *[width] * depth, 2]
    linears = [nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
    net = nn.Sequential(*(each for linear in linears for each in (linear, getattr(nn, unit)()))).double()[:-1]
    for key, parameter in net.named_parameters():
        if "weight" in key or not biases:
            nn.init.constant_(parameter, fill)
    optimiser = getattr(torch.optim, name)(net.parameters(), lr=0.1)
    x, y = torch.randn(8, 3, dtype=torch.float64), torch.tensor([0, 1, 1, 0, 1, 0, 0, 1])
    before = [linear.weight.detach().clone() for linear in linears[:-1]]
    for _ in range(20):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    return before, [linear.weight.detach() for linear in linears[:-1]]


def zeros_move(**setting):
    before, after = trained_from(fill=0.0, **setting)
    return 1e-12 - max((one - other).abs().max().item() for one, other in zip(before, after, strict=True))


def copies_part(fill, **setting):
    _, after = trained_from(fill=fill, **setting)
    return 1e-9 - max((each - each[:1]).abs().max().item() for each in after)


SMALL = {
    "seed": SEED,
    "width": whole(2, 8),
    "depth": whole(1, 3),
    "unit": Choice(("ReLU", "Tanh")),
    "name": Choice(("SGD", "Adam")),
    "biases": Choice((False,)),
}
ZEROS_ARE_STUCK = Statement(
    "with all weights and biases at zero no hidden weight of a ReLU or tanh net moves",
    SMALL,
    zeros_move,
    draws=15,
    steps=5,
)
EQUALS_STAY_COPIES = Statement(
    "with equal weights and equal biases the units of a layer stay copies",
    SMALL | {"fill": Interval(0.05, 1.0)},
    copies_part,
    draws=15,
    steps=5,
)


def fades(seed, depth, unit, width=1024):
    """Decades that are lost, over one, with He's weights and no normalisation."""
    net = plain(seed, getattr(nn, unit)(), depth=depth, width=width, std=math.sqrt(2 / width))
    return -math.log10(gradient_ratio(net, seed, width=width)) - 1


GELU_FADES = Statement(
    "with He's weights and no normalisation 50 layers of 1024 units of GELU or SiLU and more leave less than a tenth",
    {"seed": SEED, "depth": Choice((50, 60)), "unit": Choice(("GELU", "SiLU"))},
    fades,
    draws=4,
    steps=1,
)


def test_in_layers_of_512_units_a_net_may_keep_more_than_a_tenth():
    assert fades(2269, 50, "GELU", width=512) < 0


def test_in_narrow_layers_chance_decides_whether_gelu_fades():
    """Of nets 128 wide most lose two decades, and some lose nothing."""
    lost = [1 + fades(seed, 50, "GELU", width=128) for seed in range(30)]
    assert sum(each > 2 for each in lost) > 15
    assert min(lost) < 1


def test_equal_weights_learn():
    """Copies are not stuck: they move, all alike."""
    setting = {"seed": 0, "width": 4, "depth": 2, "name": "SGD", "fill": 0.3, "biases": False}
    for unit in ("ReLU", "Tanh"):
        before, after = trained_from(unit=unit, **setting)
        assert min((one - other).abs().max() for one, other in zip(before, after, strict=True)) > 1e-4


@pytest.mark.parametrize(
    "statement",
    [
        FRONT_OF_SIGMOID,
        FRONT_OF_RELU,
        DEPTHS_ALIKE,
        SPECTRAL,
        ZEROS_ARE_STUCK,
        EQUALS_STAY_COPIES,
        GELU_FADES,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_group_normalisation_lies_between_layer_and_instance():
    x = torch.randn(2, 6, 5, 5, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(nn.GroupNorm(1, 6)(x), nn.LayerNorm([6, 5, 5])(x))
    torch.testing.assert_close(nn.GroupNorm(6, 6)(x), nn.InstanceNorm2d(6)(x))
    assert (nn.GroupNorm(3, 6)(x) - nn.LayerNorm([6, 5, 5])(x)).abs().max() > 0.1


def test_old_layer_normalisation_takes_all_of_one_example():
    """Refuted: given the last axis, as in a Transformer, it takes each token on its own; given both, the whole."""
    torch.manual_seed(0)
    x = torch.randn(2, 5, 16, dtype=torch.float64) + torch.arange(5.0)[:, None]
    by_token = nn.LayerNorm(16, dtype=torch.float64)(x)
    assert by_token.mean(dim=2).abs().max() < 1e-9
    whole = nn.LayerNorm((5, 16), dtype=torch.float64)(x)
    assert whole.mean(dim=(1, 2)).abs().max() < 1e-9
    assert whole.mean(dim=2).abs().max() > 0.5


def test_weight_norm_parts_length_and_direction_and_spectral_norm_bounds_the_largest():
    torch.manual_seed(0)
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(5, 4))
    parts = layer.parametrizations.weight
    length, direction = parts.original0, parts.original1
    torch.testing.assert_close(layer.weight, length * direction / direction.norm(dim=1, keepdim=True))
    spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(32, 32), n_power_iterations=500)
    values = torch.linalg.svdvals(spectral.weight)
    torch.testing.assert_close(values[0].item(), 1.0, rtol=1e-2, atol=0.0)
    assert values[16] < 0.8
    # Through twenty such layers a random gradient vanishes all the same.
    gradient = torch.randn(32)
    for _ in range(20):
        matrix = torch.randn(32, 32)
        gradient = gradient @ (matrix / torch.linalg.matrix_norm(matrix, 2))
    assert gradient.norm() < 1e-3
