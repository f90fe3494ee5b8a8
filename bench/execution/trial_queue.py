"""The missing trials of a plan, handed out one at a time; more are planned as results come in."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, PlannedTrial
from results.store.record import TrialRecord

_STORE_LOOK_SECONDS = 2.0


class Agenda:
    """What is to run next. Trials that somebody else finishes meanwhile are passed over.

    Args:
        results: what has ended so far; kept up to date here.
        backwards: take the trials of each round from the end.
        skip: takes each trial that is to be recorded as skipped, at once.

    Attributes:
        plan: as far as the results allow.
        passed_over: trials that somebody else finished.
        changed: called when trials were planned or passed over.
    """

    def __init__(
        self,
        plan: Plan,
        results: StoredResults,
        *,
        skip: Callable[[PlannedTrial], None],
        backwards: bool = False,
    ) -> None:
        self.plan = plan
        self.passed_over = 0
        self.changed: Callable[[], None] = lambda: None
        self._results = results
        self._backwards = backwards
        self._skip = skip
        self._queue: deque[PlannedTrial] = deque()
        self._taken: set[str] = set()
        self._news = False
        self._looked = time.monotonic()

    @property
    def total(self) -> int:
        """Trials that this run had or will have to do with, at most; skipped ones left out."""
        return len(self._taken) + self.plan.unplanned

    def add(self, record: TrialRecord) -> None:
        """Take a result, on which further trials may depend."""
        self._results.add(record)
        self._news = True

    def next(self) -> PlannedTrial | None:
        """The next trial; None if there is none until a running one has ended."""
        self._look()
        while self._queue or self._extend():
            planned = (self._queue.pop if self._backwards else self._queue.popleft)()
            if planned.trial_id not in self._results.ended:
                return planned
            self.passed_over += 1
            self.changed()
        return None

    def has_next(self) -> bool:
        """Whether there is a trial to run now."""
        return bool(self._queue) or self._extend()

    def _extend(self) -> bool:
        """Plan anew if there are new results; whether that gave trials to run."""
        while self.plan.open and self._news and not self._queue:
            self._news = False
            self.plan = self.plan.after(self._results)
            ended = self._results.ended
            self.take(
                planned
                for planned in self.plan.trials
                if planned.trial_id not in self._taken and planned.trial_id not in ended
            )
            self.changed()
        return bool(self._queue)

    def take(self, missing: Iterable[PlannedTrial]) -> None:
        """Add trials to run."""
        for planned in missing:
            if planned.skip_reason is not None:
                self._skip(planned)
            else:
                self._taken.add(planned.trial_id)
                self._queue.append(planned)

    def _look(self) -> None:
        """See every few seconds what other drivers have stored."""
        if time.monotonic() - self._looked > _STORE_LOOK_SECONDS:
            self._news |= self._results.refresh()
            self._looked = time.monotonic()
