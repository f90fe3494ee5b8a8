"""Candidates of settings are trained on data that no sweep uses, and judged on validation data."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from bench.execution.trainer import run
from bench.plugin import Task, create_task

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FILES = sorted((BENCHMARKS / "settings").glob("*.yaml"))


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delitem(sys.modules, "settings", raising=False)
    import settings

    monkeypatch.setattr(Task, "world", settings.held_back_world)
    return settings


@pytest.mark.parametrize("file", FILES, ids=[path.stem for path in FILES])
def test_candidates_are_in_replicates_and_worlds_of_their_own(
    settings: ModuleType, file: Path
) -> None:
    trials = settings.candidates(str(file))
    assert trials
    assert all(trial.replicate >= 1000 for trial in trials)
    assert all(
        trial.task.world(trial.replicate) >= trial.task.worlds
        for trial in trials
        if trial.task.worlds > 1
    )
    assert settings.differing(trials)


def test_tasks_made_of_others_are_held_back_too(settings: ModuleType) -> None:
    drums = create_task("semi_supervised").drums
    assert [drums.world(replicate) for replicate in (1000, 1001)] == [10, 11]


def test_a_row_shows_what_validation_said(
    settings: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\ntask: {name: puffs, size: tiny}\n"
        "loss: [{name: cross_entropy}, {name: poisson_binomial}]\n"
        "train: {steps: 2, batch_size: 4, validations: 0}\n"
    )
    trials = settings.candidates(str(file))
    head, first, second = settings.lines(trials, ["f1"], 1)
    assert head.splitlines()[0] == "| loss | f1 | CPU s |"
    for trial, line in zip(trials, (first, second), strict=True):
        name, value = line.strip("| ").split(" | ")[:2]
        assert name == trial.loss.plugin_name
        assert value == f"{run(trial).metrics['validation.f1']:.3f}"
