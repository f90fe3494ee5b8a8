"""Attack on a given number of pixels by differential evolution: the rival that trains nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import AttackPrediction, AttackTarget, Ge, Loss, register_loss
from losses.sparse_perturbation import attack_loss

if TYPE_CHECKING:
    from torch import Tensor


@register_loss("differential_evolution", heads={"attack"}, space={})
class DifferentialEvolution(Loss):
    """Adversarial attack on a given number of pixels, by a search that needs no gradients.

    Equation:
        min f_true(x + e)  over  ||e||_0 <= d

    Shapes:
        Images x and perturbations e = p · m are ``(batch, channel, *grid)``, masks p
        ``(batch, *grid)``, f the classifier's probabilities. The value is -log(1 - f_true) of each
        sample, ``(batch,)``, which falls where f_true does.

    When to use:
        As the baseline of `sparse_perturbation`: it trains nothing, and the task runs the search.
        It may alter fewer pixels than d, never more.

    Departures:
        A search ends as soon as some candidate is seen as another class.

    Defaults:
        d = ``pixels`` 1, as in `sparse_perturbation`. Population and generations are the task's.
    """

    source: ClassVar[str] = "Su et al. 2019, as compared with in Schroeter, thesis, §7.2"
    needs_locations: ClassVar[bool] = False
    trains: ClassVar[bool] = False

    pixels: Annotated[int, Ge(1)] = 1
    """d, pixels that may be altered."""

    def __call__(
        self, prediction: AttackPrediction, target: AttackTarget, progress: float = 1.0
    ) -> Tensor:
        altered = target.image + prediction.p[:, None] * prediction.magnitude
        return attack_loss(target.classifier(altered), target.label)
