"""The TeX reader: each construct once with a hand value, each refusal once."""

import math

import pytest
import torch

from tests.tex.reader import Interval, TexError, TexMismatch, evaluate, normalise

X = [[1.0, 2.0], [3.0, 5.0], [0.0, -1.0]]
A = [[2.0, 1.0], [0.0, 4.0]]
NAMES = {
    "a": 2.0, "b": 5.0, "p": 0.25, "n": 3, r"\lambda": 0.5, r"\lambda_1": 0.75,
    "v": [1.0, -2.0, 4.0], "u": [3.0, 0.0, -1.0], "w": [2.0, -1.0],
    "X": X, "A": A, "S": [[2.0, 0.0], [0.0, 8.0]], "W": [A, [[1.0, 1.0], [0.0, 1.0]]],
}  # fmt: skip


def tensor(value):
    return torch.tensor(value, dtype=torch.float64)


BOUND = {
    name: value if isinstance(value, float | int) else [*map(tensor, value)] if name == "W" else tensor(value)
    for name, value in NAMES.items()
}
BOUND[r"\phi"] = torch.relu
BOUND[r"\nabla \mathcal{L}(w)"] = tensor([10.0, 20.0])
BOUND["w_t"] = tensor([7.0, 9.0])

VALUES = [
    # Numbers, sums and products.
    (r"1.5 + 2 - 0.25", 1.5 + 2 - 0.25),
    (r"-a + b", -2.0 + 5.0),
    (r"a b", 10.0),
    (r"2 a \cdot b", 20.0),
    (r"a \times b", 10.0),
    (r"a (b - 1)", 8.0),
    (r"a \bigl[ b - \left( 1 - p \right) \bigr]", 2.0 * (5.0 - 0.75)),
    (r"b / a", 2.5),
    (r"b / (2 a)", 1.25),
    (r"\frac{a}{b} + \tfrac12 + \dfrac\lambda4", 0.4 + 0.5 + 0.125),
    (r"a^2 b^{-1}", 0.8),
    (r"a^{n}", 8.0),
    (r"a^{1/2}", math.sqrt(2.0)),
    (r"\sqrt{a b}", math.sqrt(10.0)),
    (r"\pi + e", math.pi + math.e),
    (r"e^{-a}", math.exp(-2.0)),
    # Vectors and matrices.
    (r"v + u", [4.0, -2.0, 3.0]),
    (r"1 - v", [0.0, 3.0, -3.0]),
    (r"v u", [3.0, 0.0, -4.0]),
    (r"v \odot u", [3.0, 0.0, -4.0]),
    (r"\frac{u}{v}", [3.0, 0.0, -0.25]),
    (r"v^2", [1.0, 4.0, 16.0]),
    (r"v^\top u", 3.0 - 4.0),
    (r"v w^\top", [[2.0, -1.0], [-4.0, 2.0], [8.0, -4.0]]),
    (r"X w", [0.0, 1.0, 1.0]),
    (r"X^\top v", [1.0 - 6.0, 2.0 - 10.0 - 4.0]),
    (r"X A", [[2.0, 9.0], [6.0, 23.0], [0.0, -4.0]]),
    (r"w^\top A w", 2.0 * 3.0 + 4.0),
    (r"A^2", [[4.0, 6.0], [0.0, 16.0]]),
    (r"A^{-1} w", [2.25 / 2, -0.25]),
    (r"S^{-1/2} w", [math.sqrt(2.0), -1 / math.sqrt(8.0)]),
    (r"A + a I", [[4.0, 1.0], [0.0, 6.0]]),
    (r"(I - p A) w", [2.0 - 0.75, 0.0]),
    (r"X - \mathbf{1} w^\top", [[-1.0, 3.0], [1.0, 6.0], [-2.0, 0.0]]),
    (r"\mathbf{1}^\top v", 3.0),
    (r"v + a \mathbf{1}", [3.0, 0.0, 6.0]),
    # Norms and absolute values.
    (r"\lvert a - b \rvert", 3.0),
    (r"\lVert v \rVert_1", 7.0),
    (r"\lVert v \rVert_2^2", 21.0),
    (r"\lVert v \rVert^2", 21.0),
    (r"\lVert v \rVert_\infty", 4.0),
    (r"\lVert S \rVert_2", 8.0),
    (r"\lVert A \rVert_F", math.sqrt(21.0)),
    # Functions.
    (r"\exp(a) + \log b - \ln(b)", math.exp(2.0)),
    (r"\sin a + \cos(a)", math.sin(2.0) + math.cos(2.0)),
    (r"\tanh^2 a + \tanh(a)^2", 2 * math.tanh(2.0) ** 2),
    (r"\cosh(a) - \sinh(a)", math.exp(-2.0)),
    (r"\Phi(0) + \varphi(0)", 0.5 + 1 / math.sqrt(2 * math.pi)),
    (r"\psi(1)", -0.5772156649015329),
    (r"\max(a, b) - \min(a, b)", 3.0),
    (r"\max(v, 0)", [1.0, 0.0, 4.0]),
    (r"\max v", 4.0),
    (r"\operatorname{sign}(v)", [1.0, -1.0, 1.0]),
    (r"\operatorname{erf}(a)", math.erf(2.0)),
    (r"\operatorname{diag}(w)", [[2.0, 0.0], [0.0, -1.0]]),
    (r"\operatorname{diag}(A)", [[2.0, 0.0], [0.0, 4.0]]),
    (r"\operatorname{tr}(A) + \operatorname{rank}(A)", 8.0),
    (r"\operatorname{softmax}(w)", [1 / (1 + math.exp(-3.0)), 1 / (1 + math.exp(3.0))]),
    (r"\operatorname{clip}(v, -1, a)", [1.0, -1.0, 2.0]),
    (r"\operatorname{Var}(v)", 6.0),
    (r"\operatorname{cov}(v, u)", (0.0 + 3.0 * 2 / 3 - 3.0 * 5 / 3) / 3),
    (r"\operatorname{corr}(v, v)", 1.0),
    (r"\phi(v)", [1.0, 0.0, 4.0]),
    (r"\phi(a)^2", 4.0),
    # Names and indices: the longest bound spelling wins.
    (r"\lambda_1 + \lambda", 1.25),
    (r"w_t + w", [9.0, 8.0]),
    (r"\nabla \mathcal{L}(w) + w", [12.0, 19.0]),
    (r"v_2 + X_{1,2} + X_{2,1}", -2.0 + 2.0 + 3.0),
    (r"X_1", [1.0, 2.0]),
    (r"v_{n-1}", -2.0),
    (r"W_2 w", [1.0, -1.0]),
    # Big operators.
    (r"\sum_{i=1}^{n} v_i^2", 21.0),
    (r"\sum_i v_i + a", 5.0),
    (r"\sum_i v_i u_i", -1.0),
    (r"\sum_{i=1}^{n} \sum_j X_{ij}", 10.0),
    (r"\sum_{i,j} X_{ij}", 10.0),
    (r"\sum_{i<j} v_i v_j", -2.0 + 4.0 - 8.0),
    (r"\sum_{j \ne 2} v_j", 5.0),
    (r"\prod_{k=1}^{3} v_k", -8.0),
    (r"\prod_{k=1}^{2} W_k", [[2.0, 3.0], [0.0, 4.0]]),
    (r"\max_i \lvert v_i \rvert - \min_i v_i", 6.0),
    (r"\log \sum_i e^{w_i}", math.log(math.exp(2.0) + math.exp(-1.0))),
    (r"\sum_{k=1}^{n} a^k", 14.0),
    (r"\mathbb{E}_{u}[ (a u + 1)^2 ]", 5.0),
    (r"\mathbb{E}_u\bigl[ \phi(u)^2 \bigr]", 0.5),
    # Conditions.
    (r"\mathbb{1}[v > 0]", [1.0, 0.0, 1.0]),
    (r"\mathbb{1}[0 < a \le 2]", 1.0),
    (r"\begin{cases} v & v > 0 \\ p v, & v \le 0 \end{cases}", [1.0, -0.5, 4.0]),
]


