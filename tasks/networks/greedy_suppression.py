"""Greedy non-maximum suppression inside a network."""

from __future__ import annotations

import torch
from torch import Tensor


def survivors(score: Tensor, overlap: Tensor, most: float) -> Tensor:
    """Boxes that greedy suppression keeps.

    By falling score, each box that is still there removes all later ones that overlap it by more
    than ``most``. Found for all rows at once: a box stays if no earlier one that stays removes it,
    repeated until nothing changes, which is after as many rounds as the longest chain of boxes that
    remove each other.

    Args:
        score: ``(batch, n)``; of equal scores the first box comes first.
        overlap: ``(batch, n, n)`` intersection over union.

    Returns:
        ``(batch, n)`` bool.
    """
    rank = score.argsort(dim=-1, descending=True, stable=True).argsort(-1)
    removes = (overlap > most) & (rank[:, :, None] < rank[:, None, :])
    kept = torch.ones_like(score, dtype=torch.bool)
    while True:
        now = ~(removes & kept[:, :, None]).any(1)
        if bool((now == kept).all()):
            return kept
        kept = now
