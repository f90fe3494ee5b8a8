"""A training that is broken off anywhere and continued gives the same bits as an unbroken one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bench.execution import trainer
from bench.execution.best_weights import BestWeights
from bench.execution.checkpoints import Checkpoints
from bench.execution.training_state import TrainingState
from bench.plugin import Evaluation, cosine

from .toys import Gambler, Squares, Toy


class Shaken(Toy):
    """Augments, and tells the weights that are tested; validation is best in the middle."""

    plugin_name = "shaken"

    def augment(self, inputs: Any, target: Any, draw: Any) -> Any:
        return inputs + torch.from_numpy(draw.normal(size=inputs.shape)).float(), target

    def evaluate(self, network: Any, loss: Any, split: Any, decoding: Any) -> Evaluation:
        weights = torch.cat([part.flatten() for part in network.state_dict().values()]).tolist()
        return Evaluation(
            {"score": 1 / (1 + abs(weights[0] - 0.1)), "error": 0.0}, {"weights": weights}
        )


class Break(Exception):
    """What a killed process does not get to see."""


@pytest.mark.parametrize("loss", [Squares, Gambler])
@pytest.mark.parametrize(
    "train",
    [
        {"lr": cosine(0.1, 0.01), "validations": 3, "keep": "best"},
        {"optimizer": "adamw", "weight_decay": 0.1, "lr": 0.05},
        {"optimizer": "sgd", "momentum": 0.9, "lr": 0.05, "validations": 2},
    ],
)
def test_bits_are_those_of_an_unbroken_training(
    toy_trial: Callable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loss: type,
    train: dict[str, Any],
) -> None:
    trial = toy_trial(Shaken(), loss(), steps=70, **train)
    whole = trainer.run(trial)
    kept = Checkpoints(str(tmp_path), every=0.0)
    kept.offer()
    seeded, calls, ends = trainer._seed, 0, [1, 2, 7, 30, 31, 52, 63, 90, 138]

    def seed(*arguments: Any) -> None:  # twice in each step: before and after the network
        nonlocal calls
        calls += 1
        if calls in ends:
            raise Break
        seeded(*arguments)

    monkeypatch.setattr(trainer, "_seed", seed)
    breaks = 0
    while True:
        try:
            continued = trainer.run(trial, kept)
            break
        except Break:
            breaks += 1
    assert breaks == len(ends)
    assert calls <= 2 * 70 + 2 * len(ends)  # what was done was not done again
    assert continued.details == whole.details
    assert continued.metrics == whole.metrics
    assert continued.curve == whole.curve


def test_seconds_of_earlier_processes_count(
    toy_trial: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, trial = Checkpoints(str(tmp_path), every=0.0), toy_trial(Shaken(), steps=4)
    kept.offer()
    content = TrainingState.content
    monkeypatch.setattr(TrainingState, "content", lambda self, *_: content(self, 1000.0, 500.0))
    trainer.run(trial, kept)
    monkeypatch.undo()
    found = trainer.run(trial, kept)
    assert found.seconds["train"] >= 1000
    assert found.seconds["cpu"] >= 500
    assert found.seconds["total"] >= found.seconds["train"]


def test_a_state_of_another_network_does_not_fit() -> None:
    def state(network: nn.Module) -> TrainingState:
        return TrainingState(network, torch.optim.Adam(network.parameters()), BestWeights("max"))

    kept = state(nn.Linear(2, 3)).content(0.0, 0.0)
    assert state(nn.Linear(2, 3)).fits(kept)
    assert not state(nn.Linear(2, 4)).fits(kept)
    assert not state(nn.Linear(2, 3, bias=False)).fits(kept)


def test_a_folder_out_of_reach_is_told_and_the_training_goes_on(
    toy_trial: Callable, tmp_path: Path
) -> None:
    trial = toy_trial(Shaken(), steps=5)
    found = trainer.run(trial, Checkpoints(str(tmp_path / "elsewhere"), every=0.0))
    assert found.metrics == trainer.run(trial).metrics
    assert found.details["checkpoint"].startswith("none: ")