@pytest.mark.parametrize(("tex", "expected"), VALUES, ids=[tex for tex, _ in VALUES])
def test_value(tex, expected):
    torch.testing.assert_close(tensor(expected), evaluate(f"y = {tex}", BOUND)["y"])


STATEMENTS = [
    (r"\hat{c} = a + 1, \qquad y = \hat{c}^2", "y", 9.0),
    (r"\begin{aligned} c &= a + 1 \\ y &= c b \\ &= 15 \end{aligned}", "y", 15.0),
    (r"y = a \\ + b", "y", 7.0),
    (r"y = a b = 10 = 2 b.", "y", 10.0),
    (r"y_i = v_i - a", "y_i", [-1.0, -4.0, 2.0]),
    (r"y_i = v_i - a", "y", [-1.0, -4.0, 2.0]),
    (r"y_{ij} = X_{ij} - w_j", "y", [[-1.0, 3.0], [1.0, 6.0], [-2.0, 0.0]]),
    (r"y_{ji} = X_{ij}", "y", [[1.0, 3.0, 0.0], [2.0, 5.0, -1.0]]),
    (r"\mu_j = \frac{1}{n} \sum_{i=1}^{n} X_{ij}, \quad y'_j = \mu_j - 2", "y'", [4 / 3 - 2, 0.0]),
    (r"\sigma_j^2 = \sum_i X_{ij}^2, \quad y_j = \sigma_j^2 + 1", "y", [11.0, 31.0]),
    (r"w_{t+1} = w_t - a w", "w_{t+1}", [3.0, 11.0]),
    (r"\mathbb{E}[\tilde{h}_i] = p v_i", r"\mathbb{E}[\tilde{h}_i]", [0.25, -0.5, 1.0]),
    (r"\mathcal{L}_\lambda(w) = a + \lambda", r"\mathcal{L}_\lambda(w)", 2.5),
    (r"f(x) = x^2 + 1, \quad y = f(a) + f(-b)", "y", 31.0),
    (r"f(x, z) = x - z, \quad y = f(b, f(a, 1))", "y", 4.0),
    (r"T_\tau(x) = \max(x - \tau, 0), \quad y = T_{a p}(b)", "y", 4.5),
    (r"\sigma(a) = \frac{1}{1 + e^{-a}}, \quad y = \sigma(a) + \sigma(-a)", "y", 1.0),
    (r"r \le a b \le 11", "r", 10.0),
    (r"r \ge a", "r", 2.0),
    (r"e = a, \quad y = e^2", "y", 4.0),
]


