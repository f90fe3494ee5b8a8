"""Count distributions by a product tree: plain torch operations of logarithmic depth.

The count of n instances has the generating polynomial Π_i (q_i + p_i z). Neighbouring factors are
multiplied pairwise, truncated at the largest bin that is needed, log2(n) times.
"""

from __future__ import annotations

import torch
from torch import Tensor

from losses._numerics import FLOOR, floored_log


def _pad_to_even(factors: Tensor, neutral: float, zero: float) -> Tensor:
    """Append the factor 1 when the number of factors ``(..., factor, bin)`` is odd."""
    if factors.shape[-2] % 2 == 0:
        return factors
    one = torch.full_like(factors[..., :1, :], zero)
    one[..., 0] = neutral
    return torch.cat([factors, one], dim=-2)


def _lags(degree: int, bins: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """For output bin k and left bin j: index k - j of the right bin, and whether it exists."""
    k = torch.arange(bins, device=device)[:, None]
    j = torch.arange(degree, device=device)[None, :]
    lag = k - j
    exists = (lag >= 0) & (lag < degree)
    return lag.clamp(0, degree - 1), exists


def log_bins(p: Tensor, largest: int) -> Tensor:
    """Logarithms of Pr(C = 0), …, Pr(C = largest).

    Args:
        p: ``(..., n)`` probabilities, read as no closer than ``FLOOR`` to 0 or 1.
        largest: last bin that is kept.

    Returns:
        ``(..., min(n, largest) + 1)``.
    """
    if p.shape[-1] == 0:
        return p.new_zeros((*p.shape[:-1], 1))
    factors = torch.stack([floored_log(1 - p), floored_log(p)], dim=-1)
    factors = factors[..., : largest + 1]
    impossible = float("-inf")
    while factors.shape[-2] > 1:
        factors = _pad_to_even(factors, 0.0, _LOG_ZERO)
        left, right = factors[..., 0::2, :], factors[..., 1::2, :]
        degree = factors.shape[-1]
        lag, exists = _lags(degree, min(2 * degree - 1, largest + 1), p.device)
        pairs = left[..., None, :] + right[..., lag]
        factors = pairs.masked_fill(~exists, impossible).logsumexp(-1)
    return factors[..., 0, : p.shape[-1] + 1]


_LOG_ZERO = -1e6
"""Logarithm of an impossible bin of a padding factor: finite, so that no gradient is NaN."""


def log_prob(p: Tensor, count: Tensor) -> Tensor:
    """Log-probability of ``count (...)`` for ``p (..., n)``."""
    n = p.shape[-1]
    reachable = count.clamp(max=n)
    largest = int(reachable.max()) if reachable.numel() else 0
    value = log_bins(p, largest).gather(-1, reachable[..., None]).squeeze(-1)
    return value + (count - reachable) * FLOOR.log


def distribution(p: Tensor, max_count: int) -> Tensor:
    """Pr(C = 0), …, Pr(C = max_count), Pr(C > max_count): ``(..., max_count + 2)``.

    The overflow is carried through the products rather than taken as one minus the rest, which
    would lose small tails.
    """
    bins = max_count + 1
    factors = torch.stack([1 - p, p], dim=-1)
    beyond = factors[..., bins:].sum(-1)
    factors = factors[..., :bins]
    if p.shape[-1] == 0:
        factors, beyond = torch.ones_like(p[..., None].sum(-2, keepdim=True)), p.new_zeros(1)
        beyond = beyond.expand(factors.shape[:-1])
    while factors.shape[-2] > 1:
        if factors.shape[-2] % 2:
            beyond = torch.cat([beyond, torch.zeros_like(beyond[..., :1])], dim=-1)
        factors = _pad_to_even(factors, 1.0, 0.0)
        left, right = factors[..., 0::2, :], factors[..., 1::2, :]
        degree = factors.shape[-1]
        kept = min(2 * degree - 1, bins)
        lag, exists = _lags(degree, kept, p.device)
        tail = _tails(right, beyond[..., 1::2])
        first_lost = (kept - torch.arange(degree, device=p.device)).clamp(max=degree)
        beyond = beyond[..., 0::2] + (left * tail[..., first_lost]).sum(-1)
        factors = (left[..., None, :] * right[..., lag] * exists).sum(-1)
    rest = bins - factors.shape[-1]
    padded = torch.nn.functional.pad(factors[..., 0, :], (0, rest))
    return torch.cat([padded, beyond], dim=-1)


def _tails(bins: Tensor, beyond: Tensor) -> Tensor:
    """``(..., degree + 1)``: mass at bin i or later, the overflow included."""
    reversed_sums = bins.flip(-1).cumsum(-1) + beyond[..., None]
    return torch.cat([reversed_sums.flip(-1), beyond[..., None]], dim=-1)
