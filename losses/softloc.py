"""SoftLoc: soft localisation regularised by Poisson-binomial counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import (
    EventTarget,
    Ge,
    Gt,
    Le,
    LogUniform,
    Loss,
    Scheduled,
    Symbol,
    Unit,
    linear,
    register_loss,
)
from losses._shared.events import probabilities
from losses._shared.softness import softness_in_bins
from losses.poisson_binomial import log_prob
from losses.soft_localization import soft_localization

if TYPE_CHECKING:
    from torch import Tensor


@register_loss(
    "softloc",
    heads={"events"},
    space={"softness": LogUniform(0.01, 0.2), "localization_weight": LogUniform(3.0, 300.0)},
)
class SoftLoc(Loss):
    """Soft localisation while counting makes predictions sparse: robust to misaligned labels.

    Equation:
        L = (1 - α) w L_SLL + α L_PB
        L_SLL = (d / h) Σ_t ((Φ ∗ (p - y))_t)²,  Φ(x) = exp(-x² / 2S²) / √(2πS²)
        L_PB = -log Pr(Σ_t B(p_t) = Σ_t y_t)

    Shapes:
        Probabilities p and labelled events y are ``(batch, channel, time)``; sums go over real
        bins of width h. The loss is ``(batch,)``, the mean over channels. ``target.softness``,
        ``(batch,)`` or ``(batch, channel)`` in seconds, replaces S per sample and class (§5.5.3).

    When to use:
        When labels are misaligned by up to about S and detections should come out one by one:
        predictions become sparse, so the default decoder is plain thresholding. Without label noise
        it gives up a little against `cross_entropy`.

    Departures:
        Eq 5.18 leaves the scale of the two terms open; w is our name for their ratio. A normalised
        Φ makes the sum proportional to the bins' width (Σ Φ² = h / (2√π S) for one missed event),
        so w is stated for the width d, ``weight_step``, and d / h carries it to others. Φ is cut
        off at 4 S and normalised over whole bins. The authors' code adds 1e-9 inside the logarithm
        of L_PB, where its gradient fades; here nothing is added, as in `poisson_binomial`.

    Defaults:
        S = ``softness`` 100 ms, the S_M of the thesis's piano and drum experiments (tables 5.3 and
        5.5). α is max(min((i - 30000) / 100000, 0.9), 0.2) at iteration i of 150,000, the authors'
        drum code: 0.2 until i = 50,000, 0.9 from i = 120,000 on. w = ``localization_weight`` 32,
        because that code sums L_SLL over a batch of 32 and averages L_PB, in its bins of d = 5 ms.
        Where time is counted in frames, set d to 1.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.5, eq 5.18"
    version: ClassVar[str] = "5"
    sparse: ClassVar[bool] = True

    softness: Annotated[float, Unit("s"), Symbol("S_M"), Ge(0)] = 0.1
    """S, standard deviation of the filter Φ on predictions and labels."""
    alpha: Annotated[Scheduled, Ge(0), Le(1)] = linear(0.2, 0.9, begin=1 / 3, finish=0.8)
    """α, share of counting, over training progress."""
    localization_weight: Annotated[float, Gt(0)] = 32.0
    """w, weight of soft localisation against counting, in bins as wide as ``weight_step``."""
    weight_step: Annotated[float, Unit("s"), Gt(0)] = 0.005
    """d, width of the bins that the weight is stated for."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        localization = soft_localization(p, target, softness_in_bins(self.softness, target))
        counting = -log_prob(p, target.counts).mean(-1)
        alpha, weight = self.alpha(progress), self.localization_weight * self.weight_step
        return (1 - alpha) * (weight / target.step) * localization + alpha * counting
