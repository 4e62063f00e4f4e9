"""Question 35, regularisation: what the note says, held against computation."""

import math

import numpy as np
import torch
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from examples import one_shrinkage, regularisers_compared, strength_window
from optnotes.penalties import l1_subgradient, l2_gradient, ridge_solution
from tests.claims.items import code, curves, number
from tests.examples import numbers_of


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def memorised(monkeypatch, method, strength):
    """Share of random labels that a network fits in spite of a regulariser of this strength."""
    with monkeypatch.context() as patch:
        patch.setitem(regularisers_compared.METHODS, method, strength)
        return regularisers_compared.train(0.9, method)[-1].mean().item()


def digits():
    """A hundred training digits, the rest for testing, pixels from zero to one."""
    X, y = load_digits(return_X_y=True)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(35)).numpy()
    X, y = X[order] / 16, y[order]
    return X[:100], y[:100], X[100:], y[100:]


def shifts(X):
    """Every image in nine places."""
    images = torch.nn.functional.pad(torch.tensor(X).reshape(-1, 8, 8), (1, 1, 1, 1))
    return [images[:, i : i + 8, j : j + 8].reshape(-1, 64).numpy() for i in range(3) for j in range(3)]


def test_35_01():
    """Holds: a penalty of suitable strength lowers the error on new data and narrows its gap to the training error."""
    found = numbers_of(strength_window)
    assert found["noisy_best"] < 0.8 * found["noisy_weak"]
    gaps = [found[f"noisy_{at}"] - found[f"noisy_{at}_train"] for at in ("best", "weak")]
    assert 0 < gaps[0] < 0.7 * gaps[1]
    assert found["noisy_best_train"] > found["noisy_weak_train"]


def test_35_02():
    """Imprecise: noisy copies and early stopping constrain no weight, and regularise all the same."""
    same = numbers_of(one_shrinkage)
    assert same["difference_balanced"] < 1e-10
    assert same["difference_stopped"] < 0.15 * same["length"]
    gains = numbers_of(regularisers_compared)
    for method in ("shifts", "early"):
        assert gains[f"noisy_{method}"] > gains[f"noisy_{method}_half"]


def test_35_03():
    """Imprecise: the best training loss that can be reached rises; what gets better is the conditioning."""
    train = strength_window.compute().train
    assert (train.diff(dim=1) > 0).all()
    found = numbers_of(strength_window)
    assert found["kappa_best"] < found["kappa"] / 10
    lams = torch.linalg.eigvalsh(strength_window.data()[0].T @ strength_window.data()[0])
    alpha = found["noisy_predicted"]
    torch.testing.assert_close(found["kappa_best"], ((lams[-1] + alpha) / (lams[0] + alpha)).item())


def test_35_04(monkeypatch):
    """Condition: with adequate strength; the usual weak ones let a network learn random labels by heart."""
    found = numbers_of(regularisers_compared)
    assert found["wrong_plain"] > 0.9
    for method in ("decay", "l1", "dropout", "shifts"):
        assert found[f"wrong_{method}"] < 0.5
    for method, strength in (("decay", 0.01), ("dropout", 0.1)):
        assert memorised(monkeypatch, method, strength) > 0.8


def test_35_05():
    """Condition: for a suitable strength only, and where there is noise to resist."""
    found = numbers_of(strength_window)
    assert found["noisy_best"] < 0.8 * min(found["noisy_weak"], found["noisy_strong"])
    assert found["quiet_best"] > 0.98 * found["quiet_weak"]
    gains = numbers_of(regularisers_compared)
    assert gains["noisy_decay"] > 5 > 0 > gains["noisy_strong"]


