"""Parts of the driver on their own: what is missing, who else is at work, a store that fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import driver
from bench.plan import Plan, plan
from bench.session import Session
from bench.trial import record
from results.store import Store, StoreError


@pytest.fixture
def planned(noop: Any, write_sweep: Callable) -> Plan:
    return plan(str(write_sweep(task={"name": "noop", "number": {"grid": [1, 2, 3, 4]}})))


def test_what_is_missing(planned: Plan) -> None:
    a, b, c, d = planned.ids
    statuses = {a: "finished", b: "failed", c: "diverged", "of another sweep": "failed"}

    def missing(failed: bool) -> list[str]:
        return [trial.trial_id for trial in driver.missing_trials(planned, statuses, failed)]

    assert missing(failed=False) == [d]
    assert missing(failed=True) == [b, d]


def test_trials_that_another_driver_stored(
    planned: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "_STORE_LOOK_SECONDS", 0.0)
    store = Store.open(tmp_path)
    first, second, third, fourth = planned.trials
    store.append(record(first.trial, "mine", "failed", "no"))
    store.append(record(second.trial, "mine", "failed", "no"))
    before = store.statuses()
    store.append(record(third.trial, "mine", "diverged", "no"))  # while this driver starts up
    finished = driver._FinishedElsewhere(store, before, set(planned.ids))
    store.append(record(second.trial, "mine", "finished", None))
    ids = [trial.trial_id for trial in (first, second, third, fourth)]
    assert [finished(trial_id) for trial_id in ids] == [False, True, True, False]


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


def test_a_store_that_fails_ends_the_sweep_with_its_own_error(planned: Plan) -> None:
    from bench.collector import Collector
    from bench.feed import Feed
    from bench.worker import RECORD

    class Full:
        def add(self, ended: Any) -> None:
            raise StoreError("/data/store: cannot be written (no space left on device)")

    later: list[Any] = []
    feed = Feed(planned.trials, lambda trial_id: False, list)
    collector = Collector(feed, "mine", [Full(), SimpleNamespace(add=later.append)])
    ended = record(planned.trials[0].trial, "mine", "finished", None)
    trial = SimpleNamespace(trial_id="tune-1", last_result={})
    with pytest.raises(StoreError, match="no space left"):
        collector.on_trial_result(1, [], trial, {RECORD: ended.to_json()})
    assert "no space left" in str(collector.problem)
    assert later == [], "what is not stored is not mirrored"


def test_the_feed_passes_over_what_others_finished(planned: Plan) -> None:
    from ray.tune.search import Searcher

    from bench.feed import Feed

    done = set(planned.ids[1:3])
    passed: list[int] = []
    feed = Feed(planned.trials, done.__contains__, lambda: passed.append(1))
    given = [feed.suggest(f"tune-{number}") for number in range(3)]
    assert [config["task"]["number"] for config in given[:2]] == [1, 4]
    assert given[2] == Searcher.FINISHED
    assert len(passed) == 2
    feed.on_trial_complete("tune-0")
    feed.on_trial_complete("tune-1", error=True)
    assert list(feed.running) == ["tune-1"], "a failure is still to be recorded"
