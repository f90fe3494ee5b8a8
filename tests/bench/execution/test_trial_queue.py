"""What is to run next: rounds, trials of others, skipped ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.execution.trial_queue import TrialQueue, missing_trials
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, PlannedTrial, plan
from results.store.trial_store import Store

METRICS = {"validation.f1": 0.5}


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


def taken(queue: TrialQueue) -> list[int]:
    found = []
    while (trial := queue.next()) is not None:
        found.append(trial.trial.task.number)
    return found


def test_the_queue_passes_over_what_others_finished(
    planned: Plan, tmp_path: Path, queue_of: Callable[..., TrialQueue]
) -> None:
    store = store_with(tmp_path, planned, "finished")
    made = queue_of(planned, StoredResults(store))
    assert made.total == 3
    store.append(record(planned.trials[2].trial, "mine", "finished", None))
    assert taken(made) == [2, 4]
    assert made.passed_over == 1
    again = queue_of(planned, StoredResults(store), backwards=True)
    assert taken(again) == [4, 2]


def test_the_queue_plans_on_as_results_come_in(
    tuned: Plan, tmp_path: Path, queue_of: Callable[..., TrialQueue]
) -> None:
    store = Store.open(tmp_path)
    results = StoredResults(store)
    made = queue_of(tuned, results)
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
    assert made.next() is None
    assert not made.plan.open
    assert made.total == 4


def test_skipped_trials_open_the_next_round(
    noop: Any, write_sweep: Callable, tmp_path: Path
) -> None:
    """Those that a round skips are recorded at once: nothing will ever run for them."""
    task = {"name": "noop", "behaviour": "skip"}
    search = {"search": "optuna", "trials": 4, "initial": 2, "batch": 2, "replicates": 1}
    planned = plan(str(write_sweep(task=task, **search)))
    results, skipped = StoredResults(Store.open(tmp_path)), []

    def skip(trial: PlannedTrial) -> None:
        skipped.append(trial)
        results.add(record(trial.trial, "mine", "skipped", trial.skip_reason))

    made = TrialQueue(planned, results, skip)
    assert not made.has_next()
    assert len(skipped) == 2
    assert not made.plan.open
