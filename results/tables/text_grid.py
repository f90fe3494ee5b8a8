"""A table as strings: what every text format shows, whatever the table was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class GridCell:
    """What a cell shows, and the trials behind it."""

    text: str
    trial_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class GridRow:
    """A row: its label, and a cell for each heading after the corner."""

    label: str
    cells: Sequence[GridCell]


@dataclass(frozen=True)
class TextGrid:
    """Nothing in it is escaped; the formats do that.

    Attributes:
        header: heading of the row labels, then one for each cell of a row.
        notes: shown below the table, a line each.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[GridRow]
    notes: Sequence[str] = ()
