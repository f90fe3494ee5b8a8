"""Evaluation: who knows the truth scores best, and validation data alone decide how it is read."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import torch
from torch import nn

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase, batches, some_batch
from bench.conformance.task_contents import (
    batch_size,
    row_digests,
    same,
    take,
)
from bench.conformance.task_evaluation import number
from bench.conformance.task_independence import watched
from bench.conformance.task_labels import label_count
from bench.conformance.task_oracle import oracle
from bench.plugin import EventTarget, Loss, Metric

_MOST = 4096
_SHIFTS = (2, 4, 8, 16, 32, 64)
_ROWS_ON = 8
_SLACK = 1e-6
_EXTREMES = (-1e9, 0.0, 1e9)


def knows_the_truth(case: TaskCase, head: str) -> None:
    """A network that gives the labels scores better than one that gives another sample's.

    No network that gives them some cells off scores better. Both hold for every ranked metric.
    """
    loss, test = case.loss(head), case.splits(head).test
    target = some_batch(test)[1]
    if same(_further(target, 1), target):
        raise NotApplicable("all test samples have the same labels")
    steps, same_counts = _another_sample(target)
    truth, other = _score(case, head, loss), _score(case, head, loss, other=steps)
    shifts: dict[int, dict[str, float]] = {}
    with contextlib.suppress(NotApplicable):
        for size in _SHIFTS:
            if isinstance(target, EventTarget) and size > _bins(target) // 2:
                break
            for shift in (size, -size):
                shifts[shift] = _score(case, head, loss, shift=shift)
    for metric in case.cls.ranked_metrics():
        if metric.name not in truth:
            continue  # of the training, not of the network
        if same_counts and truth[metric.name] == other[metric.name]:
            continue  # it may compare counts
        _assert_best(metric, truth, other, shifts)


def calibration(case: TaskCase, head: str) -> None:
    """Calibrating sees no test data, and evaluating reads outputs as calibrating decided."""
    task, network, loss = case.make(), case.network(head), case.loss(head)
    splits = case.splits_of(task, head)
    test = {row for inputs, _ in batches(splits.test, _MOST) for row in row_digests(inputs)}
    own = {row for inputs, _ in batches(splits.validation, _MOST) for row in row_digests(inputs)}
    with torch.no_grad(), watched(network) as seen:
        decoding = task.calibrate(network, loss, splits.validation)
    leaked = set(seen) & (test - own)
    assert not leaked, f"calibrate() looks at {len(leaked)} samples of the test part"
    for name, value in decoding.items():
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        assert plain, f"calibrate() gives '{name}' as {type(value).__name__}, not as a number"
    if not decoding:
        raise NotApplicable("calibrate() decides nothing")
    with torch.no_grad():
        knowing = _oracle(case, head, loss)
        usual = _evaluated(case, head, knowing, loss, decoding)
        if same(usual, _evaluated(case, head, _oracle(case, head, loss, other=1), loss, decoding)):
            raise NotApplicable("no metric depends on the network")
        for name, value in decoding.items():
            others = [{**decoding, name: extreme} for extreme in (*_EXTREMES, 2 * value + 1)]
            found = [_evaluated(case, head, knowing, loss, changed) for changed in others]
            assert not all(same(usual, metrics) for metrics in found), (
                f"evaluate() ignores '{name}', which calibrate() decided: does it choose its own "
                "on the data that it reports?"
            )


def _assert_best(
    metric: Metric,
    truth: dict[str, float],
    other: dict[str, float],
    shifts: dict[int, dict[str, float]],
) -> None:
    """In the declared direction, the truth is better than another sample's and than any shift.

    Where labels are compared with shifted ones, a shift one way helps and its mirror image does
    not; where the direction is wrong, both do.
    """
    name, sign = metric.name, 1 if metric.best == "max" else -1
    best, wrong = truth[name], other[name]
    assert math.isfinite(best), f"{name} is {best} for a network that knows the truth"
    gain = {s: sign * (m[name] - best) for s, m in shifts.items() if math.isfinite(m[name])}
    far = max(gain, key=lambda shift: gain[shift], default=0)
    helps = gain.get(far, 0.0) > _SLACK
    one_way = helps and gain.get(-far, 0.0) < gain[far] / 2
    assert not one_way, (
        f"{name} is {best:.4g} for a network that knows the truth, {shifts[far][name]:.4g} for one "
        f"that places it {far} cells off: are labels, or what they are compared with, shifted?"
    )
    no_worse = helps or sign * (wrong - best) >= 0
    assert not no_worse, (
        f"{name} is {best:.4g} for a network that knows the truth, {wrong:.4g} for one that knows "
        f"another sample's: is '{metric.best}' the right direction, and are labels compared with "
        "those of the same sample?"
    )


def _score(case: TaskCase, head: str, loss: Loss, **wrong: Any) -> dict[str, float]:
    """The ranked metrics of an `oracle`."""
    found = case.evaluate(head, _oracle(case, head, loss, **wrong), loss).metrics
    names = {metric.name for metric in case.cls.ranked_metrics()} & found.keys()
    return {name: number("metric", name, found[name]) for name in names}


def _oracle(case: TaskCase, head: str, loss: Loss, **wrong: Any) -> nn.Module:
    splits = case.splits(head)
    return oracle(head, case.network(head, loss), loss, [splits.validation, splits.test], **wrong)


def _evaluated(
    case: TaskCase, head: str, network: nn.Module, loss: Loss, decoding: dict[str, float]
) -> dict[str, Any]:
    task = case.make()
    found = task.evaluate(network, loss, case.splits_of(task, head).test, decoding)
    return case.repeating(found)


def _another_sample(target: Any) -> tuple[int, bool]:
    """How many rows further on labels differ most in number, and whether they never do."""
    counts = label_count(target)
    if counts is None:
        return 1, False
    differing = {
        steps: int((_further(counts, steps) != counts).sum()) for steps in range(1, _ROWS_ON)
    }
    steps = max(differing, key=lambda step: differing[step])
    return steps, not differing[steps]


def _further(value: Any, steps: int) -> Any:
    count = len(value) if isinstance(value, torch.Tensor) else batch_size(value)
    return take(value, (torch.arange(count) + steps) % count, count)


def _bins(target: EventTarget) -> int:
    return 0 if target.events is None else target.events.shape[-1]
