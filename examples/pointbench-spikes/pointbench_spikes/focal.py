"""Focal loss: a loss for pointbench is one short class."""

from typing import Annotated, ClassVar

import torch
from torch import Tensor

from bench.plugin import EventTarget, Ge, Loss, Uniform, register_loss


@register_loss("focal", heads={"events"}, space={"focus": Uniform(0.0, 5.0)})
class Focal(Loss):
    """Cross-entropy that looks away from what is already right.

    Equation:
        L = -Σ_t (1 - q_t)^γ log q_t
        q_t = p_t where an event is labelled, 1 - p_t elsewhere

    Shapes:
        Probabilities p are ``(batch, channel, time)``. The loss is ``(batch,)``: the sum over real
        bins, averaged over channels.

    When to use:
        When events are rare and the many bins without any would drown them.

    Departures:
        No weight of the classes; q is at least 1e-6.

    Defaults:
        γ = ``focus`` 2, the paper's.
    """

    source: ClassVar[str] = "Lin et al. 2017, Focal Loss for Dense Object Detection, eq 4"

    focus: Annotated[float, Ge(0)] = 2.0
    """γ, how much to look away; 0 is cross-entropy."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = target.masked(prediction)
        q = torch.where(target.located > 0, p, 1 - p).clamp(1e-6, 1 - 1e-6)
        terms = -((1 - q) ** self.focus) * q.log()
        return target.masked(terms).sum(-1).mean(-1)
