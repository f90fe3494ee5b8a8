"""Extended onsets: labels smeared over the bins that follow them."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from torch import Tensor
from torch.nn.functional import max_pool1d, pad

from bench.plugin import EventTarget, Ge, LogUniform, Unit, register_loss
from losses._decode import PICK_RADII, PeakPicking
from losses._events import labels, probabilities, sum_over_time
from losses.cross_entropy import binary_cross_entropy


def extend(y: Tensor, bins: int) -> Tensor:
    """1 where ``y (batch, channel, time)`` has an event, and in the ``bins`` after it, else 0."""
    return max_pool1d(pad(y.clamp(max=1.0), (bins, 0)), bins + 1, stride=1)


@register_loss(
    "extended_onset",
    heads={"events"},
    space={"onset_length": LogUniform(0.01, 0.2), "pick_radius": PICK_RADII},
)
class ExtendedOnset(PeakPicking):
    """Cross-entropy against onsets of some length.

    L = -Σ_t z_t log p_t + (1 - z_t) log(1 - p_t), z_t = 1 when an event is labelled in
    [t - ``onset_length``, t], per sample the mean over channels, with probabilities p and labelled
    events of shape ``(batch, channel, time)``. Length 0 is `cross_entropy`.

    Source: the row *extended* of thesis table 5.3 (Hawthorne et al. 2017 with longer onsets), which
    gives no length. Default 100 ms, the softness of the same experiment; peaks are picked within as
    many bins of 10 ms.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.6.3, table 5.3; Hawthorne et al. 2017"

    onset_length: Annotated[float, Unit("s"), Ge(0)] = 0.1
    pick_radius: Annotated[int, Unit("bin"), Ge(0)] = 10

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        bins = math.floor(self.onset_length / target.step + 1e-6)  # 0.1 / 0.01 is 10 bins
        y = extend(labels(target, p), bins)
        return sum_over_time(binary_cross_entropy(p, y), target)
