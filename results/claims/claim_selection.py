"""Choosing the trials that a claim compares, and saying what became of those without a value.

A claim sees the outcomes of one sweep (`results.tables.fates`): one row per planned trial, with
``replicate``, ``task``, ``loss`` and their options such as ``task.noise``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from results.tables.fates import WORDS, with_value

Scalar = str | bool | int | float | None
Where = Mapping[str, Scalar]
NOT_RUN = WORDS["missing"]
_ABOUT = ("trial_id", "fate", "reason", "replicate", "resampled")


class ClaimError(ValueError):
    """A declaration that does not fit the trials of its sweep."""


@dataclass(frozen=True)
class Selection:
    """Some planned trials and one metric of theirs.

    Attributes:
        label: what the trials have in common.
        trials: columns ``trial_id``, ``fate``, ``reason``, ``resampled`` and ``value``; index
            ``replicate``.
    """

    label: str
    trials: pd.DataFrame

    @cached_property
    def finished(self) -> pd.DataFrame:
        """Those with a value."""
        done: pd.DataFrame = self.trials[self.trials["fate"] == "finished"]
        return done

    @cached_property
    def by_replicate(self) -> dict[int, float]:
        """Value of each finished trial."""
        return dict(zip(self.finished.index.to_list(), self.values.tolist(), strict=True))

    @property
    def resampled(self) -> float:
        """Share of one data set that its replicates test, the largest; 0 for data drawn afresh."""
        return float(self.finished["resampled"].max()) if len(self.finished) else 0.0

    @property
    def values(self) -> np.ndarray:
        """Values of the finished trials."""
        return self.finished["value"].to_numpy(np.float64)


def select(trials: pd.DataFrame, where: Where, metric: str) -> Selection:
    """The planned trials whose columns have these values, with ``metric``.

    Raises:
        ClaimError: a column or metric that no trial of the sweep has.
    """
    chosen = np.ones(len(trials), bool)
    for column, wanted in where.items():
        chosen &= _equal(trials[_known(trials, column)], wanted)
    column = _known(trials, f"metric.{metric}")
    frame = with_value(trials.loc[chosen, [*_ABOUT, column]], column)
    return Selection(describe(where), frame[[*_ABOUT, "value"]].set_index("replicate"))


def select_replicates(trials: pd.DataFrame, where: Where, metric: str) -> Selection:
    """The same, where every replicate must have one trial only.

    Raises:
        ClaimError: two trials of one replicate match; names the columns in which they differ.
    """
    selection = select(trials, where, metric)
    repeated = selection.trials.index[selection.trials.index.duplicated()]
    if len(repeated):
        ids = selection.trials.loc[repeated[0], "trial_id"]
        same = trials[trials["trial_id"].isin(ids)]
        differing = [
            str(column)
            for column in same
            if str(column).startswith(("task", "loss")) and same[column].astype(str).nunique() > 1
        ]
        raise ClaimError(
            f"{len(same)} trials of replicate {repeated[0]} match '{selection.label}'; they differ "
            f"in {', '.join(differing)}: add it to the selection"
        )
    return selection


def obstacle(*selections: Selection, least: int = 2) -> str | None:
    """Why these trials do not settle anything yet, or None.

    A comparison counts when every planned trial finished with a value. One that diverged or failed
    is no value to leave out: leaving it out would flatter the loss that it happened to.
    """
    for selection in selections:
        if selection.trials.empty:
            return f"the sweep plans no trial with {selection.label or 'any options'}"
    both = pd.concat([selection.trials for selection in selections])
    both = both[~both["trial_id"].duplicated()]
    counts = both["fate"].value_counts()
    if counts.get("missing", 0) == len(both):
        return NOT_RUN
    skipped = both.loc[both["fate"] == "skipped", "reason"].dropna()
    if counts.get("skipped", 0):
        return f"skipped: {skipped.iloc[0] if len(skipped) else 'no reason given'}"
    others = [f"{n} {name}" for name, n in counts.items() if name not in ("finished", "missing")]
    if counts.get("missing", 0):
        others.append(f"{counts['missing']} {NOT_RUN}")
    if others:
        return f"of {len(both)} trials {', '.join(others)}"
    fewest = min(len(selection.trials) for selection in selections)
    if fewest < least:
        return f"n is too small: {fewest} where an interval needs {least}"
    return None


def describe(where: Where) -> str:
    """``softloc, task.noise=0.05``."""
    parts = [str(where["loss"])] if "loss" in where else []
    parts += [f"{column}={value}" for column, value in where.items() if column != "loss"]
    return ", ".join(parts)


def _equal(column: pd.Series, wanted: Scalar) -> np.ndarray:
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        same = column.isna() if wanted is None else column == wanted
        return same.to_numpy(bool)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    return np.asarray(np.isclose(numbers, wanted, rtol=1e-9, atol=0.0))


def _known(trials: pd.DataFrame, column: str) -> str:
    names = [str(name) for name in trials.columns]
    if column not in names:
        near = difflib.get_close_matches(column, names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(names)}"
        raise ClaimError(f"no column '{column}' among the trials{hint}")
    return column
