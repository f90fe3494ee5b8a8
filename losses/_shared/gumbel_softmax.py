"""Expected coordinates under Gumbel-softmax weights (SA eq 10-12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from losses._shared.heatmaps import marginal, softmax
from losses._shared.released_samples import Integral
from losses._shared.second_derivatives import graph_is_wanted, with_graph_of

_ELEMENTS = 1 << 24
"""Perturbed cells held at once by the plain torch path: 64 MiB a temporary in float32."""


def expected(
    maps: Tensor,
    draws: list[Tensor],
    scales: tuple[float, float],
    seed: int,
    integral: Integral | None = None,
) -> Tensor:
    """Σ_i ŵ_i ŷ_i with ŵ = softmax(scales[0] · maps + scales[1] · Gumbel noise).

    Args:
        maps: ``(maps, *grid)`` logits.
        draws: per grid axis, ``(samples, maps, size)`` coordinates drawn in each slice.
        scales: of the logits and of the noise.
        seed: of the noise.
        integral: another sum over an axis than that of ŵ ŷ; plain torch operations then.

    Returns:
        ``(samples, maps, dim)``.
    """
    if integral is None and maps.device.type == "cpu" and maps.dtype == torch.float32:
        result: Tensor = _Compiled.apply(maps, torch.cat(draws, -1), scales, seed)[0]  # type: ignore[no-untyped-call]
        return result
    return _in_chunks(maps, draws, scales, _generated(maps, seed), integral)


Noise = Callable[[int, int], Tensor]
"""Gumbel variates ``(samples, maps, *grid)``, from the first sample and the number of samples."""


def _in_chunks(
    maps: Tensor,
    draws: list[Tensor],
    scales: tuple[float, float],
    noise: Noise,
    integral: Integral | None = None,
) -> Tensor:
    """``(n_samples, maps, dim)`` in plain torch operations."""
    n_samples = len(draws[0])
    step = max(1, _ELEMENTS // max(1, maps.numel()))
    chunks = []
    for first in range(0, n_samples, step):
        own = [draw[first : first + step] for draw in draws]
        chunks.append(
            checkpoint(
                _direct, maps, own, scales, noise, first, integral,
                use_reentrant=False, preserve_rng_state=False,
            )
        )  # fmt: skip
    return torch.cat(chunks)


def _direct(
    maps: Tensor,
    draws: list[Tensor],
    scales: tuple[float, float],
    noise: Noise,
    first: int,
    integral: Integral | None,
) -> Tensor:
    """Eq 10-12 as they stand, or with another ``integral``, for the samples from ``first`` on."""
    dim = len(draws)
    weight = softmax(scales[0] * maps + scales[1] * noise(first, len(draws[0])), dim)
    summed = integral or _mean
    return torch.stack([summed(marginal(weight, k, dim), draws[k]) for k in range(dim)], -1)


def _mean(weight: Tensor, place: Tensor) -> Tensor:
    return (weight * place).sum(-1)


def _generated(maps: Tensor, seed: int) -> Noise:
    """Noise from torch's generators, the same for the same seed and first sample."""
    shape, dtype, device = maps.shape, maps.dtype, maps.device

    def noise(first: int, samples: int) -> Tensor:
        generator = torch.Generator(device).manual_seed(seed + first)
        exponential = torch.empty((samples, *shape), dtype=dtype, device=device)
        exponential.exponential_(generator=generator)
        return -exponential.clamp_min_(torch.finfo(dtype).tiny).log_()

    return noise


def _hashed(maps: Tensor, of: int, seed: int) -> Noise:
    """The compiled code's noise, of a run with ``of`` samples."""
    from losses._kernels import gumbel_softmax_kernel as gumbel_softmax

    shape = maps.shape

    def noise(first: int, samples: int) -> Tensor:
        gumbel = torch.empty((samples, *shape), dtype=torch.float32)
        gumbel_softmax.noise(seed, of, first, gumbel.flatten(2).numpy())
        return gumbel

    return noise


class _Compiled(torch.autograd.Function):
    """Eq 10-12 in compiled code; the backward pass draws the same noise again.

    Where the graph of the gradient is wanted, plain torch operations on that noise give it.
    """

    @staticmethod
    def forward(
        maps: Tensor, draws: Tensor, scales: tuple[float, float], seed: int
    ) -> tuple[Tensor, Tensor]:
        from losses._kernels import (
            gumbel_softmax_kernel as gumbel_softmax,  # loads numba on first use
        )

        samples, count = draws.shape[:2]
        expected = maps.new_zeros(samples, count, maps.dim() - 1)
        totals = maps.new_zeros(samples, count, 2)
        cells, places, shape, l_scale, g_scale = _arguments(maps, draws, scales)
        gumbel_softmax.forward(
            cells, places, shape, l_scale, g_scale, seed, expected.numpy(), totals.numpy()
        )
        return expected, totals

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: tuple[Tensor, Tensor]) -> None:
        maps, draws, ctx.scales, ctx.seed = inputs
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(maps, draws, *output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        from losses._kernels import gumbel_softmax_kernel as gumbel_softmax

        maps, draws, expected, totals = ctx.saved_tensors
        gradient = torch.zeros_like(maps, memory_format=torch.contiguous_format)
        cells, places, shape, l_scale, g_scale = _arguments(maps, draws, ctx.scales)
        gumbel_softmax.backward(
            cells,
            places,
            shape,
            l_scale,
            g_scale,
            ctx.seed,
            expected.detach().numpy(),
            totals.numpy(),
            grad.contiguous().numpy(force=True),  # of a second pass, it may be zero without memory
            gradient.flatten(1).numpy(),
        )
        if graph_is_wanted():
            gradient = with_graph_of(_slope(maps, draws, ctx.scales, ctx.seed, grad), gradient)
        return gradient, None, None, None


def _slope(
    maps: Tensor, draws: Tensor, scales: tuple[float, float], seed: int, grad: Tensor
) -> Tensor:
    """Gradient by ``maps`` as a differentiable function of them and of ``grad``."""
    noise = _hashed(maps, len(draws), seed)
    value = _in_chunks(maps, list(torch.split(draws, list(maps.shape[1:]), -1)), scales, noise)
    return torch.autograd.grad(value, maps, grad, create_graph=True)[0]


def _arguments(
    maps: Tensor, draws: Tensor, scales: tuple[float, float]
) -> tuple[Any, Any, Any, Any, Any]:
    """What both compiled passes take first."""
    cells = maps.detach().flatten(1).contiguous().numpy()
    shape = np.array(maps.shape[1:])
    return cells, draws.contiguous().numpy(), shape, np.float32(scales[0]), np.float32(scales[1])
