"""Stepwise cross-entropy: every bin is a classification task of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from bench.plugin import EventTarget, Gt, register_loss
from losses._shared.decode import PICK_RADII, PeakPicking
from losses._shared.events import labels, probabilities, sum_over_time
from losses._shared.numerics import floored_log, log_complement

if TYPE_CHECKING:
    from torch import Tensor


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
    """Stepwise cross-entropy: every bin is a classification task of its own.

    Equation:
        independent:  L = -Σ_t [y_t log p_t + (1 - y_t) log(1 - p_t)]
        exclusive:    L = -Σ_t [w_e Σ_k y_kt log p_kt
                                + w_b (1 - Σ_k y_kt) log(1 - Σ_k p_kt)]

    Shapes:
        Probabilities p and labelled events y, at most one a bin, are ``(batch, channel, time)``.
        With ``classes: independent`` the loss ``(batch,)`` is the sum over real bins, averaged over
        channels. With ``exclusive`` p is a softmax over the channels k and a background, without
        the background, and the sum goes over channels.

    When to use:
        When labels are exact. A label that is off by one bin costs as much as one that is off by a
        hundred, so what is learned suffers quickly from misaligned labels.

    Departures:
        Written as eq 5.3; eq 5.2 has the model's output φ ∗ x in the place of one p. The exclusive
        form is that of McNally et al. 2019 for golf swings. Logarithms are floored (see
        `binary_cross_entropy`), so that p = 0 and p = 1 give finite loss and gradient.

    Defaults:
        ``event_weight`` 1/8 and ``background_weight`` 1/35: McNally et al.; ``classes: exclusive``
        uses them alone. Peaks are picked within 3 bins, 30 ms at 10 ms a bin, as in onset detection
        (Böck et al. 2013).
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.4.1, eq 5.2-5.3"
    version: ClassVar[str] = "2"

    classes: Literal["independent", "exclusive"] = "independent"
    """Each channel for itself, or a softmax over channels and a background."""
    event_weight: Annotated[float, Gt(0)] = 1 / 8
    """w_e, of events; with exclusive classes only."""
    background_weight: Annotated[float, Gt(0)] = 1 / 35
    """w_b, of bins without events; with exclusive classes only."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        y = labels(target, p).clamp(max=1.0)
        if self.classes == "independent":
            return sum_over_time(binary_cross_entropy(p, y), target)
        terms = exclusive_cross_entropy(p, y, self.event_weight, self.background_weight)
        return sum_over_time(terms, target)
