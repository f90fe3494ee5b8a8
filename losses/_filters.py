"""Gaussian smoothing in time, the same for labels and predictions.

The filter has weights exp(-x² / 2σ²) at whole bins |x| <= radius, radius = ceil(4σ) bins, and sums
to one; σ = 0 is the identity. Outside the grid there is nothing: mass near the border falls off it,
for labels and predictions alike, so that a correct prediction is still matched exactly. Smoothing
is linear and applied as a banded Toeplitz matrix product, whose gradient is one too.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

RADIUS = 4.0
"""Radius of the filter in standard deviations: what is cut off is below 1e-4 of the mass."""


def gaussian_weights(sigma: Tensor, radius: int) -> Tensor:
    """Normalised weights ``(..., radius + 1)`` at distances 0, …, radius for ``sigma (...)`` bins.

    Weights beyond each filter's own radius are 0.
    """
    distance = torch.arange(radius + 1, device=sigma.device, dtype=sigma.dtype)
    width = sigma[..., None].clamp_min(1e-3)  # at this width, all other weights are 0
    weights = torch.exp(-0.5 * (distance / width) ** 2)
    weights = weights.masked_fill(distance > torch.ceil(RADIUS * sigma[..., None]), 0.0)
    return weights / (2 * weights.sum(-1, keepdim=True) - weights[..., :1])


def _toeplitz(sigma: Tensor, time: int) -> Tensor:
    """Symmetric filter matrices ``(..., time, time)``."""
    radius = math.ceil(RADIUS * float(sigma.max()))
    weights = gaussian_weights(sigma, radius)[..., :time]
    weights = torch.nn.functional.pad(weights, (0, max(0, time - weights.shape[-1])))
    bins = torch.arange(time, device=sigma.device)
    return weights[..., (bins[:, None] - bins[None, :]).abs()]


@lru_cache(maxsize=16)
def _cached_toeplitz(sigma: float, time: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    # float64 weights whatever the type of the result; a normal tensor even in inference mode,
    # because a later training step will use it
    with torch.inference_mode(False), torch.no_grad():
        return _toeplitz(torch.tensor(sigma, dtype=torch.float64), time).to(device, dtype)


def smooth(values: Tensor, sigma: float | Tensor) -> Tensor:
    """Gaussian smoothing along time.

    Args:
        values: ``(batch, channel, time)``.
        sigma: standard deviation in bins, a number or ``(batch,)`` or ``(batch, channel)``.
    """
    if isinstance(sigma, Tensor):
        widths = sigma if sigma.ndim == 2 else sigma[:, None]
        filters = _toeplitz(widths.to(values), values.shape[-1])
        return torch.matmul(values[..., None, :], filters).squeeze(-2)
    if sigma == 0:
        return values
    matrix = _cached_toeplitz(sigma, values.shape[-1], values.dtype, values.device)
    return values @ matrix
