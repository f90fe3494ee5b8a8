"""Symbols of options as matplotlib's mathtext: ``σ`` is a command, ``T_max`` has a subscript."""

from __future__ import annotations

import re
import unicodedata

_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)$")
_LIKE_LATIN = {"ALPHA", "BETA", "EPSILON", "ZETA", "ETA", "IOTA", "KAPPA", "MU", "NU"}
_LIKE_LATIN |= {"RHO", "TAU", "CHI"}
"""Capitals that TeX has no command for; it has none for either omicron."""


def mathtext(symbol: str) -> str:
    """A symbol such as ``S_M`` or ``λ`` in mathtext; subscripts of several letters are upright."""
    base, separator, index = symbol.partition("_")
    text = "".join(map(_letter, base))
    if separator:
        below = "".join(map(_letter, index))
        text += f"_{below}" if len(index) == 1 else f"_{{\\mathrm{{{below}}}}}"
    return f"${text}$"


def literal(text: str) -> str:
    """Words that mathtext leaves as they are."""
    return text.replace("$", r"\$")


def _letter(character: str) -> str:
    match = _GREEK.match(unicodedata.name(character, ""))
    if match is None:
        return literal(character)
    case, name = match[1], match[2].replace("LAMDA", "LAMBDA")
    if name == "OMICRON" or (case == "CAPITAL" and name in _LIKE_LATIN):
        return character
    return "\\" + (name.capitalize() if case == "CAPITAL" else name.lower())
