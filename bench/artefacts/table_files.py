"""Tables as files, one per format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from results.tables.table import Table
from results.tables.table_formats import FORMATS

SUFFIXES = {"markdown": ".md", "latex": ".tex", "csv": ".csv", "html": ".html"}


def as_text(tables: Sequence[Table], form: str) -> str:
    """All tables in a format; CSV has one header."""
    texts = [FORMATS[form](table) for table in tables]
    if form != "csv":
        return "\n".join(texts)
    return "".join([*texts[:1], *(text.partition("\n")[2] for text in texts[1:])])


def write_tables(tables: Sequence[Table], name: str, out: Path) -> list[Path]:
    """One file per format, each with all ``tables``; returns the files.

    Args:
        name: of the table or sweep, or its specification file.
    """
    out.mkdir(parents=True, exist_ok=True)
    stem = Path(name).stem if name.endswith((".yaml", ".yml")) else name
    written = []
    for form, suffix in SUFFIXES.items():
        path = out / f"{stem}{suffix}"
        path.write_text(as_text(tables, form), encoding="utf-8")
        written.append(path)
    return written
