"""Poisson-binomial counting: the probability that independent instances give the labelled count."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from bench.plugin import EventTarget, Loss, register_loss, zero_count_bias
from losses import _product_tree
from losses._events import probabilities
from losses._numerics import at_least_float32

initial_bias = zero_count_bias


def log_prob(p: Tensor, count: Tensor | int) -> Tensor:
    """Logarithm of the probability that ``count`` of the instances occur.

    Exact, linear in n times the count, and stable for thousands of instances. On the CPU it runs
    in compiled code with an analytic gradient (once differentiable); on other devices, under
    ``torch.compile`` and for higher derivatives (`log_prob_by_tree`) as a product tree.

    Args:
        p: ``(..., n)`` probabilities of independent instances; half precision is widened.
        count: ``(...)`` integer, at least 0.

    Returns:
        ``(...)``. Always finite for p in [0, 1]: where the count is (almost) impossible,
        probabilities are read as no closer than 1e-30 to 0 or 1, and each instance that the count
        has beyond n adds log 1e-30 = -69.1.

    Raises:
        ValueError: ``count`` is not of integer type.
    """
    p, count = _arguments(p, count)
    transformed = torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active()
    if p.device.type != "cpu" or transformed:
        return _product_tree.log_prob(p, count)
    value: Tensor = _LogProb.apply(p, count)  # type: ignore[no-untyped-call]
    return value


def log_prob_by_tree(p: Tensor, count: Tensor | int) -> Tensor:
    """`log_prob` in plain torch operations of logarithmic depth, differentiable repeatedly.

    Arguments and result as `log_prob`, which it agrees with to 1e-5.
    """
    return _product_tree.log_prob(*_arguments(p, count))


def distribution(p: Tensor, max_count: int) -> Tensor:
    """Truncated distribution of the count, the rest in an overflow bin (thesis eq 2.13).

    Args:
        p: ``(..., n)`` probabilities of independent instances.
        max_count: largest count with a bin of its own, at least 0.

    Returns:
        ``(..., max_count + 2)``: Pr(C = 0), …, Pr(C = max_count), Pr(C > max_count).
    """
    if max_count < 0:
        raise ValueError(f"max_count must be at least 0, got {max_count}")
    return _product_tree.distribution(at_least_float32(p), max_count)


def _arguments(p: Tensor, count: Tensor | int) -> tuple[Tensor, Tensor]:
    count = torch.as_tensor(count, device=p.device)
    if count.is_floating_point() or count.is_complex() or count.dtype == torch.bool:
        raise ValueError(f"count must be an integer tensor, got {count.dtype}")
    return at_least_float32(p), count.long().expand(p.shape[:-1])


class _LogProb(torch.autograd.Function):
    """Compiled log-probability; the gradient is computed together with the value."""

    @staticmethod
    def forward(ctx: Any, p: Tensor, count: Tensor) -> Tensor:
        value, gradient = _evaluate(p, count, ctx.needs_input_grad[0])
        ctx.save_for_backward(p, count)
        ctx.gradient = gradient
        return value

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_value: Tensor) -> tuple[Tensor, None]:
        # The gradient is scaled in place, which spares the largest allocation of the step; a
        # second pass through a retained graph computes it again.
        gradient, ctx.gradient = ctx.gradient, None
        if gradient is None:
            p, count = ctx.saved_tensors
            _, gradient = _evaluate(p, count, True)
        if torch._C._are_functorch_transforms_active():  # a batch of grad_values
            return grad_value[..., None] * gradient, None
        return gradient.mul_(grad_value[..., None]), None


def _evaluate(p: Tensor, count: Tensor, with_gradient: bool) -> tuple[Tensor, Tensor]:
    """Log-probability and its gradient by `p`; the latter is empty unless asked for."""
    from losses._kernels import poisson_binomial as kernels  # loads numba on first use

    p = p.detach().contiguous()
    value = torch.empty(p.shape[:-1], dtype=p.dtype)
    gradient = torch.empty(p.shape if with_gradient else (0, p.shape[-1]), dtype=p.dtype)
    n = p.shape[-1]
    kernels.evaluate(
        p.view(value.numel(), n).numpy(),
        count.contiguous().view(-1).numpy(),
        value.view(-1).numpy(),
        gradient.view(-1, n).numpy() if n else gradient.new_empty(0, 0).numpy(),
    )
    return value, gradient


@register_loss("poisson_binomial", heads={"events"}, space={})
class PoissonBinomial(Loss):
    """Negative log-likelihood of the labelled count; needs no locations.

    L = -log Pr(Σ_t B(p_t) = c), per sample the mean over channels. The prediction holds
    probabilities ``(batch, channel, time)``, the label is ``target.counts (batch, channel)``.
    Its minima are binary: exactly c probabilities are 1 and the others 0 (Theorem 3.1), so that the
    default decoder, plain thresholding, is enough.

    Source: thesis eq 2.9-2.11, truncated (eq 2.13) at the label's own count, where no overflow bin
    is needed. The loss is finite for every count; see `log_prob` for the cap.
    """

    source: ClassVar[str] = "Schroeter, thesis, §2.2-2.3, eq 2.9-2.13"
    needs_locations: ClassVar[bool] = False

    def __call__(self, prediction: Tensor, target: EventTarget, progress: float = 1.0) -> Tensor:
        p = probabilities(prediction, target)
        return -log_prob(p, target.counts).mean(-1)
