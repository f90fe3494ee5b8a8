"""The papers' own numbers, one CSV per table (see ``published/README.md``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parents[1] / "published"


def names() -> tuple[str, ...]:
    """Ids of all tables and figures with published numbers."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


@cache
def published_numbers(table: str) -> pd.DataFrame:
    """Numbers of a table as printed, one per row; empty strings where the paper has none.

    Raises:
        KeyError: no such table.
    """
    import pandas as pd  # not above: the names alone are asked for in a moment

    path = FOLDER / f"{table}.csv"
    if table not in names():
        raise KeyError(f"no published numbers of '{table}'")
    return pd.read_csv(path, dtype=str, keep_default_na=False)
