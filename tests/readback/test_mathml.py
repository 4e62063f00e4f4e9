"""What is drawn alike reads alike; what is drawn otherwise reads otherwise or is refused."""

import pytest

from tests.readback.mathml import MathError, read
from tests.readback.tex import normal

W = "<msub><mi>w</mi><mi>i</mi></msub>"


def drawn(inner: str) -> str:
    return normal(read(f"<math>{inner}</math>"))


@pytest.mark.parametrize(
    ("mathml", "tex"),
    [
        (f"<semantics><mrow><mstyle>{W}</mstyle></mrow><annotation>x</annotation></semantics>", "w_i"),
        (f"<mpadded width='0.2em'>{W}</mpadded><mspace width='0.2em'></mspace><mo>\u2062</mo><mtext> </mtext>", "w_i"),
        (f"<msup><mrow>{W}</mrow><mn>2</mn></msup>", "w_i^2"),
        ("<msub><msup><mi>w</mi><mn>2</mn></msup><mi>i</mi></msub>", "w_i^2"),
        ("<msubsup><mi>w</mi><mi>i</mi><mn>2</mn></msubsup>", "w^2_{i}"),
        ("<msubsup><mi>w</mi><mi>i</mi><mrow><mo>′</mo><mn>2</mn></mrow></msubsup>", "w'_i^2"),
        ("<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></msup>", "a b^2"),
        ("<mi>𝑤</mi><mi mathvariant='normal'>Δ</mi><mi>ϕ</mi><mi>φ</mi><mi>ϵ</mi><mi>ε</mi>",
         r"w \Delta \phi \varphi \epsilon \varepsilon"),
        ("<mi>ℒ</mi><mi>𝔼</mi><mn>𝟙</mn><mn>𝟏</mn>", r"\mathcal{L} \mathbb{E} \mathbb{1} \mathbf{1}"),
        ("<mi>max</mi><mo>\u2061</mo><mi>sign</mi><mn>0,9</mn>", r"\max \operatorname{sign} 0{,}9"),
        ("<mo>|</mo><mi>x</mi><mo>|</mo><mo>+</mo><mi>‖</mi><mi>y</mi><msub><mi>‖</mi><mn>2</mn></msub>",
         r"|x| + \lVert y \rVert_2"),
        ("<mo form='prefix'>|</mo><mo form='prefix'>|</mo><mi>x</mi><mo form='postfix'>|</mo>"
         "<mo>−</mo><mn>1</mn><mo>|</mo>",
         r"\lvert \lvert x \rvert - 1 \rvert"),
        *((f"<mover><mi>w</mi><mo>{mark}</mo></mover>", tex) for marks, tex in
          (("^ˆ\u0302", r"\hat{w}"), ("~˜\u0303", r"\tilde w"), ("¯‾\u0304", r"\overline{w}")) for mark in marks),
        ("<mo>{</mo><mtable><mtr><mtd><mi>x</mi></mtd><mtd><mi>x</mi><mo>≥</mo><mn>0</mn></mtd></mtr></mtable><mo></mo>",
         r"\begin{cases} x & x \ge 0 \end{cases}"),
        ("<mi>a</mi><mo>=</mo><mi>b</mi><mo>,</mo><mi>c</mi><mo>=</mo><mi>d</mi>", r"a &= b \\ c &= d"),
        ("<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo><mi>b</mi></mtd></mtr><mtr><mtd></mtd><mtd><mo>+</mo><mi>c</mi>"
         "</mtd></mtr><mtr><mtd><mi>d</mi></mtd><mtd><mo>=</mo><mi>e</mi></mtd></mtr></mtable>",
         r"a = b + c, \qquad d = e"),
        ("<mi>a</mi><mo>=</mo><mi>b</mi><mo>+</mo><mi>c</mi>", r"\begin{aligned} a &= b \\ &\quad + c, \end{aligned}"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>", r"\sum_{i=1}^n"),
        ("<mfrac><mi>a</mi><msqrt><mi>b</mi><mi>c</mi></msqrt></mfrac>", r"\frac{a}{\sqrt{b c}}"),
    ],
)  # fmt: skip
def test_layout_has_no_meaning(mathml, tex):
    assert drawn(mathml) == normal(tex)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("w^2_i", "w_2^i"), ("w_i^2", "w_i"), (r"\hat{w}", "w"), (r"\hat{w}_i", r"\hat{w_i}"), ("a - b", "a + b"),
        (r"a \le b", r"a \ge b"), (r"\sqrt{a} b", r"\sqrt{a b}"), (r"\phi", r"\varphi"),
        ("X^\\top", "X"), ("X^T", r"X^\top"),
        ("f'", "f"), ("f'", "f^1"), ("L", r"\mathcal{L}"), (r"\mathbb{1}", "1"), (r"\frac{a}{b}", r"\frac{b}{a}"),
        ("w_{ij}", "w_{i,j}"), ("x_{i} + 1", "x_{i+1}"), (r"\lvert x \rvert", "(x)"),
        (r"\lvert x \rvert", r"\lVert x \rVert"),
        ("a, b", "a b"), (r"\begin{cases} a & b \\ c & d \end{cases}", r"\begin{cases} a & b c & d \end{cases}"),
    ],
)  # fmt: skip
def test_meaning_is_kept_apart(one, other):
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    "mathml",
    [
        "<mi>-</mi>", "<mo>-</mo>", "<mi>ы</mi>", "<mi>два</mi>", "<mtext>if</mtext>",
        "<mphantom><mi>x</mi></mphantom>",
        "<merror><mi>x</mi></merror>", "<mroot><mi>x</mi><mn>3</mn></mroot>", "<msqrt></msqrt>", "<mn>1.2.3</mn>",
        "<mi mathcolor='white'>x</mi>", "<mi style='color:white'>x</mi>", "<mi style='visibility:hidden'>x</mi>",
        "<mfrac linethickness='0'><mi>a</mi><mi>b</mi></mfrac>", "<mi mathvariant='bold'>x</mi>",
        "<msub><mi>x</mi></msub>",
        "<msup><mrow></mrow><mn>2</mn></msup>", "<msup><mi>x</mi><mrow></mrow></msup>",
        "<mfrac><mi>a</mi></mfrac>", "<mover><mi>x</mi><mo></mo></mover>",
        "<msup><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></msup>",
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(mathml):
    with pytest.raises(MathError):
        read(f"<math>{mathml}</math>")
