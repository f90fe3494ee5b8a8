"""Soft bootstrapping: labels are mixed with the model's own predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import EventTarget, Ge, Le, Uniform, register_loss
from losses._shared.decode import PICK_RADII, PeakPicking
from losses._shared.events import labels, probabilities, sum_over_time
from losses.cross_entropy import binary_cross_entropy

if TYPE_CHECKING:
    from torch import Tensor


@register_loss(
    "soft_bootstrap",
    heads={"events"},
    space={"trust": Uniform(0.5, 1.0), "pick_radius": PICK_RADII},
)
class SoftBootstrap(PeakPicking):
    """Cross-entropy against a mixture of labels and the model's own predictions.

    Equation:
        L = -Σ_t [z_t log p_t + (1 - z_t) log(1 - p_t)]
        z = β y + (1 - β) p

    Shapes:
        Probabilities p and labelled events y are ``(batch, channel, time)``. The loss is
        ``(batch,)``: the sum over real bins, averaged over channels.

    When to use:
        When some labels are wrong rather than late: the model's own belief counts beside them. β =
        1 is `cross_entropy`.

    Departures:
        Each bin and class is a two-class problem of its own. The gradient flows through z, as eq 6
        of Reed et al. has it, so that (1 - β) weighs an entropy penalty.

    Defaults:
        β = ``trust`` 0.95, that of Reed et al. for the soft variant. Peaks are picked within 3
        bins, as for `cross_entropy`.
    """

    source: ClassVar[str] = "Reed et al. 2014, eq 6; Schroeter, thesis, table 5.3"

    trust: Annotated[float, Ge(0), Le(1)] = 0.95
    """β, trust in the labels; the rest goes to the predictions."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        y = labels(target, p).clamp(max=1.0)
        mixture = self.trust * y + (1 - self.trust) * p
        return sum_over_time(binary_cross_entropy(p, mixture), target)