@pytest.mark.parametrize(("tex", "name", "expected"), STATEMENTS, ids=[tex for tex, _, _ in STATEMENTS])
def test_statements(tex, name, expected):
    torch.testing.assert_close(tensor(expected), evaluate(tex, BOUND)[normalise(name)])


def test_sets_are_intervals():
    tex = r"\partial v_i = \begin{cases} \{ a \} & v_i > 0 \\ [-a, b] & v_i \le 0 \end{cases}"
    (result,) = evaluate(tex, BOUND).values()
    assert isinstance(result, Interval)
    assert result.lower.tolist() == [2.0, -2.0, 2.0]
    assert result.upper.tolist() == [2.0, 5.0, 2.0]


def test_bound_names_come_before_constants():
    assert evaluate("y = e + I", {"e": 1.5, "I": 2.0})["y"].item() == 3.5


def test_vectors_of_unequal_size_share_no_range():
    with pytest.raises(TexError, match="range of 'i'"):
        evaluate(r"y = \sum_i v_i w_i", BOUND)


REFUSED = {
    r"y = a q": "'q' is not bound",
    r"y = \hat{a}": r"'\\hat a' is not bound",
    r"y = a'": "is not bound",
    r"y = \phi": "needs its arguments",
    r"y = \phi'(a)": "is not bound",
    r"y = \operatorname{foo}(a)": "cannot read",
    r"y = \text{loss}": "cannot read",
    r"y = \mathrm{Re}": "cannot read",
    r"y = |a|": "cannot read",
    r"y = a + ": "ends too early",
    r"y = (a + b": "never closed",
    r"y = (a + b]": "closes another bracket",
    r"y = b / a b": "right after a quotient",
    r"y = \log a b": "needs brackets",
    r"y = a \cdot -b": "cannot read",
    r"y = {a + b}": "cannot read this bracket",
    r"y = (a, b)": "cannot read this bracket",
    r"y = a^2^2": "two superscripts",
    r"y = a_1": "no index",
    r"y = v_4": "no element 4",
    r"y = v_0": "no element 0",
    r"y = X_{12}": "no element 12",
    r"y = v_a b + v_{p}": "must be an integer",
    r"y = v^*": "cannot read",
    r"y = v \cdot u": "by a dot",
    r"y = v w": "the product",
    r"y = v A": "the product",
    r"y = X v": "the product",
    r"y = A \odot X": "entry-by-entry",
    r"y = A + 1": "the sum",
    r"y = v + w": "the sum",
    r"y = A + w": "the sum",
    r"y = \frac{v}{A}": "the quotient",
    r"y = X^2": "the power",
    r"y = A^{1/2}": "symmetric",
    r"y = \lVert X \rVert": "the norm",
    r"y = \lVert X \rVert_1": "the norm",
    r"y = \lVert v \rVert_3": "the norm",
    r"y = \exp(A)": "element-wise",
    r"y = \tanh^{-1}(a)": "whole power",
    r"y = \sum_i a": "range of 'i'",
    r"y = \sum_{i=1} v_i": "both bounds",
    r"y = \sum_{i}^{n} v_i": "both bounds",
    r"y = \sum_{i=3}^{2} v_i": "no values",
    r"y = v_i": "'i' is not bound",
    r"y = \mathbb{1}[a]": "needs a relation",
    r"y = \begin{cases} a & a > 0 \\ b & a > 1 \end{cases}": "exactly one case",
    r"y = \begin{cases} a & a < 0 \\ b & a < 1 \end{cases}": "exactly one case",
    r"y = \begin{cases} a \\ b \end{cases}": "a value, '&' and a condition",
    r"y = \begin{cases} \{a\} & a > 0 \\ b & a \le 0 \end{cases}": "a set in one case",
    r"a + b": "needs a relation",
    r"y =": "needs a relation between two sides",
    r"f(x) = x^2 = 4": "more than one right side",
    r"f(x) = x q, \quad y = f(a)": "'q' is not bound",
    r"f(x) = x^2, \quad y = f(a, b)": "takes 1 arguments",
    r"g(a) = 3, \quad f(a) = g(a), \quad y = f(b) + c": "not bound",
    r"p_i = v_i": "no index",
    r"y_i = v_i, \quad y_j = u_j": "does not hold",
    r"y = \mathbb{E}_u[ v ]": "the mean over",
}


