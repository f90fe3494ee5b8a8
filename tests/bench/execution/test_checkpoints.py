"""Files of unfinished trainings: what is read back, what is refused, and what is out of reach."""

from __future__ import annotations

import dataclasses
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from bench.execution import environment
from bench.execution.checkpoints import Checkpoint, Checkpoints
from bench.execution.trial_record import record
from results.store.trial_store import Store

STATE = {"done": 3, "curve": [{"step": 1, "loss": 0.1}], "weights": {"a": torch.arange(3.0)}}


@pytest.fixture
def folder(tmp_path: Path) -> Checkpoints:
    found = Checkpoints(str(tmp_path), every=0.0)
    found.offer()
    return found


@pytest.fixture
def kept(folder: Checkpoints, toy_trial: Callable) -> Checkpoint:
    found = folder.of(toy_trial(), "cpu")
    found.save(STATE)
    assert found.problem is None
    return found


def file(folder: Checkpoints, trial: Any) -> Path:
    return Path(folder.url) / "checkpoints" / f"{trial.trial_id}.pt"


def test_what_is_kept_of_ended_trials_is_cleared(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable
) -> None:
    other = dataclasses.replace(toy_trial(), replicate=1)
    folder.of(other, "cpu").save(STATE)
    folder.clear({toy_trial().trial_id, "0000000000000000"})
    names = [path.name for path in Path(folder.url, "checkpoints").iterdir()]
    assert sorted(names) == sorted([f"{other.trial_id}.pt", "format.json"])
    Checkpoints(f"{folder.url}/nowhere").clear({other.trial_id})  # nothing to clear is no error


def test_another_process_reads_what_was_kept(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable
) -> None:
    found = folder.of(toy_trial(), "cpu").load()
    assert found is not None
    assert torch.equal(found.pop("weights")["a"], torch.arange(3.0))
    assert found == {"done": 3, "curve": [{"step": 1, "loss": 0.1}]}


def test_other_options_replicates_and_devices_begin_anew(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable
) -> None:
    trial = toy_trial()
    assert folder.of(toy_trial(steps=11), "cpu").load() is None
    assert folder.of(dataclasses.replace(trial, replicate=1), "cpu").load() is None
    assert folder.of(trial, "cuda").load() is None


def test_a_file_under_another_trials_name_is_refused(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable
) -> None:
    other = toy_trial(steps=11)
    os.replace(file(folder, toy_trial()), file(folder, other))
    assert folder.of(other, "cpu").load() is None


def test_other_library_versions_begin_anew(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "versions", lambda: {"torch": "0"})
    assert folder.of(toy_trial(), "cpu").load() is None


@pytest.mark.parametrize("length", [0, 1, 100, 1000])
def test_what_was_cut_short_is_passed_over(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable, length: int
) -> None:
    path = file(folder, toy_trial())
    path.write_bytes(path.read_bytes()[:length])
    assert folder.of(toy_trial(), "cpu").load() is None


class Unwelcome:
    """Does something when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, (self.where,)

    def __init__(self, where: str) -> None:
        self.where = where


def test_nothing_is_unpickled(folder: Checkpoints, toy_trial: Callable, tmp_path: Path) -> None:
    found, mark = folder.of(toy_trial(), "cpu"), tmp_path / "mark"
    for write in (torch.save, lambda it, path: path.write_bytes(pickle.dumps(it))):
        write(Unwelcome(str(mark)), file(folder, toy_trial()))
        assert found.load() is None
    assert not mark.exists()


def test_a_folder_that_the_driver_did_not_offer_is_a_problem_once(
    toy_trial: Callable, tmp_path: Path
) -> None:
    found = Checkpoints(str(tmp_path / "elsewhere"), every=0.0).of(toy_trial(), "cpu")
    assert found.load() is None
    assert found.due()
    found.save(STATE)
    assert found.problem == f"{tmp_path}/elsewhere is not the driver's folder on this machine"
    assert not found.due()
    assert not (tmp_path / "elsewhere").exists()


def test_checkpoints_are_as_far_apart_as_they_should(
    folder: Checkpoints, toy_trial: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("bench.execution.checkpoints.time.monotonic", lambda: now)
    found = dataclasses.replace(folder, every=10.0).of(toy_trial(), "cpu")
    now = 109.0
    assert not found.due()
    now = 111.0
    assert found.due()
    found.save(STATE)
    assert not found.due()


def test_what_is_kept_goes_when_the_trial_has_ended(
    kept: Checkpoint, folder: Checkpoints, toy_trial: Callable
) -> None:
    trial = toy_trial()
    Store.open(folder.url)  # beside the store's own files
    assert file(folder, trial).exists()
    rare = dataclasses.replace(folder, every=1000.0)
    rare.add(record(trial, "mine", "diverged", "too short to have left anything"))
    assert file(folder, trial).exists()
    for one in (rare, folder):
        one.add(record(trial, "mine", "failed", "why"))
        assert not file(folder, trial).exists()
