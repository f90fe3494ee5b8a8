"""Continuous heatmap matching over all pairs in plain torch operations, in bounded memory."""

from __future__ import annotations

import torch
from torch import Tensor

_PAIRS = 1 << 24
"""Pairs held at once: 64 MiB a temporary in float32."""


def evaluate(
    position: Tensor, p: Tensor, target: Tensor, label: Tensor, bandwidth: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Distances without their leading factor, and their gradients.

    Args:
        position: ``(batch, n, dim)``.
        p: ``(batch, channel, n)``.
        target: ``(batch, m, dim)``, finite everywhere.
        label: ``(batch, channel, m)``, 1 for a label of the channel, else 0.

    Returns:
        ``(batch,)``, and the gradients by ``position`` and ``p`` in their shapes.
    """
    batch, n = position.shape[:2]
    points = torch.cat([position, target], 1)
    weight = torch.cat([p, -label], 2)
    size = points.shape[1]
    potential, pull = torch.zeros_like(weight), torch.zeros_like(points)
    step = max(1, _PAIRS // max(1, batch * size))
    with torch.autocast(points.device.type, enabled=False):
        for first in range(0, size, step):
            rows = slice(first, first + step)
            difference = points[:, rows, None, :] - points[:, None, :, :]
            kernel = torch.exp(difference.square().sum(-1) / (-2 * bandwidth**2))
            potential[:, :, rows] = weight @ kernel.mT
            shared = (weight[:, :, rows].mT @ weight) * kernel
            pull[:, rows] = (shared[..., None, :] @ difference).squeeze(-2)
    value = (weight * potential).sum((1, 2))
    return value, pull[:, :n] * (-2 / bandwidth**2), 2 * potential[:, :, :n]
