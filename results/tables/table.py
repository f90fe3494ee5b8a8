"""Plain tables: a metric by rows and columns, with intervals, and everything that has no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from results.stats.inference import Interval, mean_interval
from results.tables.number_style import NumberStyle

UNCOUNTED = ("diverged", "failed", "undefined", "elsewhere", "skipped", "stale", "missing")
"""What became of trials that are in no mean: besides the statuses of the store, *undefined*
finished without a value of the metric, *elsewhere* was timed on other hardware, *stale* ran with
another version of a plugin only, and *missing* was planned and not run."""
RUN = UNCOUNTED[:4]
"""Those of which there is a trial with this status, and so something to look at."""
_PLAIN = NumberStyle()
_WORDING = {"elsewhere": "timed on other hardware"}


@dataclass(frozen=True)
class Cell:
    """One cell, traceable to its trials.

    Attributes:
        values: metric of each finished trial.
        trial_ids: the trials behind it, in the order of ``values``.
        counts: number of trials by what became of them, the names of `UNCOUNTED` and ``finished``.
        unaveraged: trials by what became of them, for the names of `RUN`.
        reason: why its trials were skipped, if they were.
        published: the paper's number, in the metric's unit; ``printed``: the same as printed.
    """

    values: tuple[float, ...] = ()
    trial_ids: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    unaveraged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None
    published: float | None = None
    printed: str = ""

    @cached_property
    def interval(self) -> Interval:
        """Mean over replicates and its 95 % t interval; NaN where too few finished."""
        return mean_interval(self.values)

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
            parts.append(f"{style.number(self.mean)}{interval} (n={len(self.values)})")
        text = "; ".join([*parts, *fates(self.counts, self.reason).values()])
        published = self.published_text(style)
        return f"{text} [{published}]".strip() if published else text

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

    def text(self, row: str, column: str) -> str:
        """What the cell shows."""
        return self.cell(row, column).text(self.style_of(column))


def fates(counts: Mapping[str, int], reason: str | None) -> dict[str, str]:
    """What became of trials that are in no mean, in words, by the names of `UNCOUNTED`.

    Args:
        reason: why some were skipped.
    """
    run = any(number for name, number in counts.items() if name != "missing")
    found = {}
    for name in UNCOUNTED:
        number = counts.get(name, 0)
        if number and name == "skipped":
            found[name] = f"skipped: {reason or 'no reason given'}"
        elif number and name == "missing":
            found[name] = f"{number} not run" if run else "not run"
        elif number:
            found[name] = f"{number} {_WORDING.get(name, name)}"
    return found


def tabulate(
    planned: pd.DataFrame,
    trials: pd.DataFrame,
    *,
    title: str,
    corner: str,
    footnotes: Sequence[str] = (),
    published: Mapping[tuple[str, str], float] | None = None,
    style: NumberStyle = _PLAIN,
    key: str = "",
) -> Table:
    """Sort trials into cells.

    Args:
        planned: columns ``trial_id``, ``row`` and ``column`` (labels), one line per planned trial;
            a trial may be in several cells.
        trials: columns ``trial_id``, ``status``, ``reason`` and ``value``, one line per trial;
            trials that were not planned are left out, and planned ones that are not here count as
            missing.
        published: the paper's numbers by row and column label.
        style: of all numbers.
        key: of the table.

    Raises:
        ValueError: a trial is planned twice for one cell, or was run twice: it would count double.
    """
    for name, frame, unique in (
        ("planned", planned, ["trial_id", "row", "column"]),
        ("in the store", trials, ["trial_id"]),
    ):
        twice = frame.loc[frame.duplicated(unique), "trial_id"]
        if len(twice):
            raise ValueError(
                f"trial {twice.iloc[0]} is {name} more than once: it would count double"
            )
    merged = planned.merge(trials, on="trial_id", how="left")
    finished = merged["status"] == "finished"
    merged["status"] = merged["status"].fillna("missing")
    merged.loc[finished & ~np.isfinite(merged["value"].astype(float)), "status"] = "undefined"
    cells = {}
    for (row, column), group in merged.groupby(["row", "column"], sort=False):
        counted = group[group["status"] == "finished"]
        outside = group[group["status"].isin(RUN)].groupby("status")["trial_id"]
        skipped = group.loc[group["status"] == "skipped", "reason"].dropna()
        cells[(str(row), str(column))] = Cell(
            values=tuple(counted["value"].astype(float)),
            trial_ids=tuple(counted["trial_id"]),
            counts={str(name): int(n) for name, n in group["status"].value_counts().items()},
            unaveraged={str(name): tuple(ids) for name, ids in outside},
            reason=None if skipped.empty else str(skipped.iloc[0]),
        )
    rows = tuple(dict.fromkeys(planned["row"].astype(str)))
    columns = tuple(dict.fromkeys(planned["column"].astype(str)))
    for place, number in (published or {}).items():
        cells[place] = replace(cells.get(place, Cell()), published=number)
    return Table(title, corner, rows, columns, cells, tuple(footnotes), style, key=key)
