"""Label smoothing in time: a Gaussian filter on the labels only."""

from __future__ import annotations

from typing import Annotated, ClassVar

from torch import Tensor

from bench.plugin import EventTarget, Ge, LogUniform, Unit, register_loss
from losses._decode import PICK_RADII, PeakPicking
from losses._events import labels, probabilities, sum_over_time
from losses._filters import smooth
from losses._softness import softness_in_bins
from losses.cross_entropy import binary_cross_entropy

SPACE = {"softness": LogUniform(0.01, 0.2), "pick_radius": PICK_RADII}


class _LabelSmoothing(PeakPicking):
    """What both variants share: predictions are as wide as the smoothed labels, hence the peaks."""

    softness: Annotated[float, Unit("s"), Ge(0)] = 0.1

    def _smoothed(self, target: EventTarget, like: Tensor) -> Tensor:
        return smooth(labels(target, like), softness_in_bins(self.softness, target))


@register_loss("label_smoothing_ce", heads={"events"}, space=SPACE)
class LabelSmoothingCE(_LabelSmoothing):
    """Cross-entropy against Gaussian-smoothed labels.

    L = -Σ_t (Φ∗y)_t log p_t + (1 - (Φ∗y)_t) log(1 - p_t), per sample the mean over channels, with
    probabilities p and labelled events y of shape ``(batch, channel, time)``, and Φ a normalised
    Gaussian of standard deviation ``softness``.

    Source: thesis eq 5.6-5.7. Departures: Φ∗y is capped at 1, where dense events would make it no
    probability; logarithms are floored (see `binary_cross_entropy`). Default softness: 100 ms, as
    the thesis's drum and piano experiments.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.4.2, eq 5.6-5.7"
    version: ClassVar[str] = "2"

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        y = self._smoothed(target, p).clamp(max=1.0)
        return sum_over_time(binary_cross_entropy(p, y), target)


@register_loss("label_smoothing_se", heads={"events"}, space=SPACE)
class LabelSmoothingSE(_LabelSmoothing):
    """Squared error against Gaussian-smoothed labels, bounded where cross-entropy is not.

    L = Σ_t (p_t - (Φ∗y)_t)², per sample the mean over channels, with probabilities p and labelled
    events y of shape ``(batch, channel, time)``, and Φ a normalised Gaussian of standard deviation
    ``softness``.

    Source: thesis eq 5.7-5.8. Default softness: 100 ms, as the thesis's drum and piano experiments.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.4.2, eq 5.7-5.8"
    version: ClassVar[str] = "2"

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        return sum_over_time((p - self._smoothed(target, p)).square(), target)
