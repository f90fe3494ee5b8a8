"""Training and evaluating one trial in this process. No Ray, no store: a pure function."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from bench.planning.identity import Trial, seed, torch_seed
from bench.plugin import Evaluation, Split, Splits

_FINITE_CHECK_STEPS = 25
"""Losses are inspected in blocks, so that an accelerator is not waited for at every step."""
_CURVE_POINTS = 30


class Diverged(Exception):
    """The training loss, a weight or a prediction became NaN or infinite."""

    def __init__(self, step: int, value: float) -> None:
        self.step = step
        super().__init__(f"the loss, a weight or a prediction became {value} at step {step}")


@dataclass
class Outcome:
    """What a finished training gives."""

    metrics: dict[str, float]
    details: dict[str, Any]
    curve: list[dict[str, float]]
    seconds: dict[str, float]
    device: str
    decoding: dict[str, float] = field(default_factory=dict)


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes CUDA, then MPS, then the CPU."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def run(trial: Trial) -> Outcome:
    """Train and evaluate ``trial``.

    Raises:
        Diverged: the loss, a weight or a prediction became NaN or infinite.
    """
    device = choose_device(trial.train.device)
    name, started = trial.task.plugin_name, time.perf_counter()
    splits = trial.task.splits(trial.replicate)
    torch.manual_seed(torch_seed(name, trial.replicate, "weights"))
    network = trial.task.network(trial.head).to(device)
    prepared = time.perf_counter()

    torch.manual_seed(torch_seed(name, trial.replicate, "training"))
    curve = _train(trial, network, splits, device)
    trained = time.perf_counter()

    decoding, validation = _validate(trial, network, splits.validation)
    test = trial.task.evaluate(network, trial.loss, splits.test, decoding)
    if not math.isfinite(test.metrics[trial.task.metrics[0].name]):
        raise Diverged(trial.train.steps, math.nan)
    metrics = dict(test.metrics)
    metrics.update({f"validation.{key}": value for key, value in validation.metrics.items()})
    metrics.update({f"decoding.{key}": value for key, value in decoding.items()})
    evaluated = time.perf_counter()
    seconds = {
        "prepare": prepared - started,
        "train": trained - prepared,
        "evaluate": evaluated - trained,
        "total": evaluated - started,
    }
    return Outcome(metrics, test.details, curve, seconds, _device_name(device), decoding)


def _train(
    trial: Trial, network: nn.Module, splits: Splits, device: torch.device
) -> list[dict[str, float]]:
    settings = trial.train
    optimizer = torch.optim.Adam(
        network.parameters(), lr=settings.lr, fused=device.type in ("cpu", "cuda")
    )
    draw = np.random.Generator(
        np.random.Philox(seed(trial.task.plugin_name, trial.replicate, "batches"))
    )
    batches = _batches(len(splits.train), settings.batch_size, draw)
    validate_at = {
        round(settings.steps * (k + 1) / (settings.validations + 1))
        for k in range(settings.validations)
    }
    curve: list[dict[str, float]] = []
    pending: list[torch.Tensor] = []
    report_every = max(1, settings.steps // _CURVE_POINTS)
    recent: list[float] = []
    network.train()
    for step in range(settings.steps):
        inputs, target = splits.train.batch(next(batches))
        inputs, target = inputs.to(device), target.to(device)
        progress = step / settings.steps
        loss = trial.loss(network(inputs), target, progress=progress).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip_norm)
        optimizer.step()
        pending.append(loss.detach())
        done = step + 1
        if len(pending) == _FINITE_CHECK_STEPS or done in validate_at or done == settings.steps:
            recent += _finite_losses(pending, done)
            pending.clear()
        if recent and (done % report_every < _FINITE_CHECK_STEPS or done == settings.steps):
            curve.append({"step": done, "loss": sum(recent) / len(recent)})
            recent = []
        if done in validate_at:
            _, validation = _validate(trial, network, splits.validation)
            primary = trial.task.metrics[0].name
            curve.append({"step": done, f"validation.{primary}": validation.metrics[primary]})
            network.train()
    if not all(bool(torch.isfinite(weight).all()) for weight in network.parameters()):
        raise Diverged(settings.steps, math.nan)
    return curve


def _finite_losses(losses: list[torch.Tensor], done: int) -> list[float]:
    values: list[float] = torch.stack(losses).double().cpu().tolist()
    for offset, value in enumerate(values):
        if not math.isfinite(value):
            raise Diverged(done - len(values) + offset + 1, value)
    return values


def _validate(
    trial: Trial, network: nn.Module, validation: Split
) -> tuple[dict[str, float], Evaluation]:
    network.eval()
    decoding = trial.task.calibrate(network, trial.loss, validation)
    return decoding, trial.task.evaluate(network, trial.loss, validation, decoding)


def _batches(size: int, batch_size: int, draw: np.random.Generator) -> Any:
    """Endless batches of indices: every sample once per epoch, in a fresh order.

    A batch may reach into the next epoch, so all batches have the same size.
    """
    order = np.empty(0, dtype=np.int64)
    while True:
        while len(order) < batch_size:
            order = np.concatenate([order, draw.permutation(size)])
        yield order[:batch_size]
        order = order[batch_size:]


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
