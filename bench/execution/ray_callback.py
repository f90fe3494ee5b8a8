"""The driver's end of a trial: Tune callback that stores, mirrors and shows each result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ray import tune

from bench.execution.ray_actor import RECORD
from bench.execution.ray_searcher import QueueSearcher
from bench.execution.recorder import Recorder
from bench.execution.trial_record import record
from results.store.record import TrialRecord
from results.store_error import StoreError


class RecordCallback(tune.Callback):
    """Records each trial that ended on a worker."""

    def __init__(self, searcher: QueueSearcher, sweep: str, recorder: Recorder) -> None:
        self._searcher = searcher
        self._sweep = sweep
        self._recorder = recorder
        self.problem: StoreError | None = None
        """What kept the store from taking a record. It ends the sweep."""

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        """A trial ended by itself; drop the text so that the driver's memory does not grow."""
        text = result.pop(RECORD, None)
        if text is not None:
            trial.last_result.pop(RECORD, None)
            self._take(TrialRecord.from_json(text))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial's worker died more often than is put up with."""
        planned = self._searcher.running.pop(trial.trial_id, None)
        if planned is not None:
            text = _last_error(trial)
            reason = f"its worker failed {trial.num_failures} times, at last with {_headline(text)}"
            self._take(record(planned.trial, self._sweep, "failed", f"{text}\n{reason}"))

    def _take(self, ended: TrialRecord) -> None:
        try:
            self._recorder.add(ended)
        except StoreError as error:  # Tune wraps it, and would call a trial failed
            self.problem = error
            raise


def _last_error(trial: Any) -> str:
    """What Tune wrote down of a trial's last failure."""
    try:
        text = Path(trial.error_file).read_text(encoding="utf-8", errors="replace")
    except (OSError, TypeError):
        return "an unknown error"
    return text.rpartition("Failure # ")[2].partition("\n")[2].strip() or "an unknown error"


def _headline(error: str) -> str:
    """The telling line of an error: of a traceback the last, of a death the first."""
    lines = error.splitlines()
    return lines[0] if "actor" in lines[0] else lines[-1]
