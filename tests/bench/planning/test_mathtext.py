"""Symbols in mathtext: what is expected is what TeX calls them; matplotlib must take all of it."""

from __future__ import annotations

import pytest
from matplotlib.mathtext import MathTextParser

from bench.planning.mathtext import literal, mathtext


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("σ", r"$\sigma$"),
        ("λ", r"$\lambda$"),
        ("Ω", r"$\Omega$"),
        ("S_M", "$S_M$"),
        ("σ_θ", r"$\sigma_\theta$"),
        ("T_max", r"$T_{\mathrm{max}}$"),
        ("k", "$k$"),
    ],
)
def test_symbols(symbol: str, expected: str) -> None:
    assert mathtext(symbol) == expected


@pytest.mark.parametrize("symbol", [*"αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "τ_end"])
def test_matplotlib_draws_them(symbol: str) -> None:
    assert MathTextParser("path").parse(mathtext(symbol)).width > 0


def test_words_with_a_dollar_are_no_formula() -> None:
    assert MathTextParser("path").parse(literal("costs $2 or $3")).width > 0
    assert literal("costs $2") == r"costs \$2"
