"""Whether a network's output and the task's target have the form of a head."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bench.plugin import EventTarget, HeatmapTarget, InstanceTarget, PointPrediction, PointTarget

TARGETS: dict[str, tuple[type, ...]] = {
    "events": (EventTarget,),
    "points": (PointTarget,),
    "heatmap": (HeatmapTarget, PointTarget),
    "instances": (InstanceTarget,),
}


def assert_fits(head: str, prediction: Any, target: Any, batch: int) -> None:
    """Raise AssertionError unless ``prediction`` fits ``target`` and both have the head's form."""
    known = " or ".join(kind.__name__ for kind in TARGETS[head])
    fits: bool = isinstance(target, TARGETS[head])
    assert fits, f"a {known} is due, not {type(target).__name__}"
    if head == "points":
        _assert_points(prediction, target, batch)
        return
    assert isinstance(prediction, Tensor), f"a tensor is due, not {type(prediction).__name__}"
    assert torch.isfinite(prediction).all(), "the output is not finite"
    shape = tuple(prediction.shape)
    assert shape[:1] == (batch,), f"an output of shape {shape} for {batch} samples"
    if head == "heatmap":
        dim = target.position.shape[-1]
        assert len(shape) == dim + 2, f"maps {shape} for labels of {dim} dimensions"
        keypoints = target.position.shape[1] if isinstance(target, HeatmapTarget) else shape[1]
        assert shape[:2] == (batch, keypoints), f"maps {shape} for {keypoints} keypoints"
        return
    _assert_probabilities(prediction)
    if head == "instances":
        assert len(shape) == 2, f"probabilities of shape {shape} instead of (batch, n)"
        assert target.count.shape == (batch,), f"counts of shape {tuple(target.count.shape)}"
        wanted = next((t.shape for t in (target.labels, target.mask) if t is not None), shape)
    else:
        assert len(shape) == 3, f"probabilities of shape {shape} instead of (batch, channel, time)"
        counts, located = target.counts, target.events
        wanted = located.shape if located is not None else (*counts.shape, shape[2])
        if target.mask is not None:
            wanted = (*wanted[:2], target.mask.shape[1])
    assert shape == tuple(wanted), f"probabilities {shape} for a target of {tuple(wanted)}"


def _assert_points(prediction: Any, target: PointTarget, batch: int) -> None:
    kind = type(prediction).__name__
    assert isinstance(prediction, PointPrediction), f"a PointPrediction is due, not {kind}"
    position, p = prediction.position, prediction.p
    _assert_probabilities(p)
    dim = target.position.shape[-1]
    shapes = f"positions {tuple(position.shape)}, probabilities {tuple(p.shape)}"
    assert position.dim() == p.dim() == 3, f"{shapes}: three axes each are due"
    assert position.shape[:2] == p.shape[:2], f"{shapes} do not fit"
    assert position.shape[::2] == (batch, dim), f"{shapes} for labels of {dim} dimensions"
    assert p.shape[2] == 1 or target.channel is not None, f"{shapes}, but labels without channel"
    if prediction.cell is not None:
        offset = position - prediction.cell
        inside = (offset >= -1e-4) & (offset <= prediction.cell_size + 1e-4)
        assert inside.all(), "candidates leave their cells"


def _assert_probabilities(p: Tensor) -> None:
    assert torch.isfinite(p).all(), "the output is not finite"
    assert ((p >= 0) & (p <= 1)).all(), f"values in [{p.min():.3g}, {p.max():.3g}], not in [0, 1]"
