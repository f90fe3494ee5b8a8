"""Continuous heatmap matching: points compared as sums of Gaussians, integrated in closed form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from bench.plugin import (
    Ge,
    Gt,
    LogUniform,
    Loss,
    PointPrediction,
    PointTarget,
    Scheduled,
    Unit,
    constant,
    register_loss,
)
from losses._shared.numerics import at_least_float32
from losses.poisson_binomial import log_prob

if TYPE_CHECKING:
    from torch import Tensor


def distance(
    position: Tensor,
    p: Tensor,
    target: Tensor,
    target_mask: Tensor,
    bandwidth: float,
    target_channel: Tensor | None = None,
) -> Tensor:
    """Integrated squared difference of the heatmaps of predictions and labels (thesis eq 6.3).

    With H(x) = Σ_i w_i exp(-|x_i - x|² / λ²), the distance is ∫ (H_label - H_prediction)² over the
    whole space, summed over channels. In closed form (6.4) it is (πλ²/2)^(dim/2) times
    Σ_ij w_i w_j exp(-|x_i - x_j|² / 2λ²), with weights p of predictions and -1 of labels.

    On the CPU in one and two dimensions, pairs farther apart than 7.5 λ are left out: the error is
    at most 6.2e-13 (πλ²/2)^(dim/2) (Σp + m)². Elsewhere all pairs are summed, in chunks.
    Differentiable repeatedly, by ``position`` and ``p``; second derivatives sum all pairs.
    ``torch.func`` transforms, ``vmap`` among them, take it as one operation, those of forward mode
    (``jvp``, ``hessian``) refuse it; inside ``torch.compile`` all pairs are summed.

    Args:
        position: ``(batch, n, dim)``.
        p: ``(batch, n)``, or ``(batch, n, channel)`` with ``target_channel``.
        target: ``(batch, m, dim)`` in the unit of ``position``; anything where masked.
        target_mask: ``(batch, m)`` bool, True for real labels.
        bandwidth: λ > 0, in the unit of ``position``.
        target_channel: ``(batch, m)`` integer channel of each label; None when there is one.

    Returns:
        ``(batch,)``, NaN for a sample with a prediction that is not finite.
    """
    from losses._shared.heatmap_distance import Distance

    if not bandwidth > 0:
        raise ValueError(f"bandwidth must be positive, got {bandwidth}")
    p = at_least_float32(p if p.dim() == 3 else p.unsqueeze(-1)).mT
    position = at_least_float32(position).to(p.dtype)
    mask = target_mask.bool()
    target = target.detach().to(p.dtype).masked_fill(~mask[..., None], 0.0)
    label = _labels(mask, target_channel, p.shape[1])
    value: Tensor = Distance.apply(position, p, target, label, float(bandwidth))[0]  # type: ignore[no-untyped-call]
    return value


def integral_of_one(bandwidth: float, dim: int) -> float:
    """``∫ exp(-|x|² / λ²)² dx`` over the whole space: `distance` of one point from none."""
    return float((math.pi * bandwidth**2 / 2) ** (dim / 2))


def _labels(mask: Tensor, channel: Tensor | None, channels: int) -> Tensor:
    """``(batch, channel, m)`` bool: which labels belong to which channel."""
    import torch

    if channel is None:
        if channels != 1:
            raise ValueError(f"{channels} channels need the channel of each label, got None")
        return mask[:, None, :]
    own = channel[:, None, :] == torch.arange(channels, device=mask.device)[:, None]
    return own & mask[:, None, :]


@register_loss(
    "heatmap_matching",
    heads={"points"},
    space={"bandwidth": LogUniform(0.1, 2.0), "weight": LogUniform(0.01, 1.0)},
)
class HeatmapMatching(Loss):
    """Continuous heatmap matching, with counting to make predictions sparse.

    Equation:
        L = ∫ (H(x) - Ĥ(x))² dx + β R
        H(x) = Σ_j exp(-|x_j - x|² / λ²),  Ĥ(x) = Σ_i p_i exp(-|x̂_i - x|² / λ²)
        ∫ (H - Ĥ)² = (πλ²/2)^(dim/2) Σ_ab w_a w_b exp(-|x_a - x_b|² / 2λ²)
        R = -log Pr(Σ_i B(p_i) = m)  (count),  Σ_i p_i  (l1),  0  (none)

    Shapes:
        Candidates x̂ are ``(batch, n, dim)`` and their probabilities p ``(batch, n, channel)``,
        labels ``(batch, m, dim)``; positions and λ in grid cells. In the closed form a and b run
        over candidates, with weights w = p, and labels, with w = -1. The loss is ``(batch,)``,
        summed over channels. The integral grows with λ^dim and R does not: under ``weight_rule``
        ``proportional`` β grows likewise, and the balance of the two is the same at every λ.

    When to use:
        To localise points more finely than the grid of the input, several of them and of several
        classes: no map is ever drawn, so nothing is rounded to cells. Without ``count``, one point
        may stay split over several candidates (eq 6.6).

    Departures:
        The authors' code takes log(Pr + 1e-12) in ``count``, so that R ends at 27.6 a channel and
        its gradient fades where Pr is below 1e-12; here nothing is added, as in `poisson_binomial`.
        In one dimension the factor πλ²/2 of eq 6.4 becomes its square root. On the CPU pairs
        farther apart than 7.5 λ are left out; see `distance` for the bound.

    Defaults:
        λ = ``bandwidth`` 0.2 cells, the thesis's microscopy experiment, and β = ``weight`` 0.1,
        that of its code. Elsewhere the authors' code has λ = 1.25 (corners) and max(8 - (i - 2000)
        / 1500, 2) at iteration i (golf). ``regularizer: count`` is the published method.
    """

    source: ClassVar[str] = "Schroeter, thesis, §6.3 and appendix C.1, eq 6.3-6.5, C.7, C.14"
    version: ClassVar[str] = "3"

    bandwidth: Annotated[Scheduled, Unit("cell"), Gt(0)] = constant(0.2)
    """λ, width of the Gaussian that stands for a point."""
    regularizer: Literal["none", "l1", "count"] = "count"
    """R: nothing, the sum of probabilities, or the count likelihood."""
    weight: Annotated[Scheduled, Ge(0)] = constant(0.1)
    """β, weight of the regulariser."""
    weight_rule: Literal["fixed", "proportional"] = "fixed"
    """β multiplies R as it is, or in proportion to (πλ²/2)^(dim/2), the integral of one point."""

    def __call__(
        self, prediction: PointPrediction, target: PointTarget, progress: float = 1.0
    ) -> Tensor:
        p = at_least_float32(prediction.p)
        loss = distance(
            prediction.position,
            p,
            target.position,
            target.mask,
            self.bandwidth(progress),
            target.channel,
        )
        weight = self.weight(progress)
        if self.weight_rule == "proportional":
            weight *= integral_of_one(self.bandwidth(progress), prediction.position.shape[-1])
        if self.regularizer == "none" or weight == 0:
            return loss
        if self.regularizer == "l1":
            return loss + weight * p.sum((1, 2))
        count = _labels(target.mask.bool(), target.channel, p.shape[-1]).sum(-1)
        return loss - weight * log_prob(p.mT, count).sum(-1)
