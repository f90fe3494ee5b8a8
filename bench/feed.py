"""The searcher that hands Ray Tune the planned trials, one at a time, as slots come free."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ray.tune.search import Searcher

from bench.plan import PlannedTrial


class Feed(Searcher):
    """Suggests planned trials in order and passes over those that somebody else finished."""

    def __init__(
        self,
        trials: Iterable[PlannedTrial],
        finished_elsewhere: Callable[[str], bool],
        pass_over: Callable[[], None],
    ) -> None:
        super().__init__()
        self._remaining = iter(trials)
        self._finished_elsewhere = finished_elsewhere
        self._pass_over = pass_over
        self.running: dict[str, PlannedTrial] = {}
        """Planned trial by Tune's own id, until its result or its failure has been taken."""

    def suggest(self, trial_id: str) -> Any:
        """Configuration of the next trial, or Tune's marker that there is none."""
        for planned in self._remaining:
            if not self._finished_elsewhere(planned.trial_id):
                self.running[trial_id] = planned
                return planned.trial.to_config()
            self._pass_over()
        return Searcher.FINISHED

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Forget a trial that ended; one whose workers died the collector takes after this."""
        if not error:
            self.running.pop(trial_id, None)

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: resuming is the store's business."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""
