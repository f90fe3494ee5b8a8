"""Stepwise cross-entropy: every bin is a classification task of its own."""

from __future__ import annotations

from typing import Annotated, ClassVar

from torch import Tensor

from bench.plugin import EventTarget, Ge, Loss, Unit, register_loss
from losses._decode import DEFAULT_PICK_RADIUS, Decoder, decode
from losses._events import labels, probabilities, sum_over_time
from losses._numerics import floored_log


def binary_cross_entropy(p: Tensor, y: Tensor) -> Tensor:
    """``-y log p - (1 - y) log(1 - p)`` per element; each logarithm at least log 1e-30 = -69.1."""
    return -(y * floored_log(p) + (1 - y) * floored_log(1 - p))


@register_loss("cross_entropy", heads={"events"}, space={})
class CrossEntropy(Loss):
    """Stepwise cross-entropy.

    L = -Σ_t 1[y_t ≥ 1] log p_t + 1[y_t = 0] log(1 - p_t), per sample the mean over channels, with
    probabilities p and labelled events y of shape ``(batch, channel, time)``.

    Source: thesis eq 5.3 (5.2 writes the model's output as φ ∗ x). Departure: logarithms are
    floored at -69.1, so that p = 0 and p = 1 give finite loss and gradient.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.4.1, eq 5.2-5.3"

    decoder: Decoder = "peaks"
    pick_radius: Annotated[int, Unit("bin"), Ge(0)] = DEFAULT_PICK_RADIUS

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        y = labels(target, p).clamp(max=1.0)
        return sum_over_time(binary_cross_entropy(p, y), target)

    def decode(self, prediction: Tensor) -> Tensor:
        """Score per bin: the probability, of local maxima only when ``decoder`` is peaks."""
        return decode(prediction, self.decoder, self.pick_radius)
