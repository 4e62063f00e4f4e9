"""What the pages say of the installed libraries, over all cases that the sentences speak of."""

import inspect
import itertools
import math
import warnings
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn import preprocessing
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn
from torch.nn.utils import clip_grad_value_
from torch.utils.checkpoint import checkpoint


def cut_by(way, w, other):
    """A loss in which the parameter stands, except for the way that keeps the gradient from it."""
    if way == "detach":
        return w.detach().sum() + other.sum()
    if way == "item":
        return w.sum().item() + other.sum()
    if way == "argmax":
        return w.argmax() + other.sum()
    if way == "no_grad":
        with torch.no_grad():
            hidden = w.sum()
        return hidden + other.sum()
    if way == "frozen":
        w.requires_grad_(False)
        return w.sum() + other.sum()
    return other.sum() if way == "unused" else w.sum() + other.sum()


@pytest.mark.parametrize("way", ["detach", "item", "argmax", "no_grad", "frozen", "unused", "no backward", "path"])
def test_each_way_named_leaves_none_and_a_path_leaves_a_gradient(way):
    w, other = nn.Parameter(torch.tensor([1.0, 3.0])), nn.Parameter(torch.ones(2))
    loss = cut_by(way, w, other)
    if way != "no backward":
        loss.backward()
        assert other.grad is not None
    assert (w.grad is None) == (way != "path")


@pytest.mark.parametrize("retain", [True, False])
def test_an_intermediate_tensor_keeps_its_gradient_only_if_told(retain):
    h = nn.Parameter(torch.ones(2)) * 2
    if retain:
        h.retain_grad()
    h.sum().backward()
    with nullcontext() if retain else pytest.warns(UserWarning, match="not a leaf"):
        assert (h.grad is not None) == retain


STEPS = ("round", "sign", "floor", "ceil", "trunc", "argmax", "argmin", "argsort")


@pytest.mark.parametrize("name", STEPS)
def test_steps_pass_zeros_and_indices_pass_nothing(name):
    x = torch.tensor([-2.3, 0.4, 1.7], requires_grad=True)
    out = getattr(torch, name)(x)
    if name.startswith("arg"):
        assert not out.requires_grad
        assert out.dtype is torch.int64
    else:
        assert torch.autograd.grad(out.sum(), x)[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("plain", "holder"), [(list, nn.ModuleList), (tuple, nn.ModuleList), (dict, nn.ModuleDict)])
def test_layers_in_a_plain_container_are_no_parameters(plain, holder):
    """The optimiser gets what ``parameters()`` returns, and steps and moves and saves pass by the rest."""

    class Net(nn.Module):
        def __init__(self, kind):
            super().__init__()
            layers = {str(index): nn.Linear(2, 2) for index in range(3)}
            self.layers = kind(layers if kind in (dict, nn.ModuleDict) else layers.values())
            self.head = nn.Linear(2, 1)

    assert (len(list(Net(plain).parameters())), len(list(Net(holder).parameters()))) == (2, 8)
    assert (len(Net(plain).state_dict()), len(Net(holder).state_dict())) == (2, 8)


NORMALISED = [(nn.BatchNorm1d, (6, 4)), (nn.BatchNorm1d, (6, 4, 5)), (nn.BatchNorm2d, (6, 4, 5, 3))]
NORMALISED += [(nn.BatchNorm3d, (6, 4, 2, 3, 2))]


