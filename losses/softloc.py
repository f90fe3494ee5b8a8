"""SoftLoc: soft localisation regularised by Poisson-binomial counting."""

from __future__ import annotations

from typing import Annotated, ClassVar

from torch import Tensor

from bench.plugin import (
    EventTarget,
    Ge,
    Gt,
    Le,
    LogUniform,
    Loss,
    Scheduled,
    Unit,
    linear,
    register_loss,
)
from losses._events import probabilities
from losses._softness import softness_in_bins
from losses.poisson_binomial import log_prob
from losses.soft_localization import soft_localization


@register_loss(
    "softloc",
    heads={"events"},
    space={"softness": LogUniform(0.01, 0.2), "localization_weight": LogUniform(3.0, 300.0)},
)
class SoftLoc(Loss):
    """Soft localisation while counting makes predictions sparse: robust to misaligned labels.

    L = (1 - α) w L_SLL(p, y | Φ, id) + α L_PB(p, Σ_t y_t), where L_SLL = Σ_t ((Φ∗(p - y))_t)² and
    L_PB = -log Pr(Σ_t B(p_t) = Σ_t y_t), each per sample the mean over channels, with probabilities
    p and labelled events y of shape ``(batch, channel, time)``, Φ a normalised Gaussian of standard
    deviation ``softness``, α a schedule of training progress and w ``localization_weight``.
    ``target.softness`` replaces ``softness`` per sample and class (§5.5.3). Predictions become
    sparse, so the default decoder is plain thresholding.

    Source: thesis eq 5.18, which leaves the scale of the two terms open. Defaults: softness 100 ms
    (drums and piano); α = max(min((i - 30000) / 100000, 0.9), 0.2) over 150,000 iterations, the
    authors' drum code; w = 32, because that code sums L_SLL over a batch of 32 and averages L_PB.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.5, eq 5.18"
    version: ClassVar[str] = "2"

    softness: Annotated[float, Unit("s"), Ge(0)] = 0.1
    alpha: Annotated[Scheduled, Ge(0), Le(1)] = linear(0.2, 0.9, begin=1 / 3, finish=0.8)
    localization_weight: Annotated[float, Gt(0)] = 32.0

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        localization = soft_localization(p, target, softness_in_bins(self.softness, target))
        counting = -log_prob(p, target.counts).mean(-1)
        alpha = self.alpha(progress)
        return (1 - alpha) * self.localization_weight * localization + alpha * counting
