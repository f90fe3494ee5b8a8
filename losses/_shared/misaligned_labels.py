"""Likelihood of noisy labels, true times summed over, in plain torch operations."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from losses._shared.log_cumsum import log_cumsum_exp
from losses._shared.numerics import floored_log, log_complement

IMPOSSIBLE = -1e5
"""Logarithm of what cannot be: finite, so that no gradient is NaN."""


def label_positions(events: Tensor, most: int) -> Tensor:
    """Bins of the 1st, …, ``most``-th event, ``(..., most)``; past the last one, their number.

    Args:
        events: ``(..., time)``, number of events in each bin.
    """
    so_far = events.cumsum(-1)
    wanted = torch.arange(most, device=events.device, dtype=events.dtype) + 0.5
    return torch.searchsorted(so_far, wanted.expand(*events.shape[:-1], most).contiguous())


def log_noise(shift: Tensor, sigma: float) -> Tensor:
    """log N of ``shift``, any number of bins: normal, and of sum 1 over whole bins."""
    return -0.5 * (shift / sigma) ** 2 - _log_normaliser(sigma)


def log_likelihood(p: Tensor, events: Tensor, sigma: float) -> Tensor:
    """`losses.misaligned_logistic.log_likelihood`, with its arguments and result.

    One cumulative sum per event instead of a step per bin.
    """
    counts = events.sum(-1).round().long()
    most = int(counts.max()) if counts.numel() else 0
    empty = log_complement(p)
    odds = floored_log(p) - empty
    bins = torch.arange(p.shape[-1], device=p.device)
    shift = label_positions(events, most)[..., None] - bins  # (batch, channel, most, time)
    noise = log_noise(shift.to(p.dtype), sigma)

    occupied = empty.new_zeros(counts.shape)
    before = torch.zeros_like(p)
    for k in range(most):
        here = before + odds + noise[..., k, :]
        occupied = torch.where(counts == k + 1, here.logsumexp(-1), occupied)
        earlier = log_cumsum_exp(here)[..., :-1]
        before = pad(earlier, (1, 0), value=IMPOSSIBLE)
    return empty.sum(-1) + occupied


def _log_normaliser(sigma: float) -> float:
    """Logarithm of Σ_d exp(-d² / 2σ²) over all integers d."""
    radius = math.ceil(10 * sigma)
    return math.log(
        math.fsum(math.exp(-0.5 * (d / sigma) ** 2) for d in range(-radius, radius + 1))
    )
