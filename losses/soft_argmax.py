"""Soft-argmax: the error of the map's expected coordinate."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from bench.plugin import HeatmapTarget, Loss, PointPrediction, register_loss
from losses._heatmaps import expectation, expected_point, labelled, mean_over_labelled, softmax


@register_loss("soft_argmax", heads={"heatmap"}, space={})
class SoftArgmax(Loss):
    """Error of the expected coordinate.

    L = ‖y - Σ_i π_i y_i‖₁ with π the softmax of a map, y_i the coordinates of its cells and y the
    label, all in grid cells; per sample the mean over labelled keypoints. Logits are
    ``(batch, keypoint, *grid)`` over a grid of any dimension. Decoded to Σ_i π_i y_i, with max π as
    score. It says nothing about the shape of the map.

    Source: Li et al., eq 1-2, with the ℓ1 distance they suggest; their code sums the axes of
    coordinates divided by the grid's size, which weighs short axes more.
    """

    source: ClassVar[str] = "Li et al., Sampling-Argmax, §2, eq 1-2"

    def __call__(self, prediction: Tensor, target: HeatmapTarget, progress: float = 1.0) -> Tensor:
        logits, position = labelled(prediction, target)
        dim = position.shape[-1]
        expected = expectation(softmax(logits, dim), dim)
        return mean_over_labelled((expected - position).abs().sum(-1), target)

    def decode(self, prediction: Tensor) -> PointPrediction:
        """Expected coordinate of each map, with its largest probability as score."""
        return expected_point(prediction)
