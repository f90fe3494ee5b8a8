"""A trial's end on the driver's side."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.execution.recorder import Recorder
from bench.execution.trial_queue import TrialQueue
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan
from results.store.trial_store import Store, StoreError


def test_a_store_that_fails_ends_the_sweep_with_its_own_error(
    planned: Plan, tmp_path: Path
) -> None:
    from bench.execution.ray_actor import RECORD
    from bench.execution.ray_callback import RecordCallback
    from bench.execution.ray_searcher import QueueSearcher

    class Full(Store):
        def append(self, ended: Any) -> None:
            raise StoreError("/data/store: cannot be written (no space left on device)")

    later: list[Any] = []
    store = Full.open(tmp_path)
    searcher = QueueSearcher(TrialQueue(planned, StoredResults(store), later.append))
    recorder = Recorder(store, [SimpleNamespace(add=later.append)])
    callback = RecordCallback(searcher, "mine", recorder)
    ended = record(planned.trials[0].trial, "mine", "finished", None)
    trial = SimpleNamespace(trial_id="tune-1", last_result={})
    with pytest.raises(StoreError, match="no space left"):
        callback.on_trial_result(1, [], trial, {RECORD: ended.to_json()})
    assert "no space left" in str(callback.problem)
    assert later == [], "what is not stored is not mirrored"
