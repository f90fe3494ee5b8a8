"""Cells of the leaderboard: what became of a method's trials in a column."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from results.leaderboard.board import Runs, Selection
from results.tables.convergence import undecided_shares
from results.tables.fates import RUN, with_value


@dataclass
class MethodRuns:
    """A method with its runs by column key.

    Attributes:
        loss, options: what it trains with; of a method with settings of its own for each task, the
            losses, and the options that they share.
        name: that a sweep gives it (``as: NAME``), or None.
    """

    loss: str
    options: dict[str, Any]
    selection: Selection
    name: str | None = None
    runs: dict[str, Runs] = field(default_factory=dict)

    def trial_ids(self) -> Iterator[str]:
        """Finished trials behind the numbers."""
        for cell in self.runs.values():
            yield from cell.trial_ids.values()


@dataclass(frozen=True)
class Ended:
    """What became of a trial, with its value of one metric (`results.tables.fates`).

    Attributes:
        undecided: see `results.tables.convergence`; NaN where unknown or no matter.
    """

    replicate: int
    trial_id: str
    fate: str
    value: float
    reason: str | None = None
    undecided: float = math.nan


class Endings:
    """What became of each trial, by metric.

    Args:
        trials: outcomes (`bench.artefacts.outcomes.join`), each trial once.
    """

    def __init__(self, trials: pd.DataFrame) -> None:
        self._trials = trials
        self._known: dict[str, dict[str, Ended]] = {}

    def of(self, metric: str, trial_ids: Iterable[str]) -> list[Ended]:
        """Of these trials."""
        if metric not in self._known:
            valued = with_value(self._trials, f"metric.{metric}")
            valued = valued.assign(undecided=undecided_shares(valued))
            self._known[metric] = {
                str(row["trial_id"]): Ended(
                    int(row["replicate"]),
                    str(row["trial_id"]),
                    str(row["fate"]),
                    float(row["value"]),
                    row["reason"] if isinstance(row["reason"], str) else None,
                    float(row["undecided"]),
                )
                for row in valued.to_dict("records")
            }
        return [self._known[metric][trial_id] for trial_id in trial_ids]


def cell(found: Iterable[Ended], replicates: Sequence[int]) -> Runs:
    """One cell; replicates that the column has and nothing is known of count as missing."""
    ended: dict[int, Ended] = {}
    for one in sorted(found, key=lambda e: (e.replicate, e.fate != "stale")):
        ended[one.replicate] = one  # a current trial counts where a stale one is there too
    finished = {r: one for r, one in ended.items() if one.fate == "finished"}
    counts = Counter(one.fate for one in ended.values())
    counts["missing"] += sum(replicate not in ended for replicate in replicates)
    skipped = [one.reason for one in ended.values() if one.fate == "skipped"]
    return Runs(
        values={r: one.value for r, one in finished.items()},
        trial_ids={r: one.trial_id for r, one in finished.items()},
        counts={name: number for name, number in counts.items() if number},
        unaveraged={
            name: tuple(one.trial_id for one in ended.values() if one.fate == name)
            for name in RUN
            if counts[name]
        },
        reason=skipped[0] if skipped else None,
        undecided={
            r: one.undecided for r, one in finished.items() if one.undecided == one.undecided
        },
    )
