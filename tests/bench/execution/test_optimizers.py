"""Optimisers against the update rules written out, and schedules of the learning rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from bench.execution import trainer
from bench.execution.optimizers import make_optimizer, set_learning_rate
from bench.plugin import Evaluation, TrainSettings

from .toys import Squares, Toy

CPU = torch.device("cpu")


def steps(settings: TrainSettings, gradients: list[float], start: float = 1.0) -> list[float]:
    weight = nn.Parameter(torch.tensor([start], dtype=torch.float64))
    optimizer = make_optimizer(settings, [weight], CPU)
    found = []
    for gradient in gradients:
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        found.append(weight.item())
    return found


def test_gradient_descent_with_momentum_and_decay() -> None:
    settings = TrainSettings(optimizer="sgd", lr=0.1, momentum=0.5, weight_decay=0.2)
    weight, velocity, expected = 1.0, 0.0, []
    for number, gradient in enumerate([1.0, -2.0, 0.5]):
        total = gradient + 0.2 * weight
        velocity = total if number == 0 else 0.5 * velocity + total
        weight -= 0.1 * velocity
        expected.append(weight)
    assert steps(settings, [1.0, -2.0, 0.5]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adam_with_decay_in_the_gradient_or_beside_it(name: str) -> None:
    settings = TrainSettings(optimizer=name, lr=0.1, weight_decay=0.2)
    weight, first, second, expected = 1.0, 0.0, 0.0, []
    for number, gradient in enumerate([1.0, -2.0, 0.5], start=1):
        if name == "adamw":
            weight -= 0.1 * 0.2 * weight
        else:
            gradient += 0.2 * weight
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        scale = (second / (1 - 0.999**number)) ** 0.5 + 1e-8
        weight -= 0.1 * first / (1 - 0.9**number) / scale
        expected.append(weight)
    assert steps(settings, [1.0, -2.0, 0.5]) == pytest.approx(expected, rel=1e-6)


def test_the_rate_follows_its_schedule(
    toy_trial: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []

    def spy(optimizer: Any, lr: float) -> None:
        rates.append(lr)
        set_learning_rate(optimizer, lr)

    monkeypatch.setattr(trainer, "set_learning_rate", spy)
    schedule = {"schedule": "linear", "start": 0.1, "end": 0.0}
    trainer.run(toy_trial(lr=schedule, optimizer="sgd"))
    assert rates == pytest.approx([0.1 - 0.01 * step for step in range(10)])


class Weighed(Toy):
    """Reports where training left the network."""

    def network(self, head: str, loss: Any) -> nn.Module:
        return nn.Sequential(nn.Linear(6, 6), nn.Sigmoid())

    def evaluate(self, network: Any, loss: Any, split: Any, decoding: Any) -> Evaluation:
        left = torch.cat([weight.flatten() for weight in network.parameters()]).tolist()
        return Evaluation({"score": 0.5, "error": 0.0}, {"weights": left})


def weights(trial: Any) -> list[float]:
    found: list[float] = trainer.run(trial).details["weights"]
    return found


def test_a_sum_over_the_batch_is_the_mean_with_a_larger_rate(toy_trial: Callable) -> None:
    common = {"optimizer": "sgd", "clip_norm": None}
    mean = weights(toy_trial(Weighed(), reduction="mean", lr=0.04, **common))
    total = weights(toy_trial(Weighed(), reduction="sum", lr=0.01, **common))
    assert total == pytest.approx(mean, rel=1e-4)
    other = weights(toy_trial(Weighed(), reduction="sum", lr=0.04, **common))
    assert other != pytest.approx(mean, rel=1e-2)


def test_gradients_are_clipped_only_if_asked(toy_trial: Callable) -> None:
    found = {
        clip: weights(toy_trial(Weighed(), optimizer="sgd", lr=0.1, clip_norm=clip))
        for clip in (1e-3, 1e9, None)
    }
    assert found[None] == pytest.approx(found[1e9], rel=1e-6)
    assert found[None] != pytest.approx(found[1e-3], rel=1e-3)


class Free(Weighed):
    """No network to speak of: the numbers themselves are optimised."""

    def network(self, head: str, loss: Any) -> nn.Module:
        class Numbers(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.numbers = nn.Parameter(torch.zeros(1, 1, 6))

            def forward(self, inputs: Any) -> Any:
                return self.numbers.expand(len(inputs), -1, -1)

        return Numbers()


def test_numbers_are_optimised_without_a_network(toy_trial: Callable) -> None:
    # Every bin has an event in a sixth of the samples, which is where the squares are least.
    found = weights(toy_trial(Free(), Squares(), steps=2000, optimizer="sgd", lr=0.02))
    assert found == pytest.approx([4 / 20, 4 / 20, 3 / 20, 3 / 20, 3 / 20, 3 / 20], abs=0.05)


def test_zero_steps_evaluate_the_network_as_it_was_made(toy_trial: Callable) -> None:
    none, some = (weights(toy_trial(Weighed(), steps=steps)) for steps in (0, 1))
    assert len(none) == len(some) == 42
    assert none != some
    assert max(abs(a - b) for a, b in zip(none, some, strict=True)) < 0.01
