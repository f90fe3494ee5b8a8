"""Plain tables: a metric by rows and columns, with intervals, and everything that has no number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Cell:
    """One cell, traceable to its trials.

    Attributes:
        values: metric of each finished trial.
        trial_ids: the trials behind it, in the order of ``values``.
        counts: trials by status, ``missing`` among them; ``finished`` is ``len(values)``.
        reason: why its trials were skipped, if they were.
        published: the paper's number, in the metric's unit.
    """

    values: tuple[float, ...] = ()
    trial_ids: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    reason: str | None = None
    published: float | None = None

    @property
    def mean(self) -> float:
        """Mean over replicates; NaN when none finished."""
        return float(np.mean(self.values)) if self.values else float("nan")

    @property
    def half_width(self) -> float:
        """Half of the 95 % t interval of the mean over replicates; NaN for fewer than two."""
        n = len(self.values)
        if n < 2:
            return float("nan")
        quantile = stats.t.ppf((1 + LEVEL) / 2, n - 1)
        return float(quantile * np.std(self.values, ddof=1) / np.sqrt(n))

    def text(self, plus_minus: str = "±") -> str:
        """``0.912 ±0.013 (n=3)``, then what else became of its trials."""
        parts = []
        if self.values:
            interval = "" if np.isnan(self.half_width) else f" {plus_minus}{self.half_width:.3f}"
            parts.append(f"{self.mean:.3f}{interval} (n={len(self.values)})")
        if self.published is not None:
            parts.append(f"[published {self.published:g}]")
        parts += [f"{self.counts[s]} {s}" for s in ("diverged", "failed") if self.counts.get(s)]
        if self.counts.get("skipped"):
            parts.append(f"skipped: {self.reason or 'no reason given'}")
        if self.counts.get("missing"):
            parts.append(f"{self.counts['missing']} not run" if parts else "not run")
        return "; ".join(parts)


@dataclass(frozen=True)
class Table:
    """Cells by row and column label, both in the order in which they are shown.

    Attributes:
        corner: what the row labels are.
        footnotes: shown below the table in Markdown, LaTeX and HTML.
    """

    title: str
    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]
    footnotes: tuple[str, ...] = ()

    def cell(self, row: str, column: str) -> Cell:
        """The cell; an empty one where the plan has no trial."""
        return self.cells.get((row, column), Cell())


def tabulate(
    planned: pd.DataFrame,
    trials: pd.DataFrame,
    *,
    title: str,
    corner: str,
    footnotes: Sequence[str] = (),
) -> Table:
    """Sort trials into cells.

    Args:
        planned: columns ``trial_id``, ``row`` and ``column`` (labels), one line per planned trial.
        trials: columns ``trial_id``, ``status``, ``reason`` and ``value``; trials that were not
            planned are left out, and planned ones that are not here count as missing.

    Raises:
        ValueError: a finished trial without a value, which would silently shrink a mean.
    """
    merged = planned.merge(trials, on="trial_id", how="left")
    merged["status"] = merged["status"].fillna("missing")
    bad = merged[(merged["status"] == "finished") & merged["value"].isna()]
    if len(bad):
        raise ValueError(f"finished trial {bad['trial_id'].iloc[0]} has no value of the metric")
    cells = {}
    for (row, column), group in merged.groupby(["row", "column"], sort=False):
        finished = group[group["status"] == "finished"]
        skipped = group[group["status"] == "skipped"]
        cells[(str(row), str(column))] = Cell(
            values=tuple(finished["value"].astype(float)),
            trial_ids=tuple(finished["trial_id"]),
            counts={str(k): int(v) for k, v in group["status"].value_counts().items()},
            reason=None if skipped.empty else str(skipped["reason"].iloc[0]),
        )
    return Table(
        title=title,
        corner=corner,
        rows=tuple(dict.fromkeys(planned["row"].astype(str))),
        columns=tuple(dict.fromkeys(planned["column"].astype(str))),
        cells=cells,
        footnotes=tuple(footnotes),
    )