@pytest.mark.parametrize(("layer", "shape"), NORMALISED)
def test_batch_norm_takes_examples_and_places_for_each_channel(layer, shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3 + 1
    others = [axis for axis in range(len(shape)) if axis != 1]
    expected = (x - x.mean(others, keepdim=True)) / (x.var(others, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(layer(4, affine=False).double()(x), expected)


@pytest.mark.parametrize("shape", [(6, 4), (6, 3, 4), (6, 2, 3, 4)])
def test_layer_norm_takes_the_features_of_each_token_apart(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3 + 1
    expected = (x - x.mean(-1, keepdim=True)) / (x.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(nn.LayerNorm(4, elementwise_affine=False)(x), expected)


@pytest.mark.parametrize("layer", [nn.BatchNorm1d(3), nn.BatchNorm2d(3), nn.BatchNorm3d(3), nn.SyncBatchNorm(3)])
def test_train_on_a_model_undoes_eval_on_its_layers(layer):
    model = nn.Sequential(nn.Sequential(layer), nn.Linear(3, 3))
    layer.eval()
    model.train()
    assert layer.training


def optimizers():
    """All of torch.optim that can step on a weight with its defaults."""
    for name, kind in vars(torch.optim).items():
        if inspect.isclass(kind) and name not in ("Optimizer", "LBFGS", "SparseAdam"):
            yield name


@pytest.mark.parametrize("name", list(optimizers()))
def test_state_dict_holds_references_that_every_optimizer_changes_in_place(name):
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))
    kept = model.state_dict()
    copied = {key: value.clone() for key, value in kept.items()}
    step = getattr(torch.optim, name)([each for each in model.parameters() if name != "Muon" or each.ndim == 2], lr=0.1)
    model(torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]])).square().sum().backward()
    step.step()
    assert not torch.equal(kept["2.weight"], copied["2.weight"])
    assert not torch.equal(kept["1.running_mean"], copied["1.running_mean"])
    assert all(kept[key].data_ptr() == value.data_ptr() for key, value in model.state_dict().items())


DROPOUTS = [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout]


@pytest.mark.parametrize("kind", DROPOUTS)
def test_dropout_has_one_number_and_no_parameters(kind):
    layer = kind(0.3)
    assert not list(layer.parameters())
    assert not layer.state_dict()
    assert list(inspect.signature(kind).parameters) == ["p", "inplace"]


@pytest.mark.parametrize(("training", "mode"), list(itertools.product([None, True, False], [True, False])))
def test_the_function_dropout_follows_its_argument_whatever_the_mode(training, mode):
    class Net(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x, 0.5, **({} if training is None else {"training": training}))

    x = torch.ones(1000)
    assert torch.equal(Net().train(mode)(x), x) == (training is False)


@pytest.mark.parametrize(("reentrant", "keep"), list(itertools.product([True, False], [None, True, False])))
def test_masks_of_a_checkpoint_agree_only_while_the_state_is_kept(reentrant, keep):
    torch.manual_seed(0)
    x = torch.ones(1000, requires_grad=True)
    how = {} if keep is None else {"preserve_rng_state": keep}
    out = checkpoint(lambda h: torch.dropout(h, 0.5, True) * h, x, use_reentrant=reentrant, **how)
    out.sum().backward()
    assert bool((x.grad == 2 * out).all()) == (keep is not False)


@pytest.mark.parametrize(("net", "steps"), list(itertools.product([nn.RNN, nn.GRU, nn.LSTM], [2, 7])))
def test_between_the_layers_every_step_has_its_own_mask(net, steps):
    """What reaches the second layer is read off the gradient of its input weights, a column for each unit."""
    torch.manual_seed(38)
    cell, inputs, reached = net(8, 30, num_layers=2, dropout=0.5), torch.randn(steps, 1, 8), []
    for step in range(steps):
        torch.manual_seed(1)  # the same masks again
        (grad,) = torch.autograd.grad(cell(inputs)[0][step].sum(), cell.weight_ih_l1)
        reached.append((grad.abs().sum(0) > 0).sum().item())
    # With one mask for all steps half of the units would stay dark; with fresh ones the dark are ever fewer.
    assert reached[0] < 25
    assert reached[0] < reached[-1]
    assert reached[-1] == pytest.approx(30 * (1 - 0.5**steps), abs=6)


ACTIVATIONS = MLPClassifier._parameter_constraints["activation"][0].options


