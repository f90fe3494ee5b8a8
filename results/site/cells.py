"""A table's cells as the page shows them: number, interval, drawing, fates, list of trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from results.site.numbers import fixed, signed
from results.site.strips import Strip, strip, table_scale
from results.tables import UNCOUNTED, Cell, Table

_WORDS = {"elsewhere": "timed on other hardware"}


@dataclass(frozen=True)
class Fate:
    """What became of trials that are in no mean: a status and its words."""

    status: str
    text: str


@dataclass(frozen=True)
class ShownCell:
    """One cell; ``anchor`` names its list of trials within the page.

    Attributes:
        difference: ours minus published.
        trials: id and value of each.
    """

    anchor: str
    row: str
    column: str
    mean: str
    half_width: str
    n: int
    published: str
    difference: str
    strip: Strip
    fates: tuple[Fate, ...]
    trials: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ShownTable:
    """A table as a page shows it.

    Attributes:
        key: tells the tables of one page apart.
        texts: the table in other formats, by name.
        csv: address of the file to download, from the site's folder.
    """

    key: str
    table: Table
    cells: list[list[ShownCell]]
    texts: dict[str, str]
    csv: str

    @property
    def compared(self) -> bool:
        """Whether any cell has a published number."""
        return any(cell.published for row in self.cells for cell in row)


def shown_cells(table: Table, key: str) -> list[list[ShownCell]]:
    """Cells row by row; ``key`` starts their anchors."""
    scale, digits, factor = table_scale(table), table.digits, table.factor

    def shown(r: int, c: int) -> ShownCell:
        cell = table.cell(table.rows[r], table.columns[c])
        mean, half = cell.mean, cell.half_width
        return ShownCell(
            anchor=f"{key}-{r}-{c}",
            row=table.rows[r],
            column=table.columns[c],
            mean=fixed(mean * factor, digits),
            half_width=fixed(half * factor, digits),
            n=len(cell.values),
            published=_published(cell, factor),
            difference=_difference(cell, digits, factor),
            strip=strip(scale, mean, mean - half, mean + half, cell.published),
            fates=fates_of(cell.counts, cell.reason),
            trials=tuple(
                (trial_id, fixed(value * factor, digits + 1))
                for trial_id, value in zip(cell.trial_ids, cell.values, strict=True)
            ),
        )

    return [[shown(r, c) for c in range(len(table.columns))] for r in range(len(table.rows))]


def fates_of(counts: Mapping[str, int], reason: str | None) -> tuple[Fate, ...]:
    """What became of trials that are in no mean, in words; ``reason`` is why some were skipped."""
    run = any(number for name, number in counts.items() if name != "missing")
    found = []
    for status in UNCOUNTED:
        number = counts.get(status, 0)
        if number and status == "skipped":
            found.append(Fate(status, f"skipped: {reason or 'no reason given'}"))
        elif number and status == "missing":
            found.append(Fate(status, f"{number} not run" if run else "not run"))
        elif number:
            found.append(Fate(status, f"{number} {_WORDS.get(status, status)}"))
    return tuple(found)


def _published(cell: Cell, factor: float) -> str:
    if cell.published is None:
        return ""
    return cell.printed or f"{cell.published * factor:g}"


def _difference(cell: Cell, digits: int, factor: float) -> str:
    if cell.published is None or math.isnan(cell.mean):
        return ""
    return signed((cell.mean - cell.published) * factor, digits)
