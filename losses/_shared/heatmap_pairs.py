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
            difference, kernel = _pairs(points, rows, bandwidth)
            potential[:, :, rows] = weight @ kernel.mT
            shared = (weight[:, :, rows].mT @ weight) * kernel
            pull[:, rows] = (shared[..., None, :] @ difference).squeeze(-2)
    value = (weight * potential).sum((1, 2))
    return value, pull[:, :n] * (-2 / bandwidth**2), 2 * potential[:, :, :n]


def hessian_product(
    position: Tensor,
    p: Tensor,
    target: Tensor,
    label: Tensor,
    bandwidth: float,
    by_position: Tensor,
    by_p: Tensor,
) -> tuple[Tensor, Tensor]:
    """Second derivatives of the distances of `evaluate`, times a direction.

    Along a (of positions x) and ω (of weights w; both 0 for labels) the distance has the derivative
    D = Σ_ij k_ij (Ω_ij - S_ij e_ij / λ²), with S_ij = w_i w_j and Ω_ij = ω_i w_j + w_i ω_j, both
    summed over channels, and e_ij = (x_i - x_j)·(a_i - a_j). Hence

        ∂D/∂w_i = 2 Σ_j k_ij (ω_j - w_j e_ij / λ²)
        ∂D/∂x_i = -(2 / λ²) Σ_j k_ij ((Ω_ij - S_ij e_ij / λ²) (x_i - x_j) + S_ij (a_i - a_j)).

    Args:
        by_position: a, ``(batch, n, dim)``.
        by_p: ω, ``(batch, channel, n)``.

    Returns:
        ∂D/∂x and ∂D/∂w of the predictions, in the shapes of ``position`` and ``p``.
    """
    batch, n = position.shape[:2]
    points = torch.cat([position, target], 1)
    direction = torch.cat([by_position, torch.zeros_like(target)], 1)
    weight, slope = torch.cat([p, -label], 2), torch.cat([by_p, torch.zeros_like(label)], 2)
    step = max(1, _PAIRS // max(1, batch * points.shape[1]))
    along_position, along_p = [], []
    with torch.autocast(points.device.type, enabled=False):
        for first in range(0, max(1, n), step):
            rows = slice(first, min(first + step, n))
            difference, kernel = _pairs(points, rows, bandwidth)
            other = direction[:, rows, None, :] - direction[:, None, :, :]
            spread = (difference * other).sum(-1) / bandwidth**2
            along_p.append(slope @ kernel.mT - weight @ (kernel * spread).mT)
            own = weight[:, :, rows].mT
            shared = own @ weight
            mixed = slope[:, :, rows].mT @ weight + own @ slope
            pull = (kernel * (mixed - shared * spread))[..., None] * difference
            pull = pull + (kernel * shared)[..., None] * other
            along_position.append(pull.sum(-2))
    return torch.cat(along_position, 1) * (-2 / bandwidth**2), 2 * torch.cat(along_p, 2)


def _pairs(points: Tensor, rows: slice, bandwidth: float) -> tuple[Tensor, Tensor]:
    """Differences ``(batch, rows, size, dim)`` and kernels ``(batch, rows, size)`` of pairs."""
    difference = points[:, rows, None, :] - points[:, None, :, :]
    return difference, torch.exp(difference.square().sum(-1) / (-2 * bandwidth**2))