@pytest.mark.parametrize(
    ("net", "activation"), list(itertools.product([MLPRegressor, MLPClassifier], sorted(ACTIVATIONS)))
)
def test_activation_of_scikit_learn_leaves_the_output_alone(net, activation):
    X = np.linspace(-1, 1, 60)[:, None]
    outs = set()
    for labels in ([-0.3], [-0.3, 0.3]):
        y = np.digitize(X[:, 0], labels) if net is MLPClassifier else X[:, 0]
        model = net(hidden_layer_sizes=(3,), activation=activation, solver="lbfgs", max_iter=5, random_state=0)
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            outs.add(model.fit(X, y).out_activation_)
    assert outs == ({"identity"} if net is MLPRegressor else {"logistic", "softmax"})


SCALERS = [
    preprocessing.StandardScaler(),
    preprocessing.MinMaxScaler(),
    preprocessing.MaxAbsScaler(),
    preprocessing.RobustScaler(),
    preprocessing.PowerTransformer(),
    preprocessing.QuantileTransformer(n_quantiles=20),
    preprocessing.Normalizer(),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=repr)
def test_a_scaler_sees_no_labels(scaler):
    rng = np.random.default_rng(0)
    X = rng.lognormal(size=(40, 3))
    found = [scaler.fit(X, y).transform(X) for y in (None, X[:, 0] > 1, rng.normal(size=40))]
    assert all(np.array_equal(found[0], each) for each in found[1:])


@pytest.mark.parametrize(
    ("scaler", "keeps"),
    [
        (preprocessing.StandardScaler(with_mean=False), True),
        (preprocessing.RobustScaler(with_centering=False), True),
        (preprocessing.MaxAbsScaler(), True),
        (preprocessing.StandardScaler(), False),
        (preprocessing.RobustScaler(), False),
        (preprocessing.MinMaxScaler(), False),
    ],
    ids=repr,
)
def test_scaling_keeps_the_zeros_of_sparse_columns_and_centring_does_not(scaler, keeps):
    rng = np.random.default_rng(0)
    X = np.where(rng.random((200, 5)) < 0.8, rng.normal(1, 1, (200, 5)), 0)  # neither median nor least value is zero
    assert np.array_equal(scaler.fit_transform(X) == 0, X == 0) == keeps
    with nullcontext() if keeps else pytest.raises((TypeError, ValueError), match=r"[Cc]ente?r|sparse"):
        scaler.fit(sparse.csr_array(X))


@pytest.mark.parametrize(("norm", "power"), [("l1", 1), ("l2", 2), ("max", np.inf)])
def test_normalizer_brings_each_example_but_zero_to_norm_one(norm, power):
    X = np.vstack([np.random.default_rng(0).normal(size=(20, 4)) * np.logspace(-9, 9, 20)[:, None], np.zeros((1, 4))])
    found = np.linalg.norm(preprocessing.Normalizer(norm).fit_transform(X), power, axis=1)
    assert found[:-1] == pytest.approx(np.ones(20))
    assert found[-1] == 0
    assert preprocessing.Normalizer().norm == "l2"


@pytest.mark.parametrize("tensors", [1, 3])
def test_clip_grad_value_cuts_each_component_by_itself(tensors):
    parameters = [nn.Parameter(torch.zeros(5)) for _ in range(tensors)]
    grads = [torch.tensor([-math.inf, -2.0, 0.3, 0.5, 7.0 + index]) for index in range(tensors)]
    for each, grad in zip(parameters, grads, strict=True):
        each.grad = grad.clone()
    clip_grad_value_(parameters, 0.5)
    assert all(torch.equal(each.grad, grad.clamp(-0.5, 0.5)) for each, grad in zip(parameters, grads, strict=True))


@pytest.mark.parametrize("net", [MLPClassifier, MLPRegressor])
def test_no_net_of_scikit_learn_has_dropout(net):
    assert "alpha" in inspect.signature(net).parameters
    assert not any("drop" in name for name in inspect.signature(net).parameters)
