"""Training: every loss moves the output, every part of the output and every weight is moved."""

from __future__ import annotations

import dataclasses
import traceback
from typing import Any

import torch
from torch import Tensor

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase, training_batch
from bench.plugin import Loss, PointPrediction

_BATCH = 16


def gradients(case: TaskCase, head: str) -> None:
    """Every loss of the head that the task does not skip is tried, third-party ones included.

    Each gives a finite loss per sample, and a finite gradient that is not zero everywhere (one that
    compares views may: they may agree). Each channel of each part of the output depends on weights
    and gets a gradient from some loss, and so does each weight.
    """
    losses = case.losses(head)
    _assert_trainable(case, head)
    unmoved: set[str] | None = None
    idle: set[str] | None = None
    for loss in losses:
        moved, parts, weights = _train_once(case, head, loss)
        assert moved or loss.views > 1, f"the output gets no gradient from '{loss.plugin_name}'"
        if loss.views > 1 and not moved:
            continue
        unmoved = parts if unmoved is None else unmoved & parts
        idle = weights if idle is None else idle & weights
    tried = ", ".join(loss.plugin_name for loss in losses)
    assert not unmoved, f"{min(unmoved)} of the output gets no gradient from any loss ({tried})"
    assert not idle, f"weight {min(idle)} gets no gradient from any loss ({tried})"


def _assert_trainable(case: TaskCase, head: str) -> None:
    """Each channel of each part of the output depends on some weight."""
    network = case.network(head).train()
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    if not weights:
        raise NotApplicable("the network has no weights")
    task = case.make()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        prediction = network(training_batch(task, case.splits_of(task, head), _BATCH)[0])
    for part, tensor in parts_of(prediction).items():
        for name, channel in _by_channel(part, tensor).items():
            found: tuple[Tensor | None, ...] = (None,)
            if channel.requires_grad:
                some = torch.linspace(0.5, 1.5, channel.numel()).view_as(channel)
                found = torch.autograd.grad(
                    (some * channel).sum(), weights, allow_unused=True, retain_graph=True
                )
            moved = any(gradient is not None and bool(gradient.any()) for gradient in found)
            assert moved, f"{name} of the output depends on no weight"


def _train_once(case: TaskCase, head: str, loss: Loss) -> tuple[bool, set[str], set[str]]:
    """Whether the output gets a gradient, and names of its parts and of weights that get none."""
    task, name = case.make(), loss.plugin_name
    splits = case.splits_of(task, head)
    network = case.network(head, loss).train()
    weights = dict(network.named_parameters())
    inputs, target = training_batch(task, splits, _BATCH, views=loss.views)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        prediction = network(inputs)
        leaves = parts_of(prediction)
        for tensor in leaves.values():
            if tensor.requires_grad:
                tensor.retain_grad()
        try:
            value = loss(prediction, target, progress=0.5)
        except Exception:
            raise AssertionError(
                f"loss '{name}' fails on a training batch; `skip` says which losses a task cannot "
                f"take:\n{traceback.format_exc(limit=-2)}"
            ) from None
    assert value.shape == (len(inputs),), f"'{name}': loss of shape {tuple(value.shape)}"
    assert torch.isfinite(value).all(), f"'{name}': the loss is {float(value.mean().detach())}"
    if not value.requires_grad:
        return False, set(leaves), set(weights)
    value.mean().backward()  # type: ignore[no-untyped-call]
    for weight_name, weight in weights.items():
        finite = weight.grad is None or bool(torch.isfinite(weight.grad).all())
        assert finite, f"'{name}': the gradient of weight {weight_name} is not finite"
    still = {
        name
        for part, tensor in leaves.items()
        for name, gradient in _by_channel(
            part, torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
        ).items()
        if not gradient.any()
    }
    moved = any(t.grad is not None and bool(t.grad.any()) for t in leaves.values())
    idle = {key for key, weight in weights.items() if weight.requires_grad and weight.grad is None}
    return moved, still, idle


def parts_of(prediction: Any) -> dict[str, Tensor]:
    """Tensors that a network's output consists of, by name; cells of candidates are given."""
    if isinstance(prediction, Tensor):
        return {"the map": prediction}
    if isinstance(prediction, PointPrediction):
        return {"position": prediction.position, "p": prediction.p}
    fields = {f.name: getattr(prediction, f.name) for f in dataclasses.fields(prediction)}
    return {name: value for name, value in fields.items() if isinstance(value, Tensor)}


def _by_channel(part: str, tensor: Tensor) -> dict[str, Tensor]:
    """Channels of a part of the output by name; the whole where it has a single one or none."""
    axis = -1 if part in ("position", "p") else 1
    if tensor.dim() < 3 or tensor.shape[axis] == 1:
        return {part: tensor}
    return {f"channel {k} of {part}": channel for k, channel in enumerate(tensor.unbind(axis))}
