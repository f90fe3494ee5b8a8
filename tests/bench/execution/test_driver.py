"""A job: what a run does and says it did; Ray must not start here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.execution import ray_session
from bench.execution.driver import Job, Summary
from bench.execution.run_settings import RunSettings
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, plan
from results.store.trial_store import Store


@pytest.fixture(autouse=True)
def no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_session, "connect", lambda *_: pytest.fail("Ray was started"))


@pytest.fixture
def skipping(noop: Any, write_sweep: Callable[..., Path]) -> Plan:
    task = {"name": "noop", "behaviour": "skip", "number": {"grid": [1, 2, 3]}}
    return plan(str(write_sweep(task=task)))


def run(planned: Plan, store: Store, **settings: Any) -> Summary:
    known = RunSettings(**settings)
    return Job(planned, store, StoredResults(store, again=known.failed), known).run()


def test_skipped_trials_are_recorded_and_nothing_is_started(skipping: Plan, tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.append(record(skipping.trials[0].trial, "mine", "finished", None))
    summary = run(skipping, store)
    assert (summary.run, summary.statuses) == (2, {"finished": 1, "skipped": 2})
    assert summary.plan is skipping
    assert summary.failed == 0
    reasons = {store.record(name).reason for name in skipping.ids[1:]}
    assert reasons == {"this trial is skipped on purpose"}
    [session] = store.sessions().to_dict("records")
    assert (session["planned"], session["missing"]) == (3, 2)
    assert session["ended_at"] is not None


def test_a_run_without_anything_to_do_leaves_no_session(skipping: Plan, tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for planned in skipping.trials:
        store.append(record(planned.trial, "mine", "failed", "no"))
    summary = run(skipping, store)
    assert (summary.run, summary.statuses, summary.failed) == (0, {"failed": 3}, 3)
    assert store.sessions().empty


def test_failed_trials_are_missing_when_they_are_to_run_again(
    skipping: Plan, tmp_path: Path
) -> None:
    store = Store.open(tmp_path)
    for planned in skipping.trials[:2]:
        store.append(record(planned.trial, "mine", "failed", "no"))
    summary = run(skipping, store, failed=True)
    assert (summary.run, summary.statuses) == (3, {"skipped": 3})
