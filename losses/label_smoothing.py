"""Label smoothing in time: a Gaussian filter on the labels only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import EventTarget, Ge, LogUniform, Unit, register_loss
from losses._shared.decode import PICK_RADII, PeakPicking
from losses._shared.events import labels, probabilities, sum_over_time
from losses._shared.softness import softness_in_bins
from losses.cross_entropy import binary_cross_entropy

if TYPE_CHECKING:
    from torch import Tensor

SPACE = {"softness": LogUniform(0.01, 0.2), "pick_radius": PICK_RADII}


class _LabelSmoothing(PeakPicking):
    """What both variants share: predictions are as wide as the smoothed labels, hence the peaks."""

    softness: Annotated[float, Unit("s"), Ge(0)] = 0.1
    """S, standard deviation of the filter Φ on the labels."""

    def _smoothed(self, target: EventTarget, like: Tensor) -> Tensor:
        from losses._shared.filters import smooth

        return smooth(labels(target, like), softness_in_bins(self.softness, target))


@register_loss("label_smoothing_ce", heads={"events"}, space=SPACE)
class LabelSmoothingCE(_LabelSmoothing):
    """Cross-entropy against Gaussian-smoothed labels.

    Equation:
        L = -Σ_t [z_t log p_t + (1 - z_t) log(1 - p_t)]
        z = min(Φ ∗ y, 1),  Φ(x) = exp(-x² / 2S²) / √(2πS²)

    Shapes:
        Probabilities p and labelled events y are ``(batch, channel, time)``. The loss is
        ``(batch,)``: the sum over real bins, averaged over channels.

    When to use:
        When labels are a little off and peak picking is acceptable: a common baseline in onset
        detection. Predictions become as wide as Φ, or as Φ and the label noise together (eq 5.9),
        and near events merge.

    Departures:
        Φ ∗ y is capped at 1, where dense events would make it no probability. Φ is cut off at 4 S
        and normalised over whole bins. Logarithms are floored (see `binary_cross_entropy`).

    Defaults:
        S = ``softness`` 100 ms, the S_M of the thesis's piano and drum experiments (tables 5.3 and
        5.5). Peaks are picked within 3 bins, as for `cross_entropy`.
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

    Equation:
        L = Σ_t (p_t - (Φ ∗ y)_t)²
        Φ(x) = exp(-x² / 2S²) / √(2πS²)

    Shapes:
        Probabilities p and labelled events y are ``(batch, channel, time)``. The loss is
        ``(batch,)``: the sum over real bins, averaged over channels.

    When to use:
        As `label_smoothing_ce`, where labels are noisier: no single wrong label costs more than
        about 1 a bin.

    Departures:
        Φ is cut off at 4 S and normalised over whole bins.

    Defaults:
        S = ``softness`` 100 ms, the S_M of the thesis's piano and drum experiments (tables 5.3 and
        5.5). Peaks are picked within 3 bins, as for `cross_entropy`.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.4.2, eq 5.7-5.8"
    version: ClassVar[str] = "2"

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        return sum_over_time((p - self._smoothed(target, p)).square(), target)
