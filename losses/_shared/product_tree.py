"""Count distributions by a product tree: plain torch operations of logarithmic depth.

The count of n instances has the generating polynomial Π_i (q_i + p_i z), q = 1 - p. Its factors
are multiplied pairwise, truncated at the largest bin that is needed, log2(n) times.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from losses._kernels.limits import CLOSE, DEVIATIONS, MOST_TILT, WEAK
from losses._shared.numerics import FLOOR, complement_floor, log_of_small, values_are_hidden
from losses._shared.polynomials import multiply, with_bins

_NEWTON_STEPS = 20


def log_prob(p: Tensor, count: Tensor, max_count: int | None = None) -> Tensor:
    """Log-probability of ``count (...)`` for ``p (..., n)``; looks at values to save work.

    Where they are hidden, ``count`` is at most ``max_count``, by default n.
    """
    if values_are_hidden():
        return log_prob_tilted(p, count, p.shape[-1] if max_count is None else max_count)
    if count.numel() and int(count.min()) < 0:
        raise ValueError(f"count must be at least 0, got {int(count.min())}")
    n = p.shape[-1]
    reachable = count.clamp(max=n)
    largest = int(reachable.max()) if count.numel() else 0
    if bool(_surely_weak(p.detach(), reachable).all()):
        return log_prob_tilted(p, count, largest)
    probability = _at(_bins(p, 1 - p, largest), reachable)
    weak = ~((probability >= WEAK) & (count <= n))  # NaN is weak, too
    value = log_of_small(probability.masked_fill(weak, 1.0))
    if not bool(weak.any()):
        return value
    return value.masked_scatter(weak, log_prob_tilted(p[weak], count[weak], largest))


def _surely_weak(p: Tensor, count: Tensor) -> Tensor:
    """Rows ``(...)`` whose count is less likely than `WEAK` by their mean count alone; NaN is not.

    The bound is Chernoff-Hoeffding's, exp(-n KL(count/n ‖ mean/n)).
    """
    n, mean = p.shape[-1], p.sum(-1)
    divergence = torch.xlogy(count, count / mean) + torch.xlogy(n - count, (n - count) / (n - mean))
    return (mean > 0) & (mean < n) & (divergence > -math.log(WEAK))


def log_prob_tilted(p: Tensor, count: Tensor, largest: int) -> Tensor:
    """Log-probability of ``count (...)``, at most ``largest``, without looking at values.

    With odds scaled by s = e^θ and p' = s p / (q + s p), Pr(C = c) = s^{-c} Π (q + s p) Pr'(C = c)
    for every θ, which is chosen so that c is likely. p is read as no closer than ``FLOOR`` to 0 and
    `complement_floor` to 1.
    """
    reachable = count.clamp(max=p.shape[-1])
    p, q = _raised(p, FLOOR.value), _raised(1 - p, complement_floor(p.dtype))
    theta = _find_tilt(p.detach(), q.detach(), reachable)
    odds = theta.exp()[..., None] * p
    total = q + odds
    likely = _at(_bins(odds / total, q / total, largest), reachable)
    value = likely.log() + total.log().sum(-1) - reachable * theta
    return value + (count - reachable).to(p.dtype) * FLOOR.log


def distribution(p: Tensor, max_count: int) -> Tensor:
    """Pr(C = 0), …, Pr(C = max_count), Pr(C > max_count): ``(..., max_count + 2)``.

    The overflow is carried through the products rather than taken as one minus the rest, which
    would lose small tails.
    """
    bins = max_count + 1
    factors = _factors(p, 1 - p)
    factors, overflow = factors[:bins], factors[bins:].sum(0)
    while factors.shape[1] > 1:
        half = factors.shape[1] // 2
        left, right, odd = factors[:, :half], factors[:, half : 2 * half], factors[:, 2 * half :]
        degrees, kept = left.shape[0], min(2 * left.shape[0] - 1, bins)
        # mass of the right factor at bin i or later, for i = 0, …, degrees
        beyond = overflow[half : 2 * half]
        tail = torch.cat([right.flip(0).cumsum(0).flip(0) + beyond, beyond[None]])
        first_lost = (kept - torch.arange(degrees, device=p.device)).clamp(max=degrees)
        lost = overflow[:half] + (left * tail[first_lost]).sum(0)
        overflow = torch.cat([lost, overflow[2 * half :]])
        factors = torch.cat([multiply(left, right, kept), with_bins(odd, kept)], dim=1)
    return torch.cat([with_bins(factors[:, 0], bins), overflow]).movedim(0, -1)


def _factors(p: Tensor, q: Tensor) -> Tensor:
    """Polynomials ``(2, n, ...)``; the constant 1 when there is no instance."""
    if p.shape[-1] == 0:
        return torch.ones((1, 1, *p.shape[:-1]), dtype=p.dtype, device=p.device)
    return torch.stack([q.movedim(-1, 0), p.movedim(-1, 0)])


def _bins(p: Tensor, q: Tensor, largest: int) -> Tensor:
    """Pr(C = 0), …, at most up to ``largest``: ``(bin, ...)``."""
    factors = _factors(p, q)[: largest + 1]
    while factors.shape[1] > 1:
        half = factors.shape[1] // 2
        kept = min(2 * factors.shape[0] - 1, largest + 1)
        product = multiply(factors[:, :half], factors[:, half : 2 * half], kept)
        if factors.shape[1] % 2:
            product = torch.cat([product, with_bins(factors[:, 2 * half :], kept)], dim=1)
        factors = product
    return factors[:, 0]


def _at(bins: Tensor, count: Tensor) -> Tensor:
    return bins.gather(0, count[None])[0]


def _raised(x: Tensor, floor: float) -> Tensor:
    """``x``, at least ``floor`` in value but with the gradient of ``x``: finite where x is 0."""
    return x + (x.clamp_min(floor) - x).detach()


def _find_tilt(p: Tensor, q: Tensor, count: Tensor) -> Tensor:
    """``θ (...)``: the probabilities p e^θ / (q + p e^θ) sum to about ``count (...)``.

    Newton steps on the log-odds of mean / n, kept inside a bracket by bisection.
    """
    theta = torch.zeros_like(count, dtype=p.dtype)
    low, high = theta - MOST_TILT, theta + MOST_TILT
    n = p.shape[-1]
    goal = count.to(p.dtype).clamp_min(CLOSE).clamp_max(n - CLOSE)
    for _ in range(_NEWTON_STEPS):
        odds = p * theta.exp()[..., None]
        inverse = 1 / (q + odds)
        hit, miss = odds.mul_(inverse), inverse.mul_(q)
        mean, rest, variance = hit.sum(-1), miss.sum(-1), torch.linalg.vecdot(hit, miss)
        low = torch.where(mean <= goal, theta, low)
        high = torch.where(mean > goal, theta, high)
        far = (mean - goal) ** 2 > CLOSE**2 + DEVIATIONS**2 * variance
        if not values_are_hidden() and not bool(far.any()):
            break
        moved = theta + (goal / mean * (rest / (n - goal))).log() * (mean / n * rest) / variance
        inside = (moved > low) & (moved < high)
        moved = torch.where(inside, moved, (low + high) / 2)
        theta = torch.where(far, moved, theta)
    return theta
