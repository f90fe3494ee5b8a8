"""Labels of any head as plain numbers: their form, how many there are, where they are."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor

from bench.plugin import EventTarget, HeatmapTarget, InstanceTarget, PointTarget


def form(target: Any) -> Any:
    """What kind of labels these are: type, and shapes of the parts that there are."""
    if not dataclasses.is_dataclass(target):
        return type(target)
    parts = {f.name: getattr(target, f.name) for f in dataclasses.fields(target)}
    return type(target), {k: v.shape for k, v in parts.items() if isinstance(v, Tensor)}


def label_count(target: Any) -> Any:
    """Labels of each sample, ``(batch, …)``; None where the head is not known."""
    if isinstance(target, EventTarget):
        return target.counts
    if isinstance(target, InstanceTarget):
        return target.count
    if isinstance(target, PointTarget):
        return target.mask.sum(1)
    if isinstance(target, HeatmapTarget):
        shape = target.position.shape[:2]
        return torch.ones(shape).sum(1) if target.mask is None else target.mask.sum(1)
    return None


def positions(target: Any) -> Tensor | None:
    """Places of all labels in cells of the grid, ``(label, axis)``, in the order of the labels.

    None where labels have no place.
    """
    if isinstance(target, EventTarget):
        if target.events is None:
            return None
        return torch.nonzero(target.located.round())[:, -1:].double()
    if isinstance(target, PointTarget):
        return target.position[target.mask].double()
    if isinstance(target, HeatmapTarget):
        mask = torch.ones(target.position.shape[:2], dtype=torch.bool)
        return target.position[mask if target.mask is None else target.mask].double()
    return None
