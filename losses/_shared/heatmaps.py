"""What losses of the `heatmap` head share: maps of labelled keypoints, expectations, means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plugin import HeatmapTarget, PointPrediction
from losses._shared.numerics import at_least_float32

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def axes(grid: torch.Size, like: Tensor) -> list[Tensor]:
    """Centres of the cells along each axis: 0.5, 1.5, …, in the type of ``like``."""
    import torch

    return [torch.arange(size, dtype=like.dtype, device=like.device) + 0.5 for size in grid]


def marginal(maps: Tensor, axis: int, dim: int) -> Tensor:
    """``maps (..., *grid)`` summed over all of the ``dim`` grid axes but one: ``(..., size)``."""
    others = [k - dim for k in range(dim) if k != axis]
    return maps.sum(others) if others else maps


def softmax(logits: Tensor, dim: int) -> Tensor:
    """Probability maps of ``logits (..., *grid)`` over a grid of ``dim`` axes."""
    return logits.flatten(-dim).softmax(-1).view(logits.shape)


def expectation(probability: Tensor, dim: int) -> Tensor:
    """Mean coordinate ``(..., dim)``, in cells, of maps ``(..., *grid)`` (SA eq 1)."""
    import torch

    places = axes(probability.shape[-dim:], probability)
    return torch.stack(
        [(marginal(probability, k, dim) * place).sum(-1) for k, place in enumerate(places)], -1
    )


def labelled(prediction: Tensor, target: HeatmapTarget) -> tuple[Tensor, Tensor]:
    """Maps ``(labelled, *grid)`` and coordinates ``(labelled, dim)`` of the labelled keypoints.

    What the others hold, NaN included, takes no part in value or gradient.
    """
    logits = at_least_float32(prediction)
    position = target.position.to(logits.dtype)
    if target.mask is None:
        return logits.flatten(0, 1), position.flatten(0, 1)
    mask = target.mask.bool()
    return logits[mask], position[mask]


def mean_over_labelled(terms: Tensor, target: HeatmapTarget) -> Tensor:
    """``terms (labelled,)`` averaged per sample, ``(batch,)``; 0 where nothing is labelled."""
    shape = target.position.shape[:2]
    if target.mask is None:
        return terms.view(shape).mean(-1) if shape[1] else terms.new_zeros(shape[0])
    mask = target.mask.bool()
    spread = terms.new_zeros(shape).masked_scatter(mask, terms)
    return spread.sum(-1) / mask.sum(-1).clamp(min=1)


def expected_point(prediction: Tensor) -> PointPrediction:
    """One point per keypoint: soft-argmax of the map, with its largest probability as score."""
    logits = at_least_float32(prediction)
    dim = logits.dim() - 2
    probability = softmax(logits, dim)
    score = probability.flatten(-dim).amax(-1, keepdim=True)
    return PointPrediction(expectation(probability, dim), score)
