"""Docstrings of plugins: a summary, text, and named sections such as ``Equation:``.

A section is a line that is one capitalised heading and a colon, and the indented lines below it.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field

EQUATION = "Equation"
"""The one section whose lines stay as they are; all others are prose."""

_HEADING = re.compile(r"([A-Z][A-Za-z ]*):")


@dataclass(frozen=True)
class Docstring:
    """A docstring in parts.

    Attributes:
        summary: its first line.
        body: paragraphs outside the sections.
        sections: paragraphs, or lines of the equation, by heading.
    """

    summary: str = ""
    body: list[str] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)


def parse(cls: type) -> Docstring:
    """Docstring of a class; of one that has none, an empty one."""
    lines = (inspect.getdoc(cls) or "").splitlines()
    if not lines:
        return Docstring()
    body: list[str] = []
    sections: dict[str, list[str]] = {}
    current = body
    for line in lines[1:]:
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            current = sections.setdefault(heading[1], [])
            continue
        if line and not line.startswith(" "):
            current = body
        current.append(line)
    return Docstring(
        lines[0],
        _paragraphs(body),
        {
            name: _dedented(lines) if name == EQUATION else _paragraphs(lines)
            for name, lines in sections.items()
        },
    )


def _dedented(lines: list[str]) -> list[str]:
    return inspect.cleandoc("\n" + "\n".join(lines)).splitlines()


def _paragraphs(lines: list[str]) -> list[str]:
    blocks = re.split(r"\n\s*\n", "\n".join(lines))
    return [" ".join(block.split()) for block in blocks if block.strip()]


def plain(text: str) -> str:
    """Text without the double marks of code."""
    return text.replace("``", "`")
