"""Training and evaluating one trial in this process. No Ray, no store: a pure function."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bench.execution.batches import Batches
from bench.execution.best_weights import BestWeights
from bench.execution.checked_evaluation import checked, undefined
from bench.execution.checkpoints import Checkpoint, Checkpoints
from bench.execution.optimizers import make_optimizer, set_learning_rate
from bench.execution.stop_request import stop_request
from bench.execution.training_state import TrainingState
from bench.planning.seeds import StepStreams, torch_seed
from bench.planning.trial import Trial
from bench.plugin import Evaluation, NotFinite, Split, Splits, Task
from bench.plugin.loss_input import forget
from bench.plugin.one_thread import one_thread
from results.store.record import SAMPLES

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
    """What a finished training gives.

    Attributes:
        seconds: by what they were spent on; ``cpu`` are the processor's, of training, validation
            and test.
    """

    metrics: dict[str, float]
    details: dict[str, Any]
    curve: list[dict[str, float]]
    seconds: dict[str, float]
    device: str


class Stopped(BaseException):
    """The training was asked to end; what there is of it has been kept."""


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes CUDA, then MPS, then the CPU."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def run(trial: Trial, checkpoints: Checkpoints | None = None) -> Outcome:
    """Train and evaluate ``trial``, on one thread: sums of several depend on their number.

    Args:
        checkpoints: where the training is kept while it lasts, and continued from.

    Raises:
        Diverged: the loss, a weight or a prediction became NaN or infinite.
        PluginError: the task returned what its contract does not allow.
        Stopped: a checkpoint was asked for, and made.
    """
    with one_thread():
        return _run(trial, checkpoints)


def _run(trial: Trial, checkpoints: Checkpoints | None) -> Outcome:
    device = choose_device(trial.train.device)
    forget()  # what an earlier trial of this process gave its losses says nothing of this one
    name, started = trial.task.plugin_name, time.perf_counter()
    splits = trial.task.splits(trial.replicate, trial.head)
    network: nn.Module | None = None
    if trial.loss.trains:
        torch.manual_seed(torch_seed(name, trial.replicate, "weights"))
        network = trial.task.network(trial.head, trial.loss).to(device)
    prepared, busy = time.perf_counter(), time.process_time()
    checkpoint = checkpoints.of(trial, device.type) if checkpoints and network else None
    training = None
    if network is not None:
        with stop_request.heeding() if checkpoint else contextlib.nullcontext():
            training = _train(trial, network, splits, device, checkpoint)
    trained = time.perf_counter()
    try:
        decoding, validation = _validate(trial, network, splits.validation)
        test = checked(trial.task, trial.task.evaluate(network, trial.loss, splits.test, decoding))
    except NotFinite:
        raise Diverged(trial.train.steps, math.nan) from None
    if undefined(trial.task, test) is not None:
        raise Diverged(trial.train.steps, math.nan)
    evaluated = time.perf_counter()
    metrics = dict(test.metrics)
    if any(metric.name == "steps" for metric in trial.task.metrics):
        stopped = None if training is None else training.stopped
        metrics["steps"] = math.nan if stopped is None else float(stopped)
    metrics.update({f"validation.{key}": value for key, value in validation.metrics.items()})
    metrics.update({f"decoding.{key}": value for key, value in decoding.items()})
    validating, earlier = (training.validating, training) if training else (0.0, None)
    before = earlier.train if earlier else 0.0
    seconds = {
        **test.seconds,
        "prepare": prepared - started,
        "train": before + trained - prepared - validating,
        "validate": validating,
        "evaluate": evaluated - trained,
        "total": before + evaluated - started,
        "cpu": (earlier.cpu if earlier else 0.0) + time.process_time() - busy,
    }
    details = {**test.details, **({SAMPLES: test.samples} if test.samples else {})}
    if checkpoint is not None and checkpoint.problem is not None:
        details["checkpoint"] = f"none: {checkpoint.problem}"
    curve = training.curve if training else []
    return Outcome(metrics, details, curve, seconds, _device_name(device))


def _train(
    trial: Trial,
    network: nn.Module,
    splits: Splits,
    device: torch.device,
    checkpoint: Checkpoint | None,
) -> TrainingState | None:
    settings, task = trial.train, trial.task
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if not weights:
        return None
    best = BestWeights(task.metrics[0].best) if settings.keep == "best" else None
    training = TrainingState(network, make_optimizer(settings, weights, device), best)
    batches = Batches(trial, splits)
    kept = None if checkpoint is None else checkpoint.load()
    if kept is not None and training.fits(kept):
        training.restore(kept)
        batches.skip(training.done)
    started, busy = time.perf_counter(), time.process_time()
    optimizer, curve, pending = training.optimizer, training.curve, training.pending
    changing = settings.lr.schedule != "constant"
    in_network = StepStreams(task.plugin_name, trial.replicate, "network")
    in_loss = StepStreams(task.plugin_name, trial.replicate, "loss")
    validate_at = {
        round(settings.steps * (k + 1) / (settings.validations + 1))
        for k in range(settings.validations)
    }
    stops = type(task).finished is not Task.finished
    report_every = max(1, settings.steps // _CURVE_POINTS)
    network.train()
    for step in range(training.done, settings.steps):
        inputs, target = batches(step)
        inputs, target = inputs.to(device), target.to(device)
        progress = step / settings.steps
        if changing:
            set_learning_rate(optimizer, settings.lr(progress))
        _seed(in_network.torch(step), device)
        prediction = network(inputs)
        _seed(in_loss.torch(step), device)
        losses = trial.loss(prediction, target, progress=progress)
        loss = losses.mean() if settings.reduction == "mean" else losses.sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if settings.clip_norm is not None:
            nn.utils.clip_grad_norm_(weights, settings.clip_norm)
        optimizer.step()
        pending.append(loss.detach())
        training.done = done = step + 1
        at_end = done == settings.steps
        if stops and done % task.finish_every == 0 and task.finished(network, done):
            training.stopped, at_end = done, True
        if len(pending) == _FINITE_CHECK_STEPS or done in validate_at or at_end:
            training.recent += _finite_losses(pending, done)
            pending.clear()
        if training.recent and (done % report_every < _FINITE_CHECK_STEPS or at_end):
            mean = sum(training.recent) / len(training.recent)
            curve.append({"step": done, "loss": mean})
            training.recent = []
        if done in validate_at or (at_end and best is not None):
            curve.append(_validation_point(trial, network, splits, done, training))
            if best is not None:
                best.see(network, curve[-1][f"validation.{task.metrics[0].name}"])
            network.train()
        if training.stopped is not None:
            break
        if checkpoint is not None and (stop_request.asked or checkpoint.due()):
            spent = time.perf_counter() - started, time.process_time() - busy
            checkpoint.save(training.content(*spent))
            if stop_request.asked:
                raise Stopped
    if not all(bool(torch.isfinite(weight).all()) for weight in weights):
        raise Diverged(training.stopped or settings.steps, math.nan)
    if best is not None:
        best.restore(network)
    return training


def _seed(seed: int, device: torch.device) -> None:
    """``torch.manual_seed`` for the CPU and the device in use, at a fortieth of its time."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


def _finite_losses(losses: list[torch.Tensor], done: int) -> list[float]:
    values: list[float] = torch.stack(losses).double().cpu().tolist()
    for offset, value in enumerate(values):
        if not math.isfinite(value):
            raise Diverged(done - len(values) + offset + 1, value)
    return values


def _validation_point(
    trial: Trial, network: nn.Module, splits: Splits, done: int, training: TrainingState
) -> dict[str, float]:
    """A point of the learning curve; a network whose output is not finite has diverged."""
    started, primary = time.perf_counter(), trial.task.metrics[0].name
    try:
        _, validation = _validate(trial, network, splits.validation)
    except NotFinite:
        raise Diverged(done, math.nan) from None
    training.validating += time.perf_counter() - started
    value = validation.metrics.get(primary, math.nan)
    return {"step": done, f"validation.{primary}": value}


def _validate(
    trial: Trial, network: nn.Module | None, validation: Split
) -> tuple[dict[str, float], Evaluation]:
    if network is not None:
        network.eval()
    decoding = trial.task.calibrate(network, trial.loss, validation)
    found = trial.task.evaluate(network, trial.loss, validation, decoding)
    return decoding, checked(trial.task, found)


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
