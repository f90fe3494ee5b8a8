"""The missing trials of a plan, handed out one at a time; more are planned as results come in."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection

from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, PlannedTrial

_STORE_LOOK_SECONDS = 2.0


def missing_trials(plan: Plan, ended: Collection[str]) -> list[PlannedTrial]:
    """Trials of the plan that have not ended."""
    return [planned for planned in plan.trials if planned.trial_id not in ended]


class TrialQueue:
    """What is to run next. Trials that somebody else finishes meanwhile are passed over.

    Args:
        results: what has ended so far; whoever records results keeps it up to date.
        skip: takes each trial that is to be recorded as skipped, at once.
        backwards: take the trials of each round from the end.

    Attributes:
        plan: as far as the results allow.
        passed_over: trials that somebody else finished.
    """

    def __init__(
        self,
        plan: Plan,
        results: StoredResults,
        skip: Callable[[PlannedTrial], None],
        *,
        backwards: bool = False,
    ) -> None:
        self.plan = plan
        self.passed_over = 0
        self._results = results
        self._skip = skip
        self._backwards = backwards
        self._waiting: deque[PlannedTrial] = deque()
        self._taken: set[str] = set()
        self._planned_at = results.changes
        self._looked = time.monotonic()
        self._take()

    @property
    def total(self) -> int:
        """Trials that this run had or will have to do with, at most; skipped ones left out."""
        return len(self._taken) + self.plan.unplanned

    def next(self) -> PlannedTrial | None:
        """The next trial; None if there is none until a running one has ended."""
        self._look()
        while self._waiting or self._extend():
            planned = (self._waiting.pop if self._backwards else self._waiting.popleft)()
            if planned.trial_id not in self._results.ended:
                return planned
            self.passed_over += 1
        return None

    def has_next(self) -> bool:
        """Whether there is a trial to run now."""
        return bool(self._waiting) or self._extend()

    def _extend(self) -> bool:
        """Plan anew if there are new results; whether that gave trials to run."""
        while self.plan.open and self._planned_at != self._results.changes and not self._waiting:
            self._planned_at = self._results.changes
            self.plan = self.plan.after(self._results)
            self._take()
        return bool(self._waiting)

    def _take(self) -> None:
        """Add the plan's trials that are to run."""
        for planned in missing_trials(self.plan, self._results.ended | self._taken):
            if planned.skip_reason is not None:
                self._skip(planned)
            else:
                self._taken.add(planned.trial_id)
                self._waiting.append(planned)

    def _look(self) -> None:
        """See every few seconds what other drivers have stored."""
        if time.monotonic() - self._looked > _STORE_LOOK_SECONDS:
            self._results.refresh()
            self._looked = time.monotonic()
