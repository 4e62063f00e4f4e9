"""Formulas are set as TeX sets them, in every browser: classes of symbols, spaces, parts, text that touches."""

import lxml.html
import pytest
from docutils import nodes
from docutils.utils import new_document
from lxml import etree

from optnotes.site.lean.mathml import Glue, statements, to_mathml
from tests.site.minisite import MiniSite

THIN, MEDIUM, THICK = "0.1667em", "0.2222em", "0.2778em"
# What browsers add beside an operator that says nothing itself (MathML Core, operator dictionary).
DICTIONARY = {"=": THICK, "≤": THICK, "<": THICK, "+": MEDIUM, "−": MEDIUM}


def gaps(tex: str, display: bool = True) -> str:
    """Symbols in their order, with the width of the space wherever there is one."""
    math = etree.fromstring(to_mathml(tex, display))
    found: list[str] = []
    for element in math.iter("mi", "mn", "mo", "mspace", "mfrac", "msqrt"):
        text = element.text or ""
        if element.tag == "mspace":
            found.append(element.get("width"))
        elif element.tag == "mo" and text != "\u2061":
            bare = "0em" if element.get("form") in ("prefix", "postfix") else DICTIONARY.get(text, "0em")
            comma = THIN if text == "," else bare
            left, right = element.get("lspace", bare), element.get("rspace", comma)
            found += [left] * (left != "0em") + [text] + [right] * (right != "0em")
        elif element.tag in ("mi", "mn"):
            found.append(text)
    return " ".join(found).replace(THIN, "'").replace(MEDIUM, "_").replace(THICK, "~")


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("a + b = c", "a _ + _ b ~ = ~ c"),
        ("w_{t-1}", "w t − 1"),
        (r"\sum_{i=1}^{n} x_i", "∑ ' i = 1 n x i"),
        (r"\frac{1}{n} \sum_{i=1}^{n} x_i", "1 n ' ∑ ' i = 1 n x i"),
        (r"a_j \min(0, x)", "a j ' min ( 0 , ' x )"),
        (r"\delta_{ij} \max(0, x) + y \log(z)", "δ i j ' max ( 0 , ' x ) _ + _ y ' log ( z )"),
        (r"\lVert W \rVert_2 \max_i d_i", "‖ W ‖ 2 ' max i ' d i"),
        (r"\lVert w \rVert_2^2 + n (a + b)^2 + 1", "‖ w ‖ 2 2 _ + _ n ( a _ + _ b ) 2 _ + _ 1"),
        (r"\left( \frac{a}{b} \right)^2 + 1", "( a b ) 2 _ + _ 1"),
        (r"\tanh(x)^2 u", "tanh ( x ) 2 u"),
        (r"\log \sum_j z_j", "log ' ∑ ' j z j"),
        (r"g \odot h", "g _ ⊙ _ h"),
        (r"x = -y", "x ~ = ~ − y"),
        (r"e^{-x} (-b)", "e − x ( − b )"),
        (r"\begin{aligned} a &= -b \\ &= c \end{aligned}", "a ~ = ~ − b ~ = ~ c"),
        (r"\eta \frac{m}{v}", "η ' m v"),
        (r"\frac{a + b}{c - 1}", "a _ + _ b c _ − _ 1"),
        (r"f'(x)", "f ′ ( x )"),
        (r"w^* - w", "w ∗ _ − _ w"),
        (r"V \operatorname{diag}(h) + a \operatorname{diag}(h)", "V _ diag ( h ) _ + _ a ' diag ( h )"),
    ],
)
def test_neighbours_have_the_space_of_their_classes(tex, expected):
    assert gaps(tex) == expected


def test_fractions_within_the_line_are_scripts():
    assert gaps(r"\frac{a + b}{c}", display=False) == "a + b c"
    assert gaps("a + b", display=False) == "a _ + _ b"


def test_operators_are_no_larger_than_their_line():
    (operator,) = etree.fromstring(to_mathml(r"g \odot h", True)).iter("mo")
    assert operator.get("largeop") == "false"


def test_a_root_holds_nothing_but_what_stands_in_it():
    (root,) = etree.fromstring(to_mathml(r"\sqrt{n}", True)).iter("msqrt")
    assert [child.text for child in root] == ["n"]


def test_low_indices_below_exponents_count_as_high_beside_high_ones():
    mixed, alike = (etree.fromstring(to_mathml(tex, True)) for tex in (r"s_w^2 + s_b^2 + s_l^2", "s_w^2 + s_a^2"))
    assert ["".join(each.itertext()) for each in mixed.iter("mpadded")] == ["w"]
    assert [index.tag for index in mixed.xpath(".//*[local-name()='msubsup']/*[2]")] == ["mpadded", "mi", "mi"]
    assert not list(alike.iter("mpadded"))


def test_a_sum_between_stretched_fences_is_not_their_sibling():
    (sums,) = etree.fromstring(to_mathml(r"\left( \sum_{k=1}^n a_k \right)", True)).iter("munderover")
    assert [child.tag for child in sums.getparent()] == ["munderover", "msub"]
    assert [end.text for end in (sums.getparent().getprevious(), sums.getparent().getnext())] == ["(", ")"]


def test_hats_are_accents():
    (hat,) = etree.fromstring(to_mathml(r"\hat{w}", True)).iter("mover")
    assert hat.get("accent") == "true"


def test_a_list_of_equations_comes_in_parts_that_a_narrow_screen_can_stack():
    tex = r"y = \begin{cases} a \quad b & c \end{cases}, \qquad f_{a \quad b} = c, \quad z = \{ 1 \}"
    assert statements(tex) == [
        r"y = \begin{cases} a \quad b & c \end{cases},",
        r"f_{a \quad b} = c,",
        r"z = \{ 1 \}",
    ]
    assert to_mathml(tex, True).count("<math ") == 3
    assert to_mathml(r"a \quad b", False).count("<math") == 1


def test_text_that_touches_a_formula_stays_on_its_line(tmp_path):
    site = MiniSite(tmp_path)
    site.page(
        "index",
        "# Home\n\nA word ($x$), a comma $y$, an $n$-th one, $z$ alone; a$w$ and **$v$**. At $p$ = 0.5 and $q$ = so.\n",
    )
    built = site.build()
    page = lxml.html.fromstring((built.out / "index.html").read_text("utf-8"))
    for annotation in page.xpath("//annotation"):
        annotation.drop_tree()
    assert [span.text_content() for span in page.find_class("glued")] == [
        "(x),",
        "y,",
        "n-th",
        "aw",
        "p = 0.5",
        "q = so.",
    ]


@pytest.mark.parametrize(("sign", "glued"), [(" = ", ["p = 0.5"]), (" ≈ ", ["p ≈ 0.5"]), (" or ", [])])
def test_a_formula_and_its_value_stay_on_one_line(sign, glued):
    document = new_document("page")
    number = nodes.inline("", "0.5", classes=["number"])
    document += nodes.paragraph("", "", nodes.math("", "p"), nodes.Text(sign), number, nodes.Text(" is half."))
    Glue(document).run()
    spans = [each for each in document.findall(nodes.inline) if "glued" in each["classes"]]
    assert [span.astext() for span in spans] == glued
    assert document.astext() == f"p{sign}0.5 is half."
