"""Extended onsets: labels smeared over the bins that follow them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import EventTarget, Ge, LogUniform, Unit, register_loss
from losses._shared.decode import PICK_RADII, PeakPicking
from losses._shared.events import labels, probabilities, sum_over_time
from losses.cross_entropy import binary_cross_entropy

if TYPE_CHECKING:
    from torch import Tensor


def extend(y: Tensor, bins: int) -> Tensor:
    """1 where ``y (batch, channel, time)`` has an event, and in the ``bins`` after it, else 0."""
    from torch.nn.functional import max_pool1d, pad

    if y.shape[-1] == 0:  # which pooling refuses
        return y
    return max_pool1d(pad(y.clamp(max=1.0), (bins, 0)), bins + 1, stride=1)


@register_loss(
    "extended_onset",
    heads={"events"},
    space={"onset_length": LogUniform(0.01, 0.2), "pick_radius": PICK_RADII},
)
class ExtendedOnset(PeakPicking):
    """Cross-entropy against onsets of some length.

    Equation:
        L = -Σ_t [z_t log p_t + (1 - z_t) log(1 - p_t)]
        z_t = 1 if an event is labelled in [t - ℓ, t], else 0

    Shapes:
        Probabilities p and labelled events y are ``(batch, channel, time)``. The loss is
        ``(batch,)``: the sum over real bins, averaged over channels.

    When to use:
        As a baseline for late labels: the row *extended* of table 5.3. Onsets closer than ℓ become
        one, and the network is asked to fire for all of ℓ, so that peaks must be picked. Length 0
        is `cross_entropy`.

    Departures:
        The thesis gives neither formula nor length; Hawthorne et al. 2017 label the first frames of
        a note as its onset.

    Defaults:
        ℓ = ``onset_length`` 100 ms, ours: the softness of the same experiment. Peaks are picked
        within as many bins of 10 ms.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.6.3, table 5.3; Hawthorne et al. 2017"

    onset_length: Annotated[float, Unit("s"), Ge(0)] = 0.1
    """ℓ, how long an onset lasts behind its label."""
    pick_radius: Annotated[int, Unit("bin"), Ge(0)] = 10
    """A peak is the largest value within so many bins on either side."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        bins = math.floor(self.onset_length / target.step + 1e-6)  # 0.1 / 0.01 is 10 bins
        y = extend(labels(target, p), bins)
        return sum_over_time(binary_cross_entropy(p, y), target)
