"""Stepwise cross-entropy: every bin is a classification task of its own."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from torch import Tensor

from bench.plugin import EventTarget, Gt, register_loss
from losses._decode import PICK_RADII, PeakPicking
from losses._events import labels, probabilities, sum_over_time
from losses._numerics import floored_log, log_complement


def binary_cross_entropy(p: Tensor, y: Tensor) -> Tensor:
    """``-y log p - (1 - y) log(1 - p)`` per element, finite for p in [0, 1].

    ``log p`` is at least log 1e-30 = -69.1, ``log(1 - p)`` at least log 2^-24 = -16.6 in float32.
    """
    return -(y * floored_log(p) + (1 - y) * log_complement(p))


def exclusive_cross_entropy(
    p: Tensor, y: Tensor, event_weight: float, background_weight: float
) -> Tensor:
    """Cross-entropy over classes and a background that takes the rest, with class weights.

    Args:
        p, y: ``(batch, channel, time)``, probabilities and labels in [0, 1] whose sums over
            channels are at most 1.

    Returns:
        ``(batch, 1, time)``, with logarithms floored as in `binary_cross_entropy`.
    """
    events = (y * floored_log(p)).sum(1, keepdim=True)
    nothing = (1 - y.sum(1, keepdim=True)).clamp_min(0.0)
    background = nothing * log_complement(p.sum(1, keepdim=True))
    return -(event_weight * events + background_weight * background)


@register_loss("cross_entropy", heads={"events"}, space={"pick_radius": PICK_RADII})
class CrossEntropy(PeakPicking):
    """Stepwise cross-entropy.

    With ``classes: independent``, L = -Σ_t 1[y_t ≥ 1] log p_t + 1[y_t = 0] log(1 - p_t), per sample
    the mean over channels, with probabilities p and labelled events y of shape
    ``(batch, channel, time)``. With ``classes: exclusive``, the network's output is a softmax over
    channels and a background, without the background, and
    L = -Σ_t (w_e Σ_k y_kt log p_kt + w_b (1 - Σ_k y_kt) log(1 - Σ_k p_kt)), per sample.

    Source: thesis eq 5.3 (5.2 writes the model's output as φ ∗ x); the exclusive form is McNally et
    al. 2019 for golf, whose weights are w_e = 1/8 and w_b = 1/35. Departure: logarithms are floored
    (see `binary_cross_entropy`), so that p = 0 and p = 1 give finite loss and gradient.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.4.1, eq 5.2-5.3"
    version: ClassVar[str] = "2"

    classes: Literal["independent", "exclusive"] = "independent"
    event_weight: Annotated[float, Gt(0)] = 1 / 8
    background_weight: Annotated[float, Gt(0)] = 1 / 35

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        y = labels(target, p).clamp(max=1.0)
        if self.classes == "independent":
            return sum_over_time(binary_cross_entropy(p, y), target)
        terms = exclusive_cross_entropy(p, y, self.event_weight, self.background_weight)
        return sum_over_time(terms, target)
