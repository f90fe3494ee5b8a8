"""Soft-argmax with a hand-crafted constraint on the shape of the map (DSNT)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import (
    Ge,
    Gt,
    HeatmapTarget,
    LogUniform,
    Loss,
    PointPrediction,
    Scheduled,
    Unit,
    constant,
    register_loss,
)
from losses._shared.heatmaps import (
    axes,
    expectation,
    expected_point,
    labelled,
    marginal,
    mean_over_labelled,
    softmax,
)
from losses._shared.numerics import floored_log

if TYPE_CHECKING:
    from torch import Tensor

_WIDTHS = LogUniform(0.5, 4.0)


class _Regularized(Loss):
    """Soft-argmax plus a weighted regulariser, both in coordinates where each axis spans 2."""

    sigma: Annotated[float, Unit("cell"), Gt(0)] = 1.0
    """σ, standard deviation that the map should have."""
    weight: Annotated[Scheduled, Ge(0)] = constant(1.0)
    """β, weight of the regulariser."""

    def __call__(self, prediction: Tensor, target: HeatmapTarget, progress: float = 1.0) -> Tensor:
        import torch

        logits, position = labelled(prediction, target)
        dim = position.shape[-1]
        probability = softmax(logits, dim)
        mean = expectation(probability, dim)
        unit = 2 / torch.tensor(logits.shape[1:], dtype=mean.dtype, device=mean.device)
        error = ((mean - position).abs() * unit).sum(-1)
        penalty = self._penalty(probability, mean, position, unit)
        return mean_over_labelled(error + self.weight(progress) * penalty, target)

    def decode(self, prediction: Tensor) -> PointPrediction:
        """Expected coordinate of each map, with its largest probability as score."""
        return expected_point(prediction)

    def _penalty(self, probability: Tensor, mean: Tensor, position: Tensor, unit: Tensor) -> Tensor:
        """Regulariser ``(labelled,)``; ``unit (dim,)`` turns cells into its coordinates."""
        raise NotImplementedError


@register_loss(
    "variance_regularized",
    heads={"heatmap"},
    space={"sigma": _WIDTHS, "weight": LogUniform(10.0, 10_000.0)},
)
class VarianceRegularized(_Regularized):
    """Soft-argmax, with the variance of the map pulled to a given one.

    Equation:
        L = ‖y - μ‖₁ + β Σ_d (Var_d[π] - σ²)²

    Shapes:
        Logits are ``(batch, keypoint, *grid)`` over a grid of any dimension, π their softmax over
        the grid with mean μ and variance Var_d along axis d, y the label ``(batch, keypoint,
        dim)``; σ is given in cells, and the centre of cell i is at i + 0.5. In L, lengths are
        scaled so that each axis of the grid spans 2. The loss is ``(batch,)``, the mean over
        labelled keypoints.

    When to use:
        As a baseline of `sampling_argmax`: the width of the map is prescribed instead of learned.
        Decoded as `soft_argmax`.

    Departures:
        DSNT (Nibali et al. 2018, "Numerical Coordinate Regression with Convolutional Neural
        Networks") has the Euclidean location error; ℓ1 here, as in Li et al.

    Defaults:
        σ = ``sigma`` 1 cell and β = ``weight`` 100, those of the runs that DSNT's authors published
        with their code, on 28 × 28 cells (1 there for every other regulariser). The penalty is in
        fourth powers of the scaled length: on n cells along an axis, what 100 does to a map on 28
        takes 100 (n / 28)³, 1,200 on 64, and the search space goes beyond. On 64 × 64, for a map 6
        cells wide, the penalty's gradient is 1.8 times that of the location error (0.02 times at β
        = 1), for one 2 cells wide 0.05 times.
    """

    source: ClassVar[str] = "Nibali et al. 2018 (DSNT), §3.3; Li et al., ref 28"
    version: ClassVar[str] = "3"

    weight: Annotated[Scheduled, Ge(0)] = constant(100.0)
    """β, weight of the regulariser."""

    def _penalty(self, probability: Tensor, mean: Tensor, position: Tensor, unit: Tensor) -> Tensor:
        dim = len(unit)
        penalty = mean.new_zeros(len(mean))
        for axis, place in enumerate(axes(probability.shape[1:], probability)):
            squared = (place - mean[:, axis, None]).square()
            variance = (marginal(probability, axis, dim) * squared).sum(-1)
            penalty = penalty + ((variance - self.sigma**2) * unit[axis] ** 2).square()
        return penalty


@register_loss(
    "gaussian_regularized",
    heads={"heatmap"},
    space={"sigma": _WIDTHS, "weight": LogUniform(0.1, 10.0)},
)
class GaussianRegularized(_Regularized):
    """Soft-argmax, with the map pulled to a Gaussian around the label.

    Equation:
        L = ‖y - μ‖₁ + β JS(π ‖ N(y, σ²))

    Shapes:
        Logits are ``(batch, keypoint, *grid)`` over a grid of any dimension, π their softmax over
        the grid with mean μ, y the label ``(batch, keypoint, dim)``; σ is given in cells, and the
        centre of cell i is at i + 0.5. In L, lengths are scaled so that each axis of the grid spans
        2. The loss is ``(batch,)``, the mean over labelled keypoints.

    When to use:
        As a baseline of `sampling_argmax`: the shape of the map is prescribed instead of learned.
        Decoded as `soft_argmax`.

    Departures:
        N(y, σ²) is evaluated at the cells and normalised there; JS is the Jensen-Shannon divergence
        in nats. DSNT (Nibali et al. 2018, "Numerical Coordinate Regression with Convolutional
        Neural Networks") has the Euclidean location error; ℓ1 here, as in Li et al.

    Defaults:
        σ = ``sigma`` 1 cell and β = ``weight`` 1, those of the runs that DSNT's authors published
        with their code, which tried 0.2 to 10. On 64 × 64 cells, for a map 6 cells wide, the
        penalty's gradient is 2.4 times that of the location error.
    """

    source: ClassVar[str] = "Nibali et al. 2018 (DSNT), §3.3; Li et al., ref 28"
    version: ClassVar[str] = "2"

    def _penalty(self, probability: Tensor, mean: Tensor, position: Tensor, unit: Tensor) -> Tensor:
        exponent = probability.new_zeros(())
        for axis, place in enumerate(axes(probability.shape[1:], probability)):
            squared = (place - position[:, axis, None]).square() / (-2 * self.sigma**2)
            exponent = exponent[..., None] + squared.view(len(mean), *[1] * axis, len(place))
        goal = softmax(exponent, len(unit))
        middle = (probability + goal) / 2
        return (_divergence(probability, middle) + _divergence(goal, middle)) / 2


def _divergence(p: Tensor, q: Tensor) -> Tensor:
    """Kullback-Leibler divergence ``(labelled,)`` of probability maps."""
    return (p * (floored_log(p) - floored_log(q))).flatten(1).sum(-1)
