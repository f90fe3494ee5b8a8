"""How far a map's probability is spread out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def map_spread(logits: Tensor) -> Tensor:
    """Standard deviation ``(batch, keypoint)`` of the softmax of maps, in their cells.

    The root of the variances' sum over axes; logits ``(batch, keypoint, *grid)`` may be -inf.
    """
    import torch

    grid = logits.shape[2:]
    p = logits.double().flatten(2).softmax(-1).view(logits.shape)
    variance = p.new_zeros(p.shape[:2])
    for axis, size in enumerate(grid):
        others = [k + 2 for k in range(len(grid)) if k != axis]
        along = p.sum(others) if others else p
        place = torch.arange(size, dtype=p.dtype, device=p.device)
        mean = (along * place).sum(-1, keepdim=True)
        variance = variance + (along * (place - mean) ** 2).sum(-1)
    return variance.sqrt()
