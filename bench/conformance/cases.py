"""Random and hostile predictions and targets for each head."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bench.plugin import (
    EventTarget,
    HeatmapTarget,
    InstanceTarget,
    PointPrediction,
    PointTarget,
)

BATCH, CHANNELS, TIME, GRID, POINTS = 4, 2, 24, 6, 3


@dataclass(frozen=True)
class Case:
    """A prediction as leaf tensors, how a head packs them, and a target.

    Attributes:
        tensors: what gradients are taken with respect to; the first axis of each is the batch.
        pack: makes the head's prediction from ``tensors``.
        target: the head's target.
    """

    tensors: tuple[Tensor, ...]
    pack: Callable[..., Any]
    target: Any

    def with_tensors(self, *tensors: Tensor) -> Case:
        """The same target with other predictions."""
        return dataclasses.replace(self, tensors=tensors)


def random_case(head: str, generator: torch.Generator, dtype: torch.dtype) -> Case:
    """Predictions strictly inside their range and targets with a few labels."""
    if head == "events":
        p = _uniform((BATCH, CHANNELS, TIME), generator, dtype, 0.05, 0.6)
        return Case((p,), _same, _event_target(generator, dtype))
    if head == "instances":
        p = _uniform((BATCH, TIME), generator, dtype, 0.05, 0.6)
        count = torch.randint(0, 4, (BATCH,), generator=generator)
        labels = (torch.arange(TIME)[None, :] < count[:, None]).to(dtype)
        return Case((p,), _same, InstanceTarget(count, labels))
    if head == "heatmap":
        logits = torch.randn((BATCH, POINTS, GRID, GRID), generator=generator, dtype=dtype)
        position = _uniform((BATCH, POINTS, 2), generator, dtype, 1.0, GRID - 2.0)
        return Case((logits,), _same, HeatmapTarget(position))
    cells = torch.cartesian_prod(torch.arange(GRID), torch.arange(GRID)).to(dtype)
    offset = _uniform((BATCH, GRID * GRID, 2), generator, dtype, 0.05, 0.95)
    p = _uniform((BATCH, GRID * GRID, 1), generator, dtype, 0.02, 0.3)
    target = PointTarget(
        _uniform((BATCH, POINTS, 2), generator, dtype, 0.5, GRID - 0.5),
        torch.ones(BATCH, POINTS, dtype=torch.bool),
    )
    return Case((cells + offset, p), _PointPack(cells), target)


def truthful_case(head: str, case: Case, right: bool) -> Case:
    """Confident predictions that agree with the target, or (``right=False``) clearly do not."""
    target = case.target
    if head == "events":
        # Wrong means another place and another number.
        events = target.events if right else 1 - target.events.roll(TIME // 2, -1)
        return case.with_tensors(0.02 + 0.93 * events.clamp(max=1))
    if head == "instances":
        labels = target.labels if right else 1 - target.labels
        return case.with_tensors(0.02 + 0.93 * labels)
    if head == "heatmap":
        cell = target.position.round().long()
        if not right:
            cell = (cell + GRID // 2) % GRID
        flat = torch.zeros_like(case.tensors[0]).flatten(2)
        flat.scatter_(2, (cell[..., 0] * GRID + cell[..., 1])[..., None], 12.0)
        return case.with_tensors(flat.view_as(case.tensors[0]))
    position, p = case.tensors
    chosen = torch.arange(POINTS)
    moved = position.clone()
    moved[:, chosen] = target.position if right else (target.position + GRID / 2) % GRID
    sparse = torch.full_like(p, 1e-4)
    sparse[:, : POINTS if right else 2 * POINTS] = 0.98  # wrong in number, too
    return Case((moved, sparse), _points_anywhere, target)


def padded_case(head: str, case: Case) -> Case | None:
    """The same data with padding that must not matter; None where the head has no padding."""
    target = case.target
    if head == "events":
        extra = 5
        p = torch.cat(
            [case.tensors[0], torch.full((BATCH, CHANNELS, extra), 0.7).to(case.tensors[0])], -1
        )
        events = torch.cat(
            [target.events, torch.ones(BATCH, CHANNELS, extra).to(target.events)], -1
        )
        mask = torch.arange(TIME + extra).expand(BATCH, -1) < TIME
        return Case((p,), _same, dataclasses.replace(target, events=events, mask=mask))
    if head == "points":
        extra_points = torch.full((BATCH, 2, 2), float("nan")).to(target.position)
        position = torch.cat([target.position, extra_points], 1)
        mask = torch.cat([target.mask, torch.zeros(BATCH, 2, dtype=torch.bool)], 1)
        return dataclasses.replace(case, target=PointTarget(position, mask))
    return None


def permuted_case(case: Case, order: Tensor) -> Case:
    """The samples of a batch in another order."""
    fields = {
        field.name: getattr(case.target, field.name)[order]
        for field in dataclasses.fields(case.target)
        if isinstance(getattr(case.target, field.name), Tensor)
    }
    return dataclasses.replace(
        case,
        tensors=tuple(tensor[order] for tensor in case.tensors),
        target=dataclasses.replace(case.target, **fields),
    )


def hostile_cases(head: str, case: Case) -> dict[str, Case]:
    """Predictions at the ends of their range, no labels, everything masked, huge logits."""
    first, target = case.tensors[0], case.target
    cases: dict[str, Case] = {}
    if head == "heatmap":
        cases["logits of 1e4"] = case.with_tensors(first.sign() * 1e4)
        mask = torch.zeros(BATCH, POINTS, dtype=torch.bool)
        cases["fully masked rows"] = dataclasses.replace(
            case, target=dataclasses.replace(target, mask=mask)
        )
        return cases
    for value in (0.0, 1.0):
        last = torch.full_like(case.tensors[-1], value)
        cases[f"p exactly {value:.0f}"] = case.with_tensors(*case.tensors[:-1], last)
    if head == "events":
        empty = dataclasses.replace(target, events=torch.zeros_like(target.events))
        cases["no labels"] = dataclasses.replace(case, target=empty)
        mask = torch.zeros(BATCH, TIME, dtype=torch.bool)
        cases["fully masked rows"] = dataclasses.replace(
            case, target=dataclasses.replace(target, mask=mask)
        )
    if head == "points":
        empty_points = PointTarget(
            torch.full_like(target.position, float("nan")), torch.zeros_like(target.mask)
        )
        cases["no labels"] = dataclasses.replace(case, target=empty_points)
    if head == "instances":
        none = InstanceTarget(torch.zeros_like(target.count), torch.zeros_like(target.labels))
        cases["no labels"] = dataclasses.replace(case, target=none)
    return cases


class _PointPack:
    def __init__(self, cells: Tensor) -> None:
        self._cells = cells

    def __call__(self, position: Tensor, p: Tensor) -> PointPrediction:
        return PointPrediction(position, p, cell=self._cells.to(position.dtype))


def _points_anywhere(position: Tensor, p: Tensor) -> PointPrediction:
    return PointPrediction(position, p)


def _same(prediction: Tensor) -> Tensor:
    return prediction


def _uniform(
    shape: tuple[int, ...],
    generator: torch.Generator,
    dtype: torch.dtype,
    low: float,
    high: float,
) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator, dtype=dtype)


def _event_target(generator: torch.Generator, dtype: torch.dtype) -> EventTarget:
    events = torch.zeros(BATCH, CHANNELS, TIME, dtype=dtype)
    for row in events.view(-1, TIME):
        places = torch.randperm(TIME // 4, generator=generator)[: int(row.shape[0] // 8)]
        row[2 + places * 3] = 1.0
    return EventTarget(events, step=0.01)
