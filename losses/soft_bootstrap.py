"""Soft bootstrapping: labels are mixed with the model's own predictions."""

from __future__ import annotations

from typing import Annotated, ClassVar

from torch import Tensor

from bench.plugin import EventTarget, Ge, Le, Uniform, register_loss
from losses._decode import PICK_RADII, PeakPicking
from losses._events import labels, probabilities, sum_over_time
from losses.cross_entropy import binary_cross_entropy


@register_loss(
    "soft_bootstrap",
    heads={"events"},
    space={"trust": Uniform(0.5, 1.0), "pick_radius": PICK_RADII},
)
class SoftBootstrap(PeakPicking):
    """Cross-entropy against a mixture of labels and predictions.

    L = -Σ_t z_t log p_t + (1 - z_t) log(1 - p_t), z_t = β y_t + (1 - β) p_t, per sample the mean
    over channels, with probabilities p and labelled events y of shape ``(batch, channel, time)``,
    and β ``trust`` in the labels; β = 1 is `cross_entropy`. The gradient flows through z, so that
    (1 - β) weighs an entropy penalty.

    Source: Reed et al. 2014, eq 6, for each bin and class as a two-class problem; a baseline of
    thesis table 5.3. Default β = 0.95, theirs for the soft variant.
    """

    source: ClassVar[str] = "Reed et al. 2014, eq 6; Schroeter, thesis, table 5.3"

    trust: Annotated[float, Ge(0), Le(1)] = 0.95

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        y = labels(target, p).clamp(max=1.0)
        mixture = self.trust * y + (1 - self.trust) * p
        return sum_over_time(binary_cross_entropy(p, mixture), target)
