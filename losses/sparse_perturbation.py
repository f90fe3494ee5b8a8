"""Sparse adversarial attack: few altered pixels that change what a classifier sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from bench.plugin import (
    AttackPrediction,
    AttackTarget,
    Ge,
    InstanceTarget,
    Le,
    Loss,
    Scheduled,
    Uniform,
    constant,
    register_loss,
)
from losses._shared.numerics import at_least_float32
from losses.poisson_binomial import log_prob

if TYPE_CHECKING:
    from torch import Tensor

Attack = Literal["untargeted", "targeted"]


def attack_loss(logits: Tensor, label: Tensor, attack: Attack = "untargeted") -> Tensor:
    """What an attack minimises (thesis eq 7.8, 7.9).

    Args:
        logits: ``(batch, classes)`` of the perturbed inputs.
        label: ``(batch,)``, the true class, or for a targeted attack the class to provoke.

    Returns:
        ``(batch,)``: -log(1 - f_true), or -log f_label when targeted.
    """
    import torch
    from torch.nn.functional import cross_entropy

    logits = at_least_float32(logits)
    if attack == "targeted":
        return cross_entropy(logits, label, reduction="none")
    own = torch.arange(logits.shape[1], device=logits.device) == label[:, None]
    others = logits.masked_fill(own, float("-inf"))
    return logits.logsumexp(-1) - others.logsumexp(-1)


def objective(
    p: Tensor,
    magnitude: Tensor,
    image: Tensor,
    label: Tensor,
    classifier: Callable[[Tensor], Tensor],
    pixels: int = 1,
    weight: float = 0.9,
    attack: Attack = "untargeted",
) -> Tensor:
    """(1 - λ) · attack + λ · sparsity of the perturbation p · m (thesis eq 7.11, 7.12).

    Args:
        p: ``(batch, *grid)`` masking probabilities, one per pixel.
        magnitude: ``(batch, channel, *grid)``.
        image: ``(batch, channel, *grid)``.
        label: ``(batch,)``, see `attack_loss`.
        classifier: from images to ``(batch, classes)`` logits.
        pixels: number of pixels to alter.
        weight: λ in [0, 1].

    Returns:
        ``(batch,)``.
    """
    import torch

    logits = classifier(image + p[:, None] * magnitude)
    sparsity = -log_prob(p.flatten(1), torch.full((len(p),), pixels, device=p.device))
    return (1 - weight) * attack_loss(logits, label, attack) + weight * sparsity


@register_loss(
    "sparse_perturbation",
    heads={"attack", "instances"},
    space={"weight": Uniform(0.5, 0.99)},
)
class SparsePerturbation(Loss):
    """Adversarial attack on a given number of pixels, by counting the altered ones.

    Equation:
        L = (1 - λ) L_A(x + p · m) + λ L_PB(p)
        L_A = -log(1 - f_true)  (untargeted),  -log f_label  (targeted)
        L_PB = -log Pr(Σ_i B(p_i) = d)

    Shapes:
        Masking probabilities p are ``(batch, *grid)``, one a pixel, magnitudes m and images x
        ``(batch, channel, *grid)``, f the classifier's probabilities. L is ``(batch,)``, to be
        minimised over p and m. On the `instances` head, with p ``(batch, n)`` and a count in the
        place of d, it is the sparsity term λ L_PB alone.

    When to use:
        To change what a classifier sees by altering exactly d pixels, with gradients instead of a
        search. At the minima of L_PB exactly d masks are 1 and the others 0. The thesis takes 5,000
        steps of gradient descent with step size 100 and starts the masks from eq 2.14, ω₀ = 0.8.

    Departures:
        None in the equation; λ may be fixed, as in the experiment, or grow by a schedule, as the
        text suggests.

    Defaults:
        λ = ``weight`` 0.9, fixed, and an untargeted attack, the thesis's experiment; d = ``pixels``
        1, the first of its examples.
    """

    source: ClassVar[str] = "Schroeter, thesis, §7.2.2, eq 7.8-7.12"
    version: ClassVar[str] = "3"
    needs_locations: ClassVar[bool] = False
    sparse: ClassVar[bool] = True

    weight: Annotated[Scheduled, Ge(0), Le(1)] = constant(0.9)
    """λ, weight of sparsity against the attack."""
    pixels: Annotated[int, Ge(1)] = 1
    """d, pixels to alter."""
    attack: Attack = "untargeted"
    """Away from the true class, or towards a given one."""

    def objective(
        self,
        p: Tensor,
        magnitude: Tensor,
        image: Tensor,
        label: Tensor,
        classifier: Callable[[Tensor], Tensor],
        progress: float = 1.0,
    ) -> Tensor:
        """`objective` with this loss's options."""
        weight = self.weight(progress)
        return objective(p, magnitude, image, label, classifier, self.pixels, weight, self.attack)

    def __call__(
        self,
        prediction: AttackPrediction | Tensor,
        target: AttackTarget | InstanceTarget,
        progress: float = 1.0,
    ) -> Tensor:
        if isinstance(target, AttackTarget):
            assert isinstance(prediction, AttackPrediction)
            return self.objective(
                prediction.p,
                prediction.magnitude,
                target.image,
                target.label,
                target.classifier,
                progress,
            )
        assert not isinstance(prediction, AttackPrediction)
        p = at_least_float32(prediction)
        if target.mask is not None:
            p = p.masked_fill(~target.mask.bool(), 0.0)
        return -self.weight(progress) * log_prob(p, target.count)
