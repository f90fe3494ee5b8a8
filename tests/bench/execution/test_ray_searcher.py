"""The searcher hands out the queue's trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.execution.trial_queue import TrialQueue
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan
from results.store.trial_store import Store

METRICS = {"validation.f1": 0.5}


def test_the_searcher_waits_for_results_and_ends(
    tuned: Plan, tmp_path: Path, queue_of: Callable[..., TrialQueue]
) -> None:
    from ray.tune.search import Searcher

    from bench.execution.ray_searcher import QueueSearcher

    results = StoredResults(Store.open(tmp_path))
    searcher, number = QueueSearcher(queue_of(tuned, results)), 0
    while (config := searcher.suggest(f"tune-{number}")) != Searcher.FINISHED:
        if config is not None:
            assert config["loss"]["name"] == "noop"
            number += 1
            continue
        assert searcher.running, "it waits for nothing"
        for tune_id, planned in list(searcher.running.items()):
            results.add(replace(record(planned.trial, "mine", "finished", None), metrics=METRICS))
            searcher.on_trial_complete(tune_id)
    assert number == 4
    searcher.on_trial_complete("tune-3", error=True)
    assert list(searcher.running) == ["tune-2", "tune-3"], "a failure is still to be recorded"
