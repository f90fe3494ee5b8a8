"""What a search knows of earlier trials, from the store and from others at work on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, plan
from results.store.trial_store import Store


@pytest.fixture
def planned(noop: Any, write_sweep: Callable) -> Plan:
    return plan(str(write_sweep(task={"name": "noop", "number": {"grid": [1, 2, 3, 4]}})))


def store_with(folder: Path, planned: Plan, *statuses: str) -> Store:
    store = Store.open(folder)
    for trial, status in zip(planned.trials, statuses, strict=False):
        store.append(record(trial.trial, "mine", status, "no"))
    return store


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
    assert results.changes == 2


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
