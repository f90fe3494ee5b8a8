"""Likelihood of labels whose times are noisy, with the true times marginalised out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import EventTarget, Gt, LogUniform, Loss, Unit, register_loss
from losses._shared.events import labels, probabilities
from losses._shared.numerics import values_are_hidden

if TYPE_CHECKING:
    from torch import Tensor


def log_likelihood(p: Tensor, events: Tensor, sigma: float) -> Tensor:
    """Log-probability of noisy labels when the k-th true event caused the k-th label.

    With S_k(t) = Σ of the weights of the first k events, the k-th at bin t,
    S_k(t) = p_t / (1 - p_t) N(z_k - t) Σ_{s<t} S_{k-1}(s), the result is
    Σ_t log(1 - p_t) + log Σ_t S_c(t). On the CPU it runs in compiled code with an analytic
    gradient; on other devices, inside ``torch.compile`` or ``torch.func`` transforms and for second
    derivatives it is `losses._shared.misaligned_labels.log_likelihood`.

    Args:
        p: ``(batch, channel, time)`` probabilities.
        events: labelled events, of the same shape and type.
        sigma: standard deviation of the noise in bins.

    Returns:
        ``(batch, channel)``; about -1e5 where there are more events than bins. NaN in p gives NaN.
    """
    if p.device.type != "cpu" or values_are_hidden():
        from losses._shared import misaligned_labels

        return misaligned_labels.log_likelihood(p, events, sigma)
    from losses._shared.compiled_misaligned_labels import LogLikelihood

    value: Tensor = LogLikelihood.apply(p, events, sigma)  # type: ignore[no-untyped-call]
    return value


@register_loss(
    "misaligned_logistic", heads={"events"}, space={"noise_softness": LogUniform(0.01, 0.2)}
)
class MisalignedLogistic(Loss):
    """Marginal likelihood of misaligned labels: that of the robust classifier LR-M.

    Equation:
        L = -log Σ_{t_1 < … < t_c} Π_k p_{t_k} N(z_k - t_k) Π_{t other} (1 - p_t)
        N(d) = exp(-d² / 2σ²) / Σ_{whole bins e} exp(-e² / 2σ²)

    Shapes:
        Probabilities p are ``(batch, channel, time)``, z_1 <= … <= z_c the labelled times of a
        channel, t_1 < … < t_c the true ones that are summed over, and *other* all bins but these.
        The loss is ``(batch,)``, the mean over channels.

    When to use:
        When labels are off by a noise of known width: the noise has its own density, so predictions
        stay sharp and the default decoder thresholds. As σ → 0 it becomes `cross_entropy`, as σ → ∞
        `poisson_binomial` and a constant.

    Departures:
        On a deep network it is a method of ours: that such use works *still needs to be
        demonstrated* (thesis §5.2), and the published LR-M (table 5.2) is a logistic regression.
        Derived from the abstract of Adams & Marlin 2017, not from its text. The noise is normal
        with given σ instead of learned; the k-th event causes the k-th label. Where there are more
        events than bins the loss is about 1e5.

    Defaults:
        σ = ``noise_softness`` 100 ms, ours: as wide as the softness of the other losses.
    """

    source: ClassVar[str] = (
        "Adams & Marlin 2017; Schroeter, thesis, §5.6.2, table 5.2 (a linear model); on a deep "
        "network ours"
    )
    note: ClassVar[str] = (
        "on a deep network a method of ours, nowhere published; the published LR-M (thesis, table "
        "5.2) is a linear model."
    )
    sparse: ClassVar[bool] = True

    noise_softness: Annotated[float, Unit("s"), Gt(0)] = 0.1
    """σ, standard deviation of the label noise."""

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        sigma = self.noise_softness / target.step
        return -log_likelihood(p, labels(target, p), sigma).mean(-1)
