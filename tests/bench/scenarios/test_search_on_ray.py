"""A search that depends on results, on a real Ray: one session, killed in the middle, repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.planning.plan import plan
from results.store.trial_store import Store, StoreError

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(1200)]

SEARCH = {"search": "optuna", "trials": 6, "initial": 3, "batch": 2}
TASK = {"name": "noop", "behaviour": "peak", "noise": {"grid": [0.0, 0.1]}}


def ended(store: Path) -> dict[str, float]:
    try:
        trials = Store.open(store, create=False).load(columns=["trial_id", "finished_at"])
    except StoreError:
        return {}
    return dict(zip(trials["trial_id"], trials["finished_at"], strict=True))


def test_killed_in_the_middle_and_repeated(
    commands: Any, call: Callable, write_sweep: Callable
) -> None:
    file = write_sweep(task=TASK, replicates=2, **SEARCH)
    commands.give_tokens(14)
    process = commands.start("run", file, "--store", commands.store)
    limit = time.monotonic() + 180
    while len(kept := ended(commands.store)) < 14:
        assert process.poll() is None, commands.wait(process)
        assert time.monotonic() < limit
        time.sleep(0.05)
    [driver] = psutil.Process(process.pid).children()
    driver.kill()
    commands.wait(process)
    half = plan(str(file), results=Store.open(commands.store))
    assert half.open
    assert half.rounds >= 2

    commands.give_tokens(None)
    again = commands.run("run", file, "--store", commands.store)
    assert again.code == 0, again.errors
    planned = plan(str(file), results=Store.open(commands.store))
    assert not planned.open
    assert len(planned.trials) == 2 * 2 * 6
    assert set(half.ids) <= set(planned.ids)
    after = ended(commands.store)
    assert set(after) == set(planned.ids), "no trial that the plan does not have"
    assert kept.items() <= after.items(), "no trial is run again"
    # Rounds after the first ran in the same session as the first.
    assert len(Store.open(commands.store).sessions()) == 2
    for study in planned.studies:
        for search in study.searches:
            values = list(search.values.values())
            assert search.ended
            assert None not in values
            assert search.values[study.chosen(search) or ""] == max(values)

    done = call("run", file, "--store", commands.store)  # fails when Ray is started
    assert done.code == 0
    assert done.errors[0] == "mine (laptop): 24 trials, none left to train"
