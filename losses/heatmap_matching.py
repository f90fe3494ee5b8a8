"""Continuous heatmap matching: points compared as sums of Gaussians, integrated in closed form."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import pad

from bench.plugin import (
    Ge,
    Gt,
    LogUniform,
    Loss,
    PointPrediction,
    PointTarget,
    Scheduled,
    Unit,
    constant,
    register_loss,
)
from losses._shared import heatmap_pairs
from losses._shared.numerics import at_least_float32
from losses._shared.second_derivatives import graph_is_wanted
from losses.poisson_binomial import log_prob


def distance(
    position: Tensor,
    p: Tensor,
    target: Tensor,
    target_mask: Tensor,
    bandwidth: float,
    target_channel: Tensor | None = None,
) -> Tensor:
    """Integrated squared difference of the heatmaps of predictions and labels (thesis eq 6.3).

    With H(x) = Σ_i w_i exp(-|x_i - x|² / λ²), the distance is ∫ (H_label - H_prediction)² over the
    whole space, summed over channels. In closed form (6.4) it is (πλ²/2)^(dim/2) times
    Σ_ij w_i w_j exp(-|x_i - x_j|² / 2λ²), with weights p of predictions and -1 of labels.

    On the CPU in one and two dimensions, pairs farther apart than 7.5 λ are left out: the error is
    at most 6.2e-13 (πλ²/2)^(dim/2) (Σp + m)². Elsewhere all pairs are summed, in chunks.
    Differentiable repeatedly, by ``position`` and ``p``; second derivatives sum all pairs.
    ``torch.func`` transforms, ``vmap`` among them, take it as one operation, those of forward mode
    (``jvp``, ``hessian``) refuse it; inside ``torch.compile`` all pairs are summed.

    Args:
        position: ``(batch, n, dim)``.
        p: ``(batch, n)``, or ``(batch, n, channel)`` with ``target_channel``.
        target: ``(batch, m, dim)`` in the unit of ``position``; anything where masked.
        target_mask: ``(batch, m)`` bool, True for real labels.
        bandwidth: λ > 0, in the unit of ``position``.
        target_channel: ``(batch, m)`` integer channel of each label; None when there is one.

    Returns:
        ``(batch,)``, NaN for a sample with a prediction that is not finite.
    """
    if not bandwidth > 0:
        raise ValueError(f"bandwidth must be positive, got {bandwidth}")
    p = at_least_float32(p if p.dim() == 3 else p.unsqueeze(-1)).mT
    position = at_least_float32(position).to(p.dtype)
    mask = target_mask.bool()
    target = target.detach().to(p.dtype).masked_fill(~mask[..., None], 0.0)
    label = _labels(mask, target_channel, p.shape[1])
    value: Tensor = _Distance.apply(position, p, target, label, float(bandwidth))[0]  # type: ignore[no-untyped-call]
    return value


def _labels(mask: Tensor, channel: Tensor | None, channels: int) -> Tensor:
    """``(batch, channel, m)`` bool: which labels belong to which channel."""
    if channel is None:
        if channels != 1:
            raise ValueError(f"{channels} channels need the channel of each label, got None")
        return mask[:, None, :]
    own = channel[:, None, :] == torch.arange(channels, device=mask.device)[:, None]
    return own & mask[:, None, :]


class _Distance(torch.autograd.Function):
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
        found = _Distance.apply(*(tensor.flatten(0, 1) for tensor in mapped), bandwidth)  # type: ignore[no-untyped-call]
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


@register_loss(
    "heatmap_matching",
    heads={"points"},
    space={"bandwidth": LogUniform(0.1, 2.0), "weight": LogUniform(0.01, 1.0)},
)
class HeatmapMatching(Loss):
    """Continuous heatmap matching, with counting to make predictions sparse.

    Equation:
        L = ∫ (H(x) - Ĥ(x))² dx + β R
        H(x) = Σ_j exp(-|x_j - x|² / λ²),  Ĥ(x) = Σ_i p_i exp(-|x̂_i - x|² / λ²)
        ∫ (H - Ĥ)² = (πλ²/2)^(dim/2) Σ_ab w_a w_b exp(-|x_a - x_b|² / 2λ²)
        R = -log Pr(Σ_i B(p_i) = m)  (count),  Σ_i p_i  (l1),  0  (none)

    Shapes:
        Candidates x̂ are ``(batch, n, dim)`` and their probabilities p ``(batch, n, channel)``,
        labels ``(batch, m, dim)``; positions and λ in grid cells. In the closed form a and b run
        over candidates, with weights w = p, and labels, with w = -1. The loss is ``(batch,)``,
        summed over channels.

    When to use:
        To localise points more finely than the grid of the input, several of them and of several
        classes: no map is ever drawn, so nothing is rounded to cells. Without ``count``, one point
        may stay split over several candidates (eq 6.6).

    Departures:
        In one dimension the factor πλ²/2 of eq 6.4 becomes its square root. On the CPU pairs
        farther apart than 7.5 λ are left out; see `distance` for the bound.

    Defaults:
        λ = ``bandwidth`` 0.2 cells, the thesis's microscopy experiment, and β = ``weight`` 0.1,
        that of its code. Elsewhere the authors' code has λ = 1.25 (corners) and max(8 - (i - 2000)
        / 1500, 2) at iteration i (golf). ``regularizer: count`` is the published method.
    """

    source: ClassVar[str] = "Schroeter, thesis, §6.3 and appendix C.1, eq 6.3-6.5, C.7, C.14"
    version: ClassVar[str] = "3"

    bandwidth: Annotated[Scheduled, Unit("cell"), Gt(0)] = constant(0.2)
    """λ, width of the Gaussian that stands for a point."""
    regularizer: Literal["none", "l1", "count"] = "count"
    """R: nothing, the sum of probabilities, or the count likelihood."""
    weight: Annotated[Scheduled, Ge(0)] = constant(0.1)
    """β, weight of the regulariser."""

    def __call__(
        self, prediction: PointPrediction, target: PointTarget, progress: float = 1.0
    ) -> Tensor:
        p = at_least_float32(prediction.p)
        loss = distance(
            prediction.position,
            p,
            target.position,
            target.mask,
            self.bandwidth(progress),
            target.channel,
        )
        weight = self.weight(progress)
        if self.regularizer == "none" or weight == 0:
            return loss
        if self.regularizer == "l1":
            return loss + weight * p.sum((1, 2))
        count = _labels(target.mask.bool(), target.channel, p.shape[-1]).sum(-1)
        return loss - weight * log_prob(p.mT, count).sum(-1)
