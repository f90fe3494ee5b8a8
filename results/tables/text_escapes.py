"""Names as LaTeX and Markdown print them, so that no name is run or breaks a table."""

from __future__ import annotations

import re
import unicodedata

_MATHS = {
    **{
        "±": "pm",
        "×": "times",
        "÷": "div",
        "≤": "leq",
        "≥": "geq",
        "≈": "approx",
        "→": "rightarrow",
        "↑": "uparrow",
        "↓": "downarrow",
        "∞": "infty",
    },
    **{c: unicodedata.name(c).split()[-1].lower() for c in "αβγδεζηθικμνξπρστυφχψω"},
    **{"λ": "lambda", "µ": "mu"},
}
_LATEX = {
    "\\": r"\textbackslash{}",
    **{character: rf"\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "°": r"$^{\circ}$",
    **{character: f"{{{character}}}" for character in "[]*"},  # or a line break would take them
    **{character: rf"$\{name}$" for character, name in _MATHS.items()},
}
_LATIN = {chr(code) for code in range(0xC0, 0x100)} - set("ÐðÞþ")  # in every font encoding


def escape_latex(text: str) -> str:
    """``text`` so that LaTeX prints it and runs none of it; `?` for what needs other fonts."""
    return "".join(_latex_character(character) for character in " ".join(text.split()))


def escape_markdown(text: str) -> str:
    """One line in which Markdown and HTML see nothing of their own."""
    return re.sub(r"([\\`*_\[\]|<>&$#~!])", r"\\\1", " ".join(text.split()))


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character in _LATIN or " " <= character <= "~":
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and base.isalnum() else "?"