def test_35_06():
    """Holds, though only L2 pulls a large weight harder than a small one."""
    w, none = torch.tensor([-3.0, 0.01, 2.0], dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    torch.testing.assert_close(l2_gradient(none, w, 0.7), 0.7 * w)
    assert l1_subgradient(w, 0.7).tolist() == [-0.7, 0.7, 0.7]


def test_35_07():
    """Holds: random units are off during training, others in every example, and none at inference."""
    layer, x = torch.nn.Dropout(0.3), torch.ones(400, 500)
    with torch.random.fork_rng():
        torch.manual_seed(35)
        y = layer(x)
    off = y == 0
    # Standard error of the share: 0.001.
    assert abs(off.double().mean().item() - 0.3) < 0.005
    torch.testing.assert_close(y[~off], torch.full_like(y[~off], 1 / 0.7))
    assert not torch.equal(off[0], off[1])
    assert torch.equal(layer.eval()(x), x)


def test_35_08():
    """Condition: shifts keep the label and help; half a turn makes a nine of a six and teaches a mistake."""
    X, y, new, truth = digits()
    labels = np.tile(y, 9)

    def score(images, answers, data, expected):
        return KNeighborsClassifier(1).fit(images, answers).score(data, expected)

    moved = np.concatenate(shifts(X))
    plain, helped = (score(*train, new, truth) for train in ((X, y), (moved, labels)))
    assert helped > plain - 0.005
    right_down = shifts(new)[0]
    assert score(moved, labels, right_down, truth) > score(X, y, right_down, truth) + 0.2
    # Sixes turned into nines keep the wrong label.
    turned = np.concatenate([X, X[:, ::-1]])
    sixes = (truth == 6) | (truth == 9)
    assert score(turned, np.tile(y, 2), new[sixes], truth[sixes]) < score(X, y, new[sixes], truth[sixes]) - 0.02
    gains = numbers_of(regularisers_compared)
    assert gains["clean_turns"] < -gains["clean_turns_half"]


def test_35_09():
    """Condition: with patience and the best weights restored; and for least squares it is near ridge, not equal."""
    valid = torch.tensor([0.9, 0.5, 0.52, 0.4, 0.41, 0.35, 0.36, 0.38, 0.39, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9])
    curve = valid[:, None].expand(-1, regularisers_compared.SEEDS)
    restored, last = regularisers_compared.stopped(curve)
    assert valid[restored[0]] == valid.min()
    assert valid[last[0]] > 1.5 * valid.min()
    # To stop where the error first stops falling is too early on a jagged curve.
    first = int((valid.diff() > 0).int().argmax())
    assert valid[first] > 1.3 * valid.min()
    found = numbers_of(one_shrinkage)
    assert found["filter_error"] < 1e-10
    assert 0.1 < found["gap"] < 0.3


def test_35_10():
    """Holds, exactly for ridge: its weights are those of least squares inside a ball of their own length."""
    X, y = normal(30, 5, seed=1), normal(30, seed=2)
    w = ridge_solution(X, y, alpha=7.0)
    A, b, radius = X.numpy(), y.numpy(), w.norm().item()
    tied = minimize(
        lambda v: ((A @ v - b) ** 2).sum(),
        [0.0] * 5,
        jac=lambda v: 2 * A.T @ (A @ v - b),
        constraints={"type": "ineq", "fun": lambda v: radius**2 - v @ v, "jac": lambda v: -2 * v},
        method="SLSQP",
        tol=1e-12,
    )
    torch.testing.assert_close(torch.tensor(tied.x), w, atol=1e-5, rtol=0.0)
    free = torch.linalg.solve(X.T @ X, X.T @ y)
    assert free.norm() > 1.1 * radius


def test_35_11(monkeypatch):
    """Condition: a bias, no guarantee: networks memorise in spite of it, and generalise without it."""
    # The bias: as the penalty grows, the weights of a polynomial only get shorter, and its graph smoother on the whole.
    x = torch.linspace(-1, 1, 30, dtype=torch.float64)
    X = torch.linalg.vander(x, N=13)
    y = torch.sin(3 * x) + 0.3 * normal(30, seed=3)
    weights = torch.stack([ridge_solution(X, y, 10.0**k) for k in range(-6, 2)])
    assert (weights.norm(dim=1).diff() < 0).all()
    roughness = (weights @ X.T).diff(n=2, dim=1).square().sum(1)
    assert roughness[-1] < 0.01 * roughness[0]
    # Smoother with every step is no law: the penalty acts on weights, not on curvature.
    assert (roughness.diff() > 0).any()
    # No guarantee: the weak decay memorises nine wrong labels in ten.
    assert memorised(monkeypatch, "decay", 0.01) > 0.8
    # Nor is it needed: without any regulariser the network generalises on clean labels.
    assert numbers_of(regularisers_compared)["clean_plain"] > 0.85


def test_35_d13():
    assert number("35-d13") == 3**2 / 2**2


def test_35_d14():
    assert math.isclose(number("35-d14") * 0.05 * 40, 1)


def test_35_d15():
    assert math.isclose(number("35-d15"), 200 * 0.1**2)


def test_35_d16():
    def epoch(model):
        with torch.no_grad():
            model.weight += 1

    def restored(best_weights):
        model, losses = torch.nn.Linear(1, 1, bias=False), iter([3.0, 1.0, 2.0])
        torch.nn.init.zeros_(model.weight)
        return best_weights(model, 3, epoch, lambda model: next(losses))["weight"].item()

    assert list(map(restored, code("35-d16"))) == [3, 2]


def test_35_d17():
    def modes(train):
        seen = []
        train(torch.nn.Dropout(), 3, lambda model: seen.append(model.training), lambda model: None)
        return seen

    wrong, cured = map(modes, code("35-d17"))
    assert wrong == [True, False, False]
    assert cured == [True, True, True]


def test_35_d18():
    descent, weak, strong = curves("35-d18", 0.1, 0.4)
    assert math.isclose(descent[0], 1 - 0.9**20)
    assert descent[0] > weak[0] + 0.1 > strong[0]
    assert descent[1] > 0.999 > 0.95 > weak[1] > strong[1]
