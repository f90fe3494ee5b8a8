"""Soft-argmax: the error of the map's expected coordinate."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bench.plugin import HeatmapTarget, Loss, PointPrediction, register_loss
from losses._shared.heatmaps import (
    expectation,
    expected_point,
    labelled,
    mean_over_labelled,
    softmax,
)

if TYPE_CHECKING:
    from torch import Tensor


@register_loss("soft_argmax", heads={"heatmap"}, space={})
class SoftArgmax(Loss):
    """Error of the map's expected coordinate.

    Equation:
        L = ‖y - Σ_i π_i y_i‖₁

    Shapes:
        Logits are ``(batch, keypoint, *grid)`` over a grid of any dimension, π their softmax over
        the grid, y_i the centres of its cells, at 0.5, 1.5, … along each axis, and y the label
        ``(batch, keypoint, dim)``, in cells. The loss is ``(batch,)``, the mean over labelled
        keypoints.

    When to use:
        As the standard for one point per map, differentiable and finer than the grid. It says
        nothing about the shape of the map: one that is split between two places may have the right
        mean. Its decoder gives Σ_i π_i y_i, with max π as score.

    Departures:
        The paper leaves the distance open and suggests ℓ1; its code sums the axes of coordinates
        that are divided by the grid's size, which weighs short axes more.

    Defaults:
        It has no options.
    """

    source: ClassVar[str] = "Li et al., Sampling-Argmax, §2, eq 1-2"
    version: ClassVar[str] = "2"

    def __call__(self, prediction: Tensor, target: HeatmapTarget, progress: float = 1.0) -> Tensor:
        logits, position = labelled(prediction, target)
        dim = position.shape[-1]
        expected = expectation(softmax(logits, dim), dim)
        return mean_over_labelled((expected - position).abs().sum(-1), target)

    def decode(self, prediction: Tensor) -> PointPrediction:
        """Expected coordinate of each map, with its largest probability as score."""
        return expected_point(prediction)
