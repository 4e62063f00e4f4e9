"""Formulas as one line: what a layout says is said by signs, for every formula of the package."""

import lxml.html
import pytest

import optnotes
from optnotes.site.lean.mathml import to_mathml
from optnotes.site.words.docstrings import read
from optnotes.site.words.linear import linear


def written(tex):
    return " ".join(map(linear, lxml.html.fragments_fromstring(to_mathml(tex, True))))


@pytest.mark.parametrize(
    ("tex", "line"),
    [
        (r"\frac{a + b}{c d}", "(a + b)/(cd)"),
        (r"\frac{1}{n} \sum_{i=1}^n x_i^2", "(1/n) ∑_(i=1)^n x_i²"),
        (r"\frac{1}{2} \bigl( a - b \bigr)", "(1/2) (a − b)"),
        (r"\frac{x}{2} + \frac{y}{3}", "x/2 + y/3"),
        (r"\frac{\log a}{\log 10}", "(log a)/(log 10)"),
        (r"\sqrt{3 n} + \sqrt{v}", "√(3n) + √v"),
        (r"\sqrt{q_{l-1}} u", "√q_(l−1) u"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"e^{z_i} e^{-a}", "e^(z_i) e^(−a)"),
        (r"\hat{w} + \tilde{g}_i - \bar{x}^2", "ŵ + g̃_i − x̄²"),
        (r"\lvert a \rvert - \lvert -b \rvert", "|a| − |−b|"),
        (r"a_j \min(0, x_{ij})", "a_j min(0, x_ij)"),
        (r"\lambda_{\max} f'(x)", "λ_max f′(x)"),
        (r"\phi(x) = \begin{cases} x & x > 0 \\ -1 & x \le 0 \end{cases}", "ϕ(x) = {x, x > 0; −1, x ≤ 0}"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b; c = d"),
        (r"\begin{aligned} a &= b \\ &\quad + c \end{aligned}", "a = b + c"),
        (r"W^\top x, \quad b", "W^⊤ x, b"),
    ],
)
def test_a_layout_becomes_signs(tex, line):
    assert written(tex) == line


@pytest.mark.parametrize(("name", "function"), optnotes.formulas().items())
def test_every_formula_has_a_line_without_tex_in_which_nothing_falls_apart(name, function):
    tex = read(function).tex
    line = written(tex)
    assert not set("\\$&\N{FUNCTION APPLICATION}") & set(line)
    assert "  " not in line
    for opening, closing in ("()", "[]", "{}"):
        assert line.count(opening) == line.count(closing)
    assert line.count("√") == tex.count(r"\sqrt")
    assert line.count("/") >= tex.count(r"\frac")
