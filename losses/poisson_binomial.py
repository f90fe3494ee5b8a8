"""Poisson-binomial counting: the probability that independent instances give the labelled count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import Ge, Le, Loss, Lt, PointPrediction, register_loss, zero_count_bias
from losses._shared.counts import Countable, instances, labelled_counts
from losses._shared.numerics import at_least_float32, values_are_hidden

if TYPE_CHECKING:
    from torch import Tensor

initial_bias = zero_count_bias


def log_prob(p: Tensor, count: Tensor | int) -> Tensor:
    """Logarithm of the probability that ``count`` of the instances occur.

    Exact, linear in n times the count, and stable for thousands of instances. On the CPU it runs
    in compiled code with an analytic gradient, which is differentiated again as that of
    `log_prob_by_tree`; on other devices and inside ``torch.compile`` or ``torch.func`` transforms
    it is `log_prob_by_tree`.

    Args:
        p: ``(..., n)`` probabilities of independent instances; half precision is widened.
        count: ``(...)`` integer, at least 0.

    Returns:
        ``(...)``. Always finite for p in [0, 1]: where the count is almost impossible (below
        1e-20), probabilities are read as no closer than 1e-30 to 0 and half a float's spacing
        (6e-8 in float32) to 1, and each instance that the count has beyond n adds log 1e-30 =
        -69.1. NaN in p gives NaN.

    Raises:
        ValueError: ``count`` is not of integer type, or negative.
    """
    if p.device.type != "cpu" or values_are_hidden():
        return log_prob_by_tree(p, count)
    from losses._shared.compiled_counting import LogProb

    value: Tensor = LogProb.apply(*_arguments(p, count))  # type: ignore[no-untyped-call]
    return value


def log_prob_by_tree(p: Tensor, count: Tensor | int, max_count: int | None = None) -> Tensor:
    """`log_prob` in plain torch operations of logarithmic depth, differentiable repeatedly.

    Arguments and result as `log_prob`, which it agrees with to 1e-5.

    Args:
        max_count: upper bound of ``count``. Saves work inside ``torch.compile`` and ``torch.func``
            transforms, which do not show the values of ``count``; the default there is n.
    """
    from losses._shared import product_tree

    return product_tree.log_prob(*_arguments(p, count), max_count)


def distribution(p: Tensor, max_count: int) -> Tensor:
    """Truncated distribution of the count, the rest in an overflow bin (thesis eq 2.13).

    Plain torch operations of logarithmic depth, on any device, differentiable repeatedly, inside
    ``torch.compile`` and ``torch.func`` transforms, too.

    Args:
        p: ``(..., n)`` probabilities of independent instances.
        max_count: largest count with a bin of its own, at least 0.

    Returns:
        ``(..., max_count + 2)``: Pr(C = 0), …, Pr(C = max_count), Pr(C > max_count).
    """
    from losses._shared import product_tree

    if max_count < 0:
        raise ValueError(f"max_count must be at least 0, got {max_count}")
    return product_tree.distribution(at_least_float32(p), max_count)


def _arguments(p: Tensor, count: Tensor | int) -> tuple[Tensor, Tensor]:
    import torch

    count = torch.as_tensor(count, device=p.device)
    if count.is_floating_point() or count.is_complex() or count.dtype == torch.bool:
        raise ValueError(f"count must be an integer tensor, got {count.dtype}")
    return at_least_float32(p), count.long().expand(p.shape[:-1])


def without_unlikely(p: Tensor, threshold: float) -> Tensor:
    """Subset trick (thesis §2.3.4): instances below ``threshold`` are absent, with no gradient.

    Instances that are dropped from every sequence of the batch cost nothing any more.

    Args:
        p: ``(..., n)``.

    Returns:
        ``(..., m)``, m <= n.
    """
    kept = p >= threshold
    used = kept.reshape(-1, p.shape[-1]).any(0)
    return p.masked_fill(~kept, 0.0)[..., used]


@register_loss("poisson_binomial", heads={"events", "points", "instances"}, space={})
class PoissonBinomial(Loss):
    """Negative log-likelihood of the labelled count; needs no locations.

    Equation:
        L = -log Pr(Σ_i B(p_i) = c)
        Pr(C = c) = Σ_{A: |A| = c} Π_{i in A} p_i Π_{i not in A} (1 - p_i)

    Shapes:
        Probabilities p are ``(batch, channel, time)`` for events, ``p (batch, n, channel)`` for
        points and ``(batch, n)`` for instances; the count c is that of a channel's labelled events,
        points or instances. The loss is ``(batch,)``, the mean over channels.

    When to use:
        When labels are counts without locations, or beside another loss to make its predictions
        sparse. Its minima are binary: exactly c probabilities are 1 and the others 0 (Theorem 3.1),
        so that plain thresholding, the default decoder, is enough. Start from a bias of
        `initial_bias` (eq 2.14) in the last layer, or the label is all but impossible at first.

    Departures:
        The distribution is truncated (eq 2.13) at the label's own count, where no overflow bin is
        needed. The authors' drum code (counts alone, and in SoftLoc) takes log(Pr + 1e-9), so that
        the loss ends at 20.7 and its gradient fades where Pr is below 1e-9; here nothing is added,
        and the loss is finite for every count (see `log_prob` for the cap). Eq 2.14 is read as
        log(ω₀^(-1/N) - 1), which gives the mass ω₀ that the text asks for.

    Defaults:
        ``subset_threshold`` 0 keeps all instances: the thesis drops unlikely ones for speed late in
        training (§2.3.4, no numbers), which compiled code does not need. ``subset_begin``, half of
        the training, is ours.
    """

    source: ClassVar[str] = "Schroeter, thesis, §2.2-2.3, eq 2.9-2.14"
    version: ClassVar[str] = "4"
    needs_locations: ClassVar[bool] = False
    sparse: ClassVar[bool] = True

    subset_threshold: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Instances less likely than this are dropped late in training."""
    subset_begin: Annotated[float, Ge(0), Le(1)] = 0.5
    """Training progress from which they are dropped."""

    def __call__(
        self, prediction: Tensor | PointPrediction, target: Countable, progress: float = 1.0
    ) -> Tensor:
        p = instances(prediction, target)
        count = labelled_counts(target, p.shape[1])
        if self.subset_threshold > 0 and progress >= self.subset_begin:
            p = without_unlikely(p, self.subset_threshold)
        return -log_prob(p, count).mean(-1)
