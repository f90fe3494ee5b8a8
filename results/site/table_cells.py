"""A table's cells as the page shows them: number, interval, drawing, fates, list of trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from results.site.interval_strips import Strip, column_scale, strip
from results.site.number_text import fixed, signed
from results.tables.fates import uncounted_texts
from results.tables.table import Cell, Table


@dataclass(frozen=True)
class Fate:
    """What became of trials that are in no mean: a status, its words, and ids where there are."""

    status: str
    text: str
    trials: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownCell:
    """One cell; ``anchor`` names its list of trials within the page.

    Attributes:
        marks: of the notes below the table.
        difference: ours minus published.
        trials: id and value of each.
    """

    anchor: str
    row: str
    column: str
    mean: str
    marks: str
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
    scales = {column: column_scale(table, column) for column in table.columns}

    def shown(r: int, c: int) -> ShownCell:
        row, column = table.rows[r], table.columns[c]
        cell, style = table.cell(row, column), table.style_of(column)
        mean, half, digits, factor = cell.mean, cell.half_width, style.digits, style.factor
        return ShownCell(
            anchor=f"{key}-{r}-{c}",
            row=row,
            column=column,
            mean=fixed(mean * factor, digits),
            marks=cell.marks if cell.values else "",
            half_width=fixed(half * factor, digits),
            n=len(cell.values),
            published=cell.published_text(style),
            difference=_difference(cell, digits, factor),
            strip=strip(scales[column], mean, mean - half, mean + half, cell.published),
            fates=fates_of(cell.counts, cell.unaveraged, cell.reason),
            trials=tuple(
                (trial_id, fixed(value * factor, digits + 1))
                for trial_id, value in zip(cell.trial_ids, cell.values, strict=True)
            ),
        )

    return [[shown(r, c) for c in range(len(table.columns))] for r in range(len(table.rows))]


def fates_of(
    counts: Mapping[str, int], trials: Mapping[str, tuple[str, ...]], reason: str | None
) -> tuple[Fate, ...]:
    """What became of trials that are in no mean, in words; ``reason`` is why some were skipped."""
    words = uncounted_texts(counts, reason)
    return tuple(Fate(status, words[status], trials.get(status, ())) for status in words)


def behind(trials: tuple[tuple[str, str], ...], fates: tuple[Fate, ...]) -> list[str]:
    """Ids of all trials of a cell, those in its mean first."""
    return [*(trial_id for trial_id, _ in trials), *(i for fate in fates for i in fate.trials)]


def _difference(cell: Cell, digits: int, factor: float) -> str:
    if cell.published is None or math.isnan(cell.mean):
        return ""
    return signed((cell.mean - cell.published) * factor, digits)
