"""The searcher that hands Ray Tune the planned trials, one at a time, as slots come free."""

from __future__ import annotations

from typing import Any

from ray.tune.search import Searcher

from bench.execution.trial_queue import TrialQueue
from bench.planning.plan import PlannedTrial


class QueueSearcher(Searcher):
    """Suggests the queue's trials; waits while more of them depend on running ones."""

    def __init__(self, queue: TrialQueue) -> None:
        super().__init__()
        self._queue = queue
        self.running: dict[str, PlannedTrial] = {}
        """Planned trial by Tune's own id, until its result or its failure has been taken."""

    def suggest(self, trial_id: str) -> Any:
        """Configuration of the next trial, None to wait, or Tune's marker that there is none."""
        planned = self._queue.next()
        if planned is not None:
            self.running[trial_id] = planned
            return planned.trial.to_config()
        return None if self._queue.plan.open and self.running else Searcher.FINISHED

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Forget a trial that ended; one whose workers died the callback takes after this."""
        if not error:
            self.running.pop(trial_id, None)

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: resuming is the store's business."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""
