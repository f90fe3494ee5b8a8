"""Plain tables: a metric by rows and columns, with intervals, and everything that has no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from results.stats.inference import Interval, mean_interval
from results.tables.convergence import MARK, NOTE, unconverged, undecided_shares
from results.tables.fates import RUN, counted, uncounted_texts
from results.tables.number_style import NumberStyle

_PLAIN = NumberStyle()


@dataclass(frozen=True)
class Cell:
    """One cell, traceable to its trials.

    Attributes:
        values: metric of each finished trial.
        trial_ids: the trials behind it, in the order of ``values``.
        counts: number of trials by what became of them, the names of `results.tables.fates.FATES`.
        unaveraged: trials by what became of them, for the names of `results.tables.fates.RUN`.
        reason: why its trials were skipped, if they were.
        published: the paper's number, in the metric's unit; ``printed``: the same as printed.
        pooled: whether trials of several settings meet here, so that their spread is not that of
            replicates and no interval is given.
        resampled: share of the data that is the test set, where the trials are splits of one data
            set; 0 where each has data of its own.
        unconverged: whether they have not converged (`results.tables.convergence`).
    """

    values: tuple[float, ...] = ()
    trial_ids: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    unaveraged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None
    published: float | None = None
    printed: str = ""
    pooled: bool = False
    resampled: float = 0.0
    unconverged: bool = False

    @cached_property
    def interval(self) -> Interval:
        """Mean over replicates and its 95 % t interval.

        NaN where too few finished, where all are equal, and where they are pooled.
        """
        found = mean_interval(self.values, resampled=self.resampled)
        return replace(found, low=np.nan, high=np.nan) if self.pooled else found

    @property
    def mean(self) -> float:
        """Mean over replicates; NaN when none finished."""
        return self.interval.estimate

    @property
    def half_width(self) -> float:
        """Half of the interval; NaN for fewer than two replicates."""
        return self.interval.half_width

    def text(self, style: NumberStyle) -> str:
        """``0.912 ±0.013 (n=3) [0.945]``, then what else became of its trials.

        The number in brackets is the published one.
        """
        parts = []
        if self.values:
            half = self.half_width
            interval = "" if np.isnan(half) else f" ±{style.number(half)}"
            number = f"{style.number(self.mean)}{self.marks}"
            parts.append(f"{number}{interval} (n={len(self.values)})")
        text = "; ".join([*parts, *uncounted_texts(self.counts, self.reason).values()])
        published = self.published_text(style)
        return f"{text} [{published}]".strip() if published else text

    @property
    def marks(self) -> str:
        """Of the footnotes that the number needs, see `Table.mark_notes`."""
        return ("*" if self.pooled else "") + (MARK if self.unconverged else "")

    def published_text(self, style: NumberStyle) -> str:
        """The published number as printed, or in the shown unit; empty where there is none."""
        if self.published is None:
            return ""
        return self.printed or f"{self.published * style.factor:g}"


@dataclass(frozen=True)
class Table:
    """Cells by row and column label, both in the order in which they are shown.

    Attributes:
        corner: what the row labels are.
        footnotes: shown below the table in Markdown, LaTeX and HTML.
        style: how numbers are shown; a sentence below the table says unit and direction.
        styles: the same by column, for columns named after metrics; their headings say it.
        key: short name for files and anchors.
    """

    title: str
    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]
    footnotes: tuple[str, ...] = ()
    style: NumberStyle = _PLAIN
    styles: Mapping[str, NumberStyle] = field(default_factory=dict)
    key: str = ""

    def cell(self, row: str, column: str) -> Cell:
        """The cell; an empty one where the plan has no trial."""
        return self.cells.get((row, column), Cell())

    def style_of(self, column: str) -> NumberStyle:
        """How the column's numbers are shown."""
        return self.styles.get(column, self.style)

    def heading(self, column: str) -> str:
        """The column's label, with unit and direction where its metric is its own."""
        return self.styles[column].heading(column) if column in self.styles else column

    @property
    def mark_notes(self) -> tuple[str, ...]:
        """What the marks at the table's numbers and the width of its intervals mean."""
        cells = self.cells.values()
        shares = sorted({cell.resampled for cell in cells if cell.resampled and cell.values})
        notes = []
        if any(cell.pooled for cell in cells):
            notes.append(
                "* pools trials of several settings of task, loss or training: n counts trials, "
                "and there is no interval over replicates."
            )
        if any(cell.unconverged for cell in cells):
            notes.append(NOTE)
        if shares:
            tested = " or ".join(f"{share:.0%}" for share in shares)
            notes.append(
                f"Replicates are splits of one data set ({tested} tested): intervals have Nadeau "
                "and Bengio's factor, which more splits do not make vanish."
            )
        return tuple(notes)

    def text(self, row: str, column: str) -> str:
        """What the cell shows."""
        return self.cell(row, column).text(self.style_of(column))


def tabulate(
    outcomes: pd.DataFrame,
    *,
    title: str,
    corner: str,
    footnotes: Sequence[str] = (),
    published: Mapping[tuple[str, str], float] | None = None,
    style: NumberStyle = _PLAIN,
    key: str = "",
) -> Table:
    """Sort planned trials into cells.

    Args:
        outcomes: columns ``trial_id``, ``row`` and ``column`` (labels), ``fate``, ``reason`` and
            ``value`` (`results.tables.fates.with_value`), and where known ``replicate``,
            ``resampled``, ``sparse`` and ``metric.undecided``, one line per planned trial and cell;
            a trial may be in several cells.
        published: the paper's numbers by row and column label.
        style: of all numbers.
        key: of the table.

    Raises:
        ValueError: a trial is twice in one cell: it would count double.
    """
    twice = outcomes.loc[outcomes.duplicated(["trial_id", "row", "column"]), "trial_id"]
    if len(twice):
        raise ValueError(f"trial {twice.iloc[0]} is twice in a cell: it would count double")
    cells = {}
    for (row, column), group in outcomes.groupby(["row", "column"], sort=False):
        finished = group[group["fate"] == "finished"]
        outside = group[group["fate"].isin(RUN)].groupby("fate")["trial_id"]
        skipped = group.loc[group["fate"] == "skipped", "reason"].dropna()
        cells[(str(row), str(column))] = Cell(
            values=tuple(finished["value"].astype(float)),
            trial_ids=tuple(finished["trial_id"]),
            counts=counted(group["fate"]),
            unaveraged={str(name): tuple(ids) for name, ids in outside},
            reason=None if skipped.empty else str(skipped.iloc[0]),
            pooled="replicate" in group and bool(finished["replicate"].duplicated().any()),
            resampled=float(group["resampled"].max()) if "resampled" in group else 0.0,
            unconverged=unconverged(undecided_shares(finished)),
        )
    rows = tuple(dict.fromkeys(outcomes["row"].astype(str)))
    columns = tuple(dict.fromkeys(outcomes["column"].astype(str)))
    for place, number in (published or {}).items():
        cells[place] = replace(cells.get(place, Cell()), published=number)
    return Table(title, corner, rows, columns, cells, tuple(footnotes), style, key=key)