@pytest.mark.parametrize("tex", REFUSED)
def test_refused(tex):
    with pytest.raises(TexError, match=REFUSED[tex]):
        evaluate(tex, BOUND)


def test_the_error_names_the_place():
    with pytest.raises(TexError, match=r"'q' is not bound at 8: 'q \+ b'"):
        evaluate("y = a + q + b", BOUND)


@pytest.mark.parametrize("tex", [r"y = a = b", r"a \ge b", r"y = a \le 1", r"y = v \le 3", r"a b = 11", r"a < 2"])
def test_sides_that_do_not_agree(tex):
    with pytest.raises(TexMismatch):
        evaluate(tex, BOUND)


@pytest.mark.parametrize("tex", [r"y = a \le b", r"y = a \le 2", r"a b = 10", r"b > a", r"y = v \ge -2"])
def test_sides_that_agree(tex):
    assert evaluate(tex, BOUND)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"x _ {i}", "x_i"),
        (r"\hat{x}_{ i j }", r"\hat x_{ij}"),
        (r"\left( x \right)", "(x)"),
        (r"\Bigl[ a \, b \Bigr]", "[ab]"),
        (r"\tfrac{1}{2}", r"\frac12"),
        (r"\nabla\mathcal L(w)", r"\nabla\mathcal L(w)"),
        (r"a \leq b \neq c", r"a\le b\ne c"),
        (r"{{x}}", "x"),
    ],
)
def test_normalise(tex, expected):
    assert normalise(tex) == expected
    assert normalise(expected) == expected


def test_what_cannot_be_bound():
    with pytest.raises(TexError, match="cannot be bound"):
        evaluate("y = a", {"a": "text"})
