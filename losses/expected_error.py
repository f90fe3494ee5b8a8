"""Expected error over the cells of the map, treated as a discrete distribution."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from bench.plugin import HeatmapTarget, Loss, PointPrediction, register_loss
from losses._heatmaps import (
    axes,
    expected_point,
    labelled,
    marginal,
    mean_over_labelled,
    softmax,
)


@register_loss("expected_error", heads={"heatmap"}, space={})
class ExpectedError(Loss):
    """Expectation of the error, over grid cells only.

    L = Σ_i π_i ‖y - y_i‖₁ with π the softmax of a map, y_i the coordinates of its cells and y the
    label, all in grid cells; per sample the mean over labelled keypoints. Logits are
    ``(batch, keypoint, *grid)`` over a grid of any dimension. Decoded as soft-argmax. Reported to
    train badly: its gradient has the form of the score-function estimator (eq 5).

    Source: Li et al., eq 4, with the ℓ1 distance. As ℓ1 is a sum over axes, the expectation is
    taken axis by axis over marginals, which is the same number.
    """

    source: ClassVar[str] = "Li et al., Sampling-Argmax, §3, eq 4"

    def __call__(self, prediction: Tensor, target: HeatmapTarget, progress: float = 1.0) -> Tensor:
        logits, position = labelled(prediction, target)
        dim = position.shape[-1]
        probability = softmax(logits, dim)
        error = logits.new_zeros(len(logits))
        for axis, place in enumerate(axes(logits.shape[1:], logits)):
            distance = (place - position[:, axis, None]).abs()
            error = error + (marginal(probability, axis, dim) * distance).sum(-1)
        return mean_over_labelled(error, target)

    def decode(self, prediction: Tensor) -> PointPrediction:
        """Expected coordinate of each map, with its largest probability as score."""
        return expected_point(prediction)
