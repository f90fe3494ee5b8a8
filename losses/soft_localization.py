"""Soft localisation learning: smoothed predictions against smoothed labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import EventTarget, Ge, LogUniform, Unit, register_loss
from losses._shared.decode import PICK_RADII, PeakPicking
from losses._shared.events import labels, probabilities, sum_over_time
from losses._shared.softness import softness_in_bins

if TYPE_CHECKING:
    from torch import Tensor


def soft_localization(
    p: Tensor, target: EventTarget, softness: float | Tensor, noise_softness: float = 0.0
) -> Tensor:
    """``Σ_t (Φ ∗ (E∗p - y))_t²``, mean over channels: ``(batch,)``.

    Args:
        p: ``(batch, channel, time)`` probabilities, 0 on padding.
        target: labelled events.
        softness, noise_softness: standard deviations of Φ and E in bins.
    """
    from losses._shared.filters import smooth

    # Padding holds nothing, so E's mass that falls on it is dropped, as beyond the last bin.
    spread = target.masked(smooth(p, noise_softness))
    return sum_over_time(smooth(spread - labels(target, p), softness).square(), target)


@register_loss(
    "soft_localization",
    heads={"events"},
    space={"softness": LogUniform(0.01, 0.2), "pick_radius": PICK_RADII},
)
class SoftLocalization(PeakPicking):
    """Squared error between smoothed predictions and smoothed labels.

    Equation:
        L = Σ_t ((Φ ∗ (E ∗ p - y))_t)²
        Φ, E: normalised Gaussians of standard deviations S and S_E

    Shapes:
        Probabilities p and labelled events y are ``(batch, channel, time)``. The loss is
        ``(batch,)``: the sum over real bins, averaged over channels.

    When to use:
        When labels are misaligned: a small shift costs little, whatever its direction. Where E is
        the distribution of the label noise, the minimum lies at the true location whatever Φ is (eq
        5.13). On its own it does not make predictions sparse (§5.5.1), so the default decoder picks
        peaks; `softloc` adds what does.

    Departures:
        Filters are cut off at 4 standard deviations and normalised over whole bins; what they carry
        beyond the first and the last real bin is dropped. Width 0 is the identity.

    Defaults:
        S = ``softness`` 100 ms, the S_M of the thesis's piano and drum experiments (tables 5.3 and
        5.5); S_E = ``noise_softness`` 0, as in eq 5.18. Peaks are picked within 3 bins, as for
        `cross_entropy`.
    """

    source: ClassVar[str] = "Schroeter, thesis, §5.5.1, eq 5.12"

    softness: Annotated[float, Unit("s"), Ge(0)] = 0.1
    """S, standard deviation of the filter Φ on predictions and labels."""
    noise_softness: Annotated[float, Unit("s"), Ge(0)] = 0.0
    """S_E, standard deviation of the filter E on predictions only."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        width = softness_in_bins(self.softness, target)
        return soft_localization(p, target, width, self.noise_softness / target.step)
