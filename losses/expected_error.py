"""Expected error over the cells of the map, treated as a discrete distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bench.plugin import HeatmapTarget, Loss, PointPrediction, register_loss
from losses._shared.heatmaps import (
    axes,
    expected_point,
    labelled,
    marginal,
    mean_over_labelled,
    softmax,
)

if TYPE_CHECKING:
    from torch import Tensor


@register_loss("expected_error", heads={"heatmap"}, space={})
class ExpectedError(Loss):
    """Expectation of the error, over grid cells only.

    Equation:
        L = Σ_i π_i ‖y - y_i‖₁

    Shapes:
        Logits are ``(batch, keypoint, *grid)`` over a grid of any dimension, π their softmax over
        the grid, y_i the centres of its cells, at 0.5, 1.5, … along each axis, and y the label
        ``(batch, keypoint, dim)``, in cells. The loss is ``(batch,)``, the mean over labelled
        keypoints.

    When to use:
        As a baseline of `sampling_argmax`. Reported to train badly (30.9 against 64.5 mAP on COCO
        for soft-argmax): its gradient has the form of the score-function estimator (eq 5). Decoded
        as `soft_argmax`.

    Departures:
        ℓ1 is a sum over axes, so the expectation is taken axis by axis over marginals, which is the
        same number.

    Defaults:
        It has no options.
    """

    source: ClassVar[str] = "Li et al., Sampling-Argmax, §3, eq 4"
    version: ClassVar[str] = "2"

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
