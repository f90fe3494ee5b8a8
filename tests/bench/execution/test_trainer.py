"""One trial in this process: what it reports, and how it ends when it goes wrong."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from bench.execution import trainer as training
from bench.execution.batches import orders
from bench.execution.trial_record import execute
from bench.planning.trial import Trial, from_config
from bench.plugin import Evaluation, TrainSettings, create_loss, create_task


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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
    assert set(record.seconds) == {"prepare", "train", "validate", "evaluate", "total"}
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
    curve = training.run(make(noop, steps=200, validations=3)).curve
    losses = [point for point in curve if "loss" in point]
    validations = [point for point in curve if "validation.f1" in point]
    steps = [point["step"] for point in losses]
    assert steps == sorted(set(steps))
    assert 5 <= len(steps) <= 31
    assert steps[-1] == 200
    assert [point["step"] for point in validations] == [50, 100, 150]
    assert losses[-1]["loss"] < losses[0]["loss"]


@pytest.mark.parametrize(("size", "batch"), [(40, 8), (40, 7), (5, 8), (1, 1), (3, 7)])
def test_batches_cover_every_sample_once_per_epoch(size: int, batch: int) -> None:
    batches = orders(size, batch, np.random.default_rng(0))
    flat = np.concatenate(list(islice(batches, 3 * size))).reshape(-1, size)
    assert flat.shape == (3 * batch, size)
    for epoch in flat:
        assert sorted(epoch) == list(range(size))
    if size > 5:
        assert (flat[0] != flat[1]).any()


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
            training.run(make(noop, loss, replicate))
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
