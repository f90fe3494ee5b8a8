"""Trials stored under the ids of before, kept under those of today."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.planning.migration import migrated
from bench.planning.plan import plan
from bench.plugin import TrainSettings
from results.store import Store, TrialRecord
from results.store.trial_source import REFERENCE

CROSS_ENTROPY = "cross_entropy"


@pytest.fixture(scope="module")
def today() -> TrialRecord:
    """A trial of the reference results, as if it had been trained at a constant rate."""
    reference = Store.open(REFERENCE, create=False)
    chosen = next(
        planned.trial
        for planned in plan("drums-noise").trials
        if planned.trial.loss.plugin_name == CROSS_ENTROPY
    )
    settings = TrainSettings(**{**chosen.train.options(), "lr": 0.003})
    trial = dataclasses.replace(chosen, train=settings)
    record = reference.record(chosen.trial_id)
    return dataclasses.replace(
        record,
        trial_id=trial.trial_id,
        task_options=trial.task.options(),
        train_options=settings.options(),
    )


def of_before(record: TrialRecord, **changes: Any) -> TrialRecord:
    """As it was stored before: a rate that is a number, no newer settings, another id."""
    old = {"steps", "batch_size", "clip_norm", "validations", "device"}
    train = {name: value for name, value in record.train_options.items() if name in old}
    changes = {"train_options": train | {"lr": 0.003}, "trial_id": "0123456789abcdef"} | changes
    return dataclasses.replace(record, **changes)


def test_a_trial_gets_the_id_of_today_and_keeps_its_results(today: TrialRecord) -> None:
    [found] = migrated([of_before(today)])
    assert found == today


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "gone"},
        {"loss": "gone"},
        {"loss_options": {"decoder": "gone"}},
        {"versions": {"task": "1", "loss": "0"}},
        {"data_version": "other"},
    ],
    ids=str,
)
def test_what_would_give_another_result_is_left_alone(
    today: TrialRecord, changes: dict[str, Any]
) -> None:
    assert list(migrated([of_before(today, **changes)])) == []


def test_a_store_is_migrated_once(call: Callable, tmp_path: Path, today: TrialRecord) -> None:
    store = Store.open(tmp_path / "store")
    store.append(of_before(today))
    first, second = (call("trials", "migrate", "--store", tmp_path / "store") for _ in range(2))
    assert (first.code, first.out) == (0, "1 of 1 trials are now kept under today's ids, too\n")
    assert (second.code, second.out) == (0, "0 of 2 trials are now kept under today's ids, too\n")
    assert store.record(today.trial_id) == today
