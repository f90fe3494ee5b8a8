"""Gaussian smoothing in time, the same for labels and predictions.

The filter has weights exp(-x² / 2σ²) at whole bins |x| <= radius, radius = ceil(4σ) bins, and sums
to one; σ = 0 is the identity. Outside the grid there is nothing: mass near the border falls off it,
for labels and predictions alike, so that a correct prediction is still matched exactly.

Smoothing is linear. With one σ it is the product with a cached banded matrix, the fastest way at a
few hundred bins; with a σ per sample, or for long sequences, whose matrix would be large, it is a
product of spectra.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

RADIUS = 4.0
"""Radius of the filter in standard deviations: what is cut off is below 1e-4 of the mass."""

_LONGEST_MATRIX = 1024


def smooth(values: Tensor, sigma: float | Tensor) -> Tensor:
    """Gaussian smoothing along time.

    Args:
        values: ``(batch, channel, time)``.
        sigma: standard deviation in bins, a number or ``(batch,)`` or ``(batch, channel)``.
    """
    time = values.shape[-1]
    if not values.numel():
        return values
    if isinstance(sigma, Tensor):
        widths = sigma if sigma.ndim == 2 else sigma[:, None]
        return _smooth_by_spectrum(values, widths.to(values))
    if sigma == 0:
        return values
    if time > _LONGEST_MATRIX:
        return _smooth_by_spectrum(values, values.new_full((1, 1), sigma))
    with torch.autocast(values.device.type, enabled=False):  # half precision would lose the labels
        return values @ _matrix(sigma, time, values.dtype, values.device)


def gaussian_weights(sigma: Tensor, lags: int) -> Tensor:
    """Weights ``(..., lags)`` of the normalised filter at distances 0, …, lags - 1.

    Args:
        sigma: ``(...)`` bins.
    """
    return _weights(sigma, lags, int(torch.ceil(RADIUS * sigma).max()))


def _weights(sigma: Tensor, lags: int, reach: int) -> Tensor:
    """`gaussian_weights`, with ``reach`` the largest radius."""
    radius = torch.ceil(RADIUS * sigma)[..., None]
    distance = torch.arange(max(lags, reach + 1), device=sigma.device)
    width = sigma[..., None].clamp_min(1e-3)  # at this width all other weights are 0
    weights = torch.exp(-0.5 * (distance.to(sigma.dtype) / width) ** 2)
    weights = weights.masked_fill(distance > radius, 0.0)
    return (weights / (2 * weights.sum(-1, keepdim=True) - weights[..., :1]))[..., :lags]


def _matrix(sigma: float, time: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Symmetric filter matrix ``(time, time)``."""
    if torch.compiler.is_compiling():  # a compiler would trace through the cache
        return _new_matrix(sigma, time, dtype, device)
    return _cached_matrix(sigma, time, dtype, device)


def _new_matrix(sigma: float, time: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    width = torch.tensor(sigma, dtype=torch.float64)
    weights = _weights(width, time, math.ceil(RADIUS * sigma))
    bins = torch.arange(time)
    return weights[(bins[:, None] - bins).abs()].to(device, dtype)


@lru_cache(maxsize=16)
def _cached_matrix(sigma: float, time: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    # a normal tensor even when first needed in inference mode: a training step will use it, too
    with torch.inference_mode(False), torch.no_grad():
        return _new_matrix(sigma, time, dtype, device)


def _smooth_by_spectrum(values: Tensor, sigma: Tensor) -> Tensor:
    """Smoothing with ``sigma (batch, channel)``, either 1 where all are equal."""
    time = values.shape[-1]
    weights = gaussian_weights(sigma, time)
    centre_and_right = torch.nn.functional.pad(weights, (0, 1))
    circular = torch.cat([centre_and_right, weights[..., 1:].flip(-1)], dim=-1)  # length 2 time
    spectrum = torch.fft.rfft(values, n=2 * time) * torch.fft.rfft(circular).real
    smoothed: Tensor = torch.fft.irfft(spectrum, n=2 * time)[..., :time]
    return smoothed
