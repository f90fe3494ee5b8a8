"""What LaTeX prints of a name; all that a name may hold compiles."""

from __future__ import annotations

import pytest

from results.tables.text_escapes import escape_latex, escape_markdown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("50% of {a_b}", r"50\% of \{a\_b\}"),
        ("F1 ↑ ≈", r"F1 $\uparrow$ $\approx$"),
        ("σ ≥ λ", r"$\sigma$ $\geq$ $\lambda$"),
        ("Łódź 🥁 Þ", "?ódz ? ?"),
        ("thesis §5.6", r"thesis \S{}5.6"),
        ("two\n lines", "two lines"),
        ("[x]*", "{[}x{]}{*}"),
    ],
)
def test_latex_escapes(text, escaped):
    assert escape_latex(text) == escaped


def test_markdown_escapes():
    assert escape_markdown("a_b |c|\n<d>") == r"a\_b \|c\| \<d\>"


def test_every_character_a_name_may_hold_compiles(hostile_names, compile_latex):
    codes = [*range(32, 127), *range(0xA0, 0x250), *range(0x370, 0x400), *map(ord, "≈→↑↓∞")]
    everything = "".join(map(chr, codes))
    lines = [escape_latex(everything[i : i + 40]) + r"\\" for i in range(0, len(everything), 40)]
    compile_latex("\n".join([*lines, *(escape_latex(name) + r"\\" for name in hostile_names)]))
