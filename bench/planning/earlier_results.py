"""What a sequential search knows of earlier trials: values from the store, by trial id."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Protocol, runtime_checkable

from results.store.record import TrialRecord
from results.store.trial_source import TrialSource

Values = Mapping[str, float | None]
"""Value by trial id; None for a trial that ended without one (failed, diverged, skipped)."""


@runtime_checkable
class Results(Protocol):
    """Where a search looks up how earlier trials ended."""

    def values(self, metric: str) -> Values:
        """``metric`` of every trial that ended, whichever way."""
        ...


class NoResults:
    """Nothing has run yet."""

    def values(self, metric: str) -> Values:
        return {}


class StoredResults:
    """Results of a store, read once, and kept up to date by `add` and `refresh`.

    Args:
        again: run failed trials again: they count as not run until they have ended anew.

    Attributes:
        statuses: of all trials, by id, when the store was last looked at.
        ended: trials that ended, without the failed ones that are to run again.
        changes: how often results were added.
    """

    def __init__(self, store: TrialSource, again: bool = False) -> None:
        self._store = store
        self._known: dict[str, dict[str, float | None]] = {}
        self.changes = 0
        self.statuses = store.statuses()
        hidden = {"failed"} if again else set()
        self.ended = {name for name, status in self.statuses.items() if status not in hidden}

    def values(self, metric: str) -> Values:
        """``metric`` of every trial that ended, whichever way."""
        if metric not in self._known:
            self._known[metric] = self._read(metric, None)
        return self._known[metric]

    def add(self, record: TrialRecord) -> None:
        """Take a trial that has just ended."""
        self.changes += 1
        self.ended.add(record.trial_id)
        for metric, values in self._known.items():
            value = record.metrics.get(metric) if record.status == "finished" else None
            values[record.trial_id] = _usable(value)

    def refresh(self) -> bool:
        """Look for trials that others have stored meanwhile; whether there are any."""
        statuses = self._store.statuses()
        new = {
            trial_id
            for trial_id, status in statuses.items()
            if trial_id not in self.ended and self.statuses.get(trial_id) != status
        }
        self.statuses = statuses
        self.ended |= new
        self.changes += bool(new)
        for metric, values in self._known.items():
            if new:
                values.update(self._read(metric, new))
        return bool(new)

    def _read(self, metric: str, ids: Collection[str] | None) -> dict[str, float | None]:
        column = f"metric.{metric}"
        trials = self._store.load(ids=ids, columns=["trial_id", "status", column])
        rows = zip(trials["trial_id"], trials["status"], trials[column], strict=True)
        return {
            trial_id: _usable(value if status == "finished" else None)
            for trial_id, status, value in rows
            if trial_id in self.ended
        }


def _usable(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
