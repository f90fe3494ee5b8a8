"""The heads that come with the benchmark, in the order in which pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plugin import shape_checks
from bench.plugin.attack_head import AttackPrediction, AttackTarget
from bench.plugin.event_target import EventTarget
from bench.plugin.heads import register_head
from bench.plugin.heatmap_target import HeatmapTarget
from bench.plugin.instance_target import InstanceTarget
from bench.plugin.point_head import PointPrediction, PointTarget

if TYPE_CHECKING:
    from torch import Tensor

_LAYOUTS = "bench.conformance.built_in_layouts:"


def _of_instances(prediction: Tensor, target: InstanceTarget) -> Tensor:
    if target.mask is None:
        return prediction
    return prediction.masked_fill(~target.mask, 0.0)


def _of_events(prediction: Tensor, target: EventTarget) -> Tensor:
    if target.mask is None:
        return prediction
    finer = prediction.shape[-1] // max(1, target.mask.shape[-1])  # cells along a bin
    return prediction.masked_fill(~target.mask.repeat_interleave(finer, -1)[:, None, :], 0.0)


register_head(
    "events",
    targets=EventTarget,
    prediction=None,
    check=shape_checks.events,
    layouts=_LAYOUTS + "events",
    probabilities=_of_events,
)
register_head(
    "points",
    targets=PointTarget,
    prediction=PointPrediction,
    check=shape_checks.points,
    layouts=_LAYOUTS + "points",
    probabilities=lambda prediction, target: prediction.p,
)
register_head(
    "heatmap",
    targets=(HeatmapTarget, PointTarget),
    prediction=None,
    check=shape_checks.heatmap,
    layouts=_LAYOUTS + "heatmaps",
)
register_head(
    "instances",
    targets=InstanceTarget,
    prediction=None,
    check=shape_checks.instances,
    layouts=_LAYOUTS + "instances",
    probabilities=_of_instances,
)
register_head(
    "attack",
    targets=AttackTarget,
    prediction=AttackPrediction,
    check=shape_checks.attack,
    layouts=_LAYOUTS + "attacks",
    probabilities=lambda prediction, target: prediction.p,
)
