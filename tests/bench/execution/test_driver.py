"""Parts of the driver on their own: what is missing, who else is at work, a store that fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.execution import trial_queue
from bench.execution.recorder import Recorder
from bench.execution.run_log import Session
from bench.execution.trial_queue import TrialQueue, missing_trials
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, PlannedTrial, plan
from results.store.trial_store import Store, StoreError


@pytest.fixture
def planned(noop: Any, write_sweep: Callable) -> Plan:
    return plan(str(write_sweep(task={"name": "noop", "number": {"grid": [1, 2, 3, 4]}})))


def store_with(folder: Path, planned: Plan, *statuses: str) -> Store:
    store = Store.open(folder)
    for trial, status in zip(planned.trials, statuses, strict=False):
        store.append(record(trial.trial, "mine", status, "no"))
    return store


def test_what_is_missing(planned: Plan, tmp_path: Path) -> None:
    store = store_with(tmp_path, planned, "finished", "failed", "diverged")
    _, b, _, d = planned.ids

    def missing(again: bool) -> list[str]:
        ended = StoredResults(store, again=again).ended
        return [trial.trial_id for trial in missing_trials(planned, ended)]

    assert missing(again=False) == [d]
    assert missing(again=True) == [b, d]


def test_trials_that_another_driver_stored(planned: Plan, tmp_path: Path) -> None:
    store = store_with(tmp_path, planned, "failed", "failed")
    results = StoredResults(store, again=True)
    assert results.ended == set()
    assert not results.refresh()
    store.append(record(planned.trials[2].trial, "mine", "diverged", "no"))
    store.append(record(planned.trials[1].trial, "mine", "finished", None))
    assert results.refresh()
    assert results.ended == set(planned.ids[1:3])
    assert not results.refresh()
    results.add(record(planned.trials[0].trial, "mine", "failed", "again"))
    assert results.ended == set(planned.ids[:3])


def test_values_of_results(planned: Plan, tmp_path: Path) -> None:
    store = store_with(tmp_path, planned, "failed", "diverged")
    finished = record(planned.trials[2].trial, "mine", "finished", None)
    store.append(replace(finished, metrics={"f1": 0.25}))
    a, b, c, d = planned.ids
    results = StoredResults(store)
    assert results.values("f1") == {a: None, b: None, c: 0.25}
    assert results.values("recall") == {a: None, b: None, c: None}
    later = record(planned.trials[3].trial, "mine", "finished", None)
    store.append(replace(later, metrics={"f1": 0.5, "recall": float("nan")}))
    results.refresh()
    assert results.values("f1")[d] == 0.5
    assert results.values("recall")[d] is None
    assert StoredResults(store, again=True).values("f1") == {b: None, c: 0.25, d: 0.5}


def queue_of(
    planned: Plan, results: StoredResults, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> TrialQueue:
    monkeypatch.setattr(trial_queue, "_STORE_LOOK_SECONDS", 0.0)
    return TrialQueue(planned.after(results), results, lambda trial: None, **options)


def taken(queue: TrialQueue) -> list[int]:
    found = []
    while (trial := queue.next()) is not None:
        found.append(trial.trial.task.number)
    return found


def test_the_queue_passes_over_what_others_finished(
    planned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_with(tmp_path, planned, "finished")
    made = queue_of(planned, StoredResults(store), monkeypatch)
    assert made.total == 3
    store.append(record(planned.trials[2].trial, "mine", "finished", None))
    assert taken(made) == [2, 4]
    assert made.passed_over == 1
    again = queue_of(planned, StoredResults(store), monkeypatch, backwards=True)
    assert taken(again) == [4, 2]


@pytest.fixture
def tuned(noop: Any, write_sweep: Callable) -> Plan:
    search = {"search": "optuna", "trials": 4, "initial": 2, "batch": 2}
    return plan(str(write_sweep(**search, finalists=1, replicates=1)))


def test_the_queue_plans_on_as_results_come_in(
    tuned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path)
    results = StoredResults(store)
    made = queue_of(tuned, results, monkeypatch)
    first, second = made.next(), made.next()
    assert first is not None
    assert second is not None
    assert made.next() is None
    results.add(record(first.trial, "mine", "failed", "no"))
    assert made.next() is None
    assert made.plan.open
    # The other one is finished by somebody else.
    store.append(replace(record(second.trial, "mine", "finished", None), metrics=METRICS))
    third, fourth = made.next(), made.next()
    assert third is not None
    assert fourth is not None
    assert made.next() is None
    for trial in (third, fourth):
        results.add(replace(record(trial.trial, "mine", "finished", None), metrics=METRICS))
    final = made.next()
    assert final is not None
    assert final.trial.replicate == 0
    assert not made.plan.open
    assert made.next() is None
    assert made.total == 5


METRICS = {"validation.f1": 0.5}


def test_skipped_trials_open_the_next_round(
    noop: Any, write_sweep: Callable, tmp_path: Path
) -> None:
    """Those that a round skips are recorded at once: nothing will ever run for them."""
    task = {"name": "noop", "behaviour": "skip"}
    search = {"search": "optuna", "trials": 4, "initial": 2, "batch": 2}
    planned = plan(str(write_sweep(task=task, **search)))
    results, skipped = StoredResults(Store.open(tmp_path)), []

    def skip(trial: PlannedTrial) -> None:
        skipped.append(trial)
        results.add(record(trial.trial, "mine", "skipped", trial.skip_reason))

    made = TrialQueue(planned, results, skip)
    assert not made.has_next()
    assert len(skipped) == 2
    assert not made.plan.open


def test_the_later_of_two_drivers_knows(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    long_dead = {
        "session_id": "dead",
        "sweep": "mine",
        "started_at": 1.0,
        "updated_at": time.time() - 3600,
        "ended_at": None,
    }
    store.append_session(long_dead)
    first, other, second = (
        Session(store, sweep, "laptop", 4, 4) for sweep in ("mine", "other", "mine")
    )
    assert not first.is_second()
    assert not other.is_second()
    assert second.is_second()
    assert not first.is_second()
    first.close()
    assert not second.is_second()


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


def test_the_searcher_waits_for_results_and_ends(
    tuned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray.tune.search import Searcher

    from bench.execution.ray_searcher import QueueSearcher

    results = StoredResults(Store.open(tmp_path))
    searcher, number = QueueSearcher(queue_of(tuned, results, monkeypatch)), 0
    while (config := searcher.suggest(f"tune-{number}")) != Searcher.FINISHED:
        if config is not None:
            assert config["loss"]["name"] == "noop"
            number += 1
            continue
        assert searcher.running, "it waits for nothing"
        for tune_id, planned in list(searcher.running.items()):
            results.add(replace(record(planned.trial, "mine", "finished", None), metrics=METRICS))
            searcher.on_trial_complete(tune_id)
    assert number == 5
    searcher.on_trial_complete("tune-4", error=True)
    assert list(searcher.running) == ["tune-4"], "a failure is still to be recorded"
