"""One trial in this process: what it reports, and how it ends when it goes wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from bench.execution import trainer
from bench.execution.trial_record import execute
from bench.planning.trial import Trial, from_config
from bench.plugin import Evaluation, Metric, NotFinite, TrainSettings, create_loss, create_task

from .toys import Squares, Toy


def make(noop: ModuleType, loss: Any = None, replicate: int = 0, steps: int = 10, **options: Any):
    train = {"batch_size": 8, "validations": 0, "device": "cpu"}
    train |= {name: options.pop(name) for name in list(options) if name in train}
    return Trial(
        task=create_task("noop", **options),
        loss=loss or create_loss("noop"),
        train=TrainSettings(steps=steps, **train),
        scale="laptop",
        replicate=replicate,
        head="events",
    )


def test_a_trial_reports_metrics_phases_and_place(noop: ModuleType) -> None:
    record = execute(make(noop, score=0.75), "mine")
    assert (record.status, record.reason, record.sweep) == ("finished", None, "mine")
    assert record.metrics == {"f1": 0.75, "validation.f1": 0.75, "decoding.threshold": 0.5}
    assert set(record.seconds) == {"prepare", "train", "validate", "evaluate", "total", "cpu"}
    assert 0 < record.seconds["cpu"] < 10
    phases = sum(record.seconds[name] for name in ("prepare", "train", "validate", "evaluate"))
    assert phases == pytest.approx(record.seconds["total"])
    assert record.task_options["score"] == 0.75
    assert record.device == "cpu"
    assert record.data_name == "nothing"
    assert {"python", "torch", "ray", "task", "loss"} <= set(record.versions)


def test_a_trial_survives_its_configuration(noop: ModuleType) -> None:
    trial = make(noop, score=0.3, noise="50 ms", replicate=3)
    assert from_config(trial.to_config()).trial_id == trial.trial_id


@pytest.mark.parametrize(
    ("steps", "nan_from", "step"),
    [(10, 0.0, 1), (10, 0.65, 8), (10, 0.9, 10), (100, 0.333, 35), (100, 0.5, 51)],
)
def test_divergence_names_its_step(
    noop: ModuleType, steps: int, nan_from: float, step: int
) -> None:
    record = execute(make(noop, create_loss("noop", nan_from=nan_from), steps=steps), "mine")
    assert record.status == "diverged"
    assert record.reason.endswith(f" became nan at step {step}")
    assert record.metrics == {}


def test_weights_that_blow_up_at_the_last_step_are_divergence(noop: ModuleType) -> None:
    class Cliff(noop.NoopLoss):
        def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> torch.Tensor:
            value = prediction.mean((1, 2))
            return (value - value.detach()).abs().sqrt()  # zero, with an infinite gradient

    record = execute(make(noop, Cliff(), steps=1), "mine")
    assert record.status == "diverged"
    assert record.reason.endswith("at step 1")


def test_a_metric_that_is_no_number_is_divergence(
    noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = Evaluation({"f1": float("nan")})
    monkeypatch.setattr(noop.Noop, "evaluate", lambda *arguments: nothing)
    assert execute(make(noop), "mine").status == "diverged"


def test_a_crash_keeps_its_traceback(noop: ModuleType) -> None:
    record = execute(make(noop, behaviour="crash"), "mine")
    assert record.status == "failed"
    assert record.reason.startswith("Traceback (most recent call last):")
    assert 'noop.py", line' in record.reason
    assert record.reason.rstrip().endswith("RuntimeError: this trial crashes on purpose")
    assert record.seconds["total"] > 0


def test_the_learning_curve_covers_training(noop: ModuleType) -> None:
    curve = trainer.run(make(noop, steps=200, validations=3)).curve
    losses = [point for point in curve if "loss" in point]
    validations = [point for point in curve if "validation.f1" in point]
    steps = [point["step"] for point in losses]
    assert steps == sorted(set(steps))
    assert 5 <= len(steps) <= 31
    assert steps[-1] == 200
    assert [point["step"] for point in validations] == [50, 100, 150]
    assert losses[-1]["loss"] < losses[0]["loss"]


def test_losses_are_compared_on_common_random_numbers(
    noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(loss: Any, replicate: int = 0) -> tuple[list[list[int]], list[float]]:
        batches: list[list[int]] = []
        weights: list[float] = []
        batch, init = noop.Samples.batch, noop.Network.__init__

        def spy_batch(self: Any, rows: Any, draw: Any = None) -> Any:
            batches.append(list(map(int, rows)))
            return batch(self, rows, draw)

        def spy_init(self: Any) -> None:
            init(self)
            weights.extend(weight.item() for weight in self.parameters())

        with monkeypatch.context() as patch:
            patch.setattr(noop.Samples, "batch", spy_batch)
            patch.setattr(noop.Network, "__init__", spy_init)
            trainer.run(make(noop, loss, replicate))
        return batches, weights

    class Gambler(noop.NoopLoss):
        def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> torch.Tensor:
            np.random.default_rng().random()
            return torch.rand(()) * super().__call__(prediction, target, progress)

    torch.manual_seed(1)
    first = seen(create_loss("noop", softness=0.01))
    torch.manual_seed(2)
    second = seen(Gambler())
    assert first == second
    assert Counter(index for batch in first[0][:5] for index in batch) == Counter(range(40))
    other = seen(create_loss("noop"), replicate=1)
    assert first[0] != other[0]
    assert first[1] != other[1]


def test_training_seconds_leave_validations_out(
    toy_trial: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(trainer.time, "perf_counter", lambda: clock.now)

    class Slow(Toy):
        def network(self, head: str, loss: Any) -> nn.Module:
            made = super().network(head, loss)
            made.register_forward_hook(lambda *it: setattr(clock, "now", clock.now + 1.0))
            return made

        def evaluate(self, *arguments: Any) -> Evaluation:
            clock.now += 100.0
            return super().evaluate(*arguments)

    seconds = trainer.run(toy_trial(Slow(), validations=3)).seconds
    assert (seconds["train"], seconds["validate"], seconds["evaluate"]) == (10.0, 300.0, 200.0)


class Stopping(Toy):
    metrics = (*Toy.metrics, Metric("steps", "min", optional=True))
    finish_every = 3
    at: ClassVar[int] = 6

    def finished(self, network: nn.Module, step: int) -> bool:
        assert step % 3 == 0
        return step >= self.at


def test_a_task_says_when_training_is_finished(toy_trial: Callable) -> None:
    outcome = trainer.run(toy_trial(Stopping(), steps=30))
    assert outcome.metrics["steps"] == 6
    assert outcome.curve[-1]["step"] == 6


def test_the_step_is_undefined_where_it_never_is(toy_trial: Callable) -> None:
    class Never(Stopping):
        at: ClassVar[int] = 1000

    outcome = trainer.run(toy_trial(Never(), steps=30))
    assert math.isnan(outcome.metrics["steps"])


def test_a_method_without_training_is_a_row_like_any_other(toy_trial: Callable) -> None:
    class Baseline(Squares):
        trains = False

        def __call__(self, *arguments: Any, **options: Any) -> Any:
            pytest.fail("it was trained")

    class WithBaseline(Toy):
        def network(self, head: str, loss: Any) -> nn.Module:
            pytest.fail("a network was made")

        def evaluate(self, network: Any, loss: Any, split: Any, decoding: Any) -> Evaluation:
            assert network is None
            return Evaluation({"score": 0.25, "error": len(split)})

    record = execute(toy_trial(WithBaseline(), Baseline()), "mine")
    assert (record.status, record.metrics["score"], record.curve) == ("finished", 0.25, [])
    assert record.metrics["error"] == 4


def test_output_that_is_not_finite_is_divergence(toy_trial: Callable) -> None:
    class Broken(Toy):
        def evaluate(self, *arguments: Any) -> Evaluation:
            raise NotFinite

    record = execute(toy_trial(Broken()), "mine")
    assert (record.status, record.reason) == (
        "diverged",
        "the loss, a weight or a prediction became nan at step 10",
    )


def test_an_undefined_optional_metric_is_a_value(toy_trial: Callable) -> None:
    record = execute(toy_trial(), "mine")
    assert record.status == "finished"
    assert math.isnan(record.metrics["error"])
    assert '"error":null' in record.to_json()
