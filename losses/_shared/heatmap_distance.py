"""The distance of heatmaps that continuous heatmap matching minimises, for autograd."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from losses._shared import heatmap_pairs
from losses._shared.second_derivatives import graph_is_wanted


class Distance(torch.autograd.Function):
    """The sum over pairs; its gradients (C.7, C.14) are computed together with the value."""

    @staticmethod
    def forward(
        position: Tensor, p: Tensor, target: Tensor, label: Tensor, bandwidth: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        dim = position.shape[-1]
        compilable = position.device.type == "cpu" and dim in (1, 2)
        if compilable and not torch.compiler.is_compiling():  # it cannot look into compiled code
            terms = _compiled(position, p, target, label, bandwidth)
        else:
            terms = heatmap_pairs.evaluate(position, p, target, label.to(p.dtype), bandwidth)
        scale = _scale(dim, bandwidth)
        value, by_position, by_p = terms
        return scale * value, scale * by_position, scale * by_p

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: tuple[Tensor, Tensor, Tensor]) -> None:
        *tensors, ctx.bandwidth = inputs
        ctx.mark_non_differentiable(*output[1:])
        ctx.save_for_backward(*tensors, *output[1:])

    @staticmethod
    def backward(ctx: Any, grad: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        *tensors, by_position, by_p = ctx.saved_tensors
        if graph_is_wanted():
            by_position, by_p = _Gradient.apply(by_position, by_p, *tensors, ctx.bandwidth)  # type: ignore[no-untyped-call]
        return grad[:, None, None] * by_position, grad[:, None, None] * by_p, None, None, None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], *inputs: Any
    ) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
        """The mapped axis joins the batch."""
        *tensors, bandwidth = inputs
        mapped = [
            tensor.expand(info.batch_size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
            for tensor, dim in zip(tensors, in_dims, strict=False)
        ]
        outer = mapped[0].shape[:2]
        found = Distance.apply(*(tensor.flatten(0, 1) for tensor in mapped), bandwidth)  # type: ignore[no-untyped-call]
        return tuple(tensor.unflatten(0, outer) for tensor in found), (0, 0, 0)


class _Gradient(torch.autograd.Function):
    """Gradients that are known already, and how they change with position and p."""

    generate_vmap_rule = True

    @staticmethod
    def forward(by_position: Tensor, by_p: Tensor, *inputs: Any) -> tuple[Tensor, Tensor]:
        return by_position.clone(), by_p.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: tuple[Tensor, Tensor]) -> None:
        *tensors, ctx.bandwidth = inputs[2:]
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, *direction: Tensor) -> tuple[Tensor | None, ...]:
        position, p, target, label = ctx.saved_tensors
        along_position, along_p = heatmap_pairs.hessian_product(
            position, p, target, label.to(p.dtype), ctx.bandwidth, *direction
        )
        scale = _scale(position.shape[-1], ctx.bandwidth)
        return None, None, scale * along_position, scale * along_p, None, None, None


def _scale(dim: int, bandwidth: float) -> float:
    """The leading factor of the distance, (πλ²/2)^(dim/2)."""
    return math.pow(math.pi * bandwidth**2 / 2, dim / 2)


def _compiled(
    position: Tensor, p: Tensor, target: Tensor, label: Tensor, bandwidth: float
) -> tuple[Tensor, Tensor, Tensor]:
    """`heatmap_pairs.evaluate`, of near pairs only, in float64 inside."""
    from losses._kernels import heatmap_pairs_kernel as heatmap_pairs  # loads numba on first use

    def plane(points: Tensor) -> Tensor:
        return pad(points.detach().double(), (0, 2 - points.shape[-1])).contiguous()

    points, probability = plane(position), p.detach().double().contiguous()
    value = torch.zeros(len(p), dtype=torch.float64)
    by_position, by_p = torch.zeros_like(points), torch.zeros_like(probability)
    heatmap_pairs.evaluate(
        points.numpy(),
        probability.numpy(),
        plane(target).numpy(),
        label.contiguous().numpy(),
        bandwidth,
        value.numpy(),
        by_position.numpy(),
        by_p.numpy(),
    )
    own = by_position[..., : position.shape[-1]]
    return value.to(p.dtype), own.to(p.dtype), by_p.to(p.dtype)
