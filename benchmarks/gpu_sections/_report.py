"""Findings as Markdown."""

from __future__ import annotations

from typing import Any

WORDS = {True: "met", False: "NOT met", None: "not measured"}


def markdown(facts: dict[str, str], sections: dict[str, dict[str, Any]]) -> str:
    """Machine, targets, and each section's tables and notes.

    Args:
        sections: by name, ``Findings`` as JSON, with ``seconds`` and how the section ``ended``.
    """
    lines = ["# pointbench on one GPU", "", *(f"- {name}: {text}" for name, text in facts.items())]
    targets = [target for content in sections.values() for target in content["targets"]]
    lines += ["", "## Targets", "", *_table(["target", "wanted", "found", ""], [
        [what, wanted, found, WORDS[met]] for what, wanted, found, met in targets
    ])]  # fmt: skip
    for name, content in sections.items():
        lines += ["", f"## {name} ({content['seconds']:.0f} s, {content['ended']})"]
        for table in content["tables"]:
            lines += ["", f"### {table['title']}", "", *_table(table["columns"], table["rows"])]
        if content["notes"]:
            lines += ["", *(f"- {note}" for note in content["notes"])]
    return "\n".join([*lines, ""])


def _table(columns: list[str], rows: list[list[Any]]) -> list[str]:
    head = [_row(columns), "|" + "---|" * len(columns)]
    return [*head, *(_row([_shown(value) for value in row]) for row in rows)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
