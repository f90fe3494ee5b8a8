"""The filters that minimise losses where an impulse is labelled with an error (thesis §5.4–5.5).

All filters are ``(2 reach + 1,)`` values at -reach, …, reach bins; P is the distribution of the
errors, Φ and F are smoothing filters (the thesis writes F with the letter of the errors).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Filter = NDArray[np.float64]

_RADIUS = 4.0
"""Of smoothing filters, in standard deviations, as the losses cut them off."""


def impulse(reach: int, at: int = 0) -> Filter:
    """1 at ``at`` bins, 0 elsewhere."""
    return np.asarray(np.arange(-reach, reach + 1) == at, np.float64)


def gaussian(width: float, reach: int) -> Filter:
    """Smoothing filter of standard deviation ``width``, normalised over whole bins; 0 is id."""
    if width == 0:
        return impulse(reach)
    bins = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (bins / width) ** 2) * (np.abs(bins) <= np.ceil(_RADIUS * width))
    return np.asarray(weights / weights.sum())


def smoothed(errors: Filter, width: float) -> Filter:
    """P ∗ Φ: what cross-entropy and squared error against smoothed labels learn (eq 5.9)."""
    reach = len(errors) // 2
    return np.convolve(errors, gaussian(width, 2 * reach), "same")[reach:-reach]


def deconvolved(errors: Filter, softness: float, noise_softness: float) -> Filter:
    """What soft localisation learns: the φ in [0, 1] that minimises ‖Φ ∗ (F ∗ φ - P)‖.

    Without bounds the derivative in φ vanishes where F ∗ φ = P (eq B.12; eq 5.13 prints F on both
    sides, which holds where F is P or the identity). φ is a probability, so the nearest one within
    the bounds is meant where that has no solution: an F wider than the errors cannot be undone.
    """
    from scipy.linalg import toeplitz
    from scipy.optimize import lsq_linear

    if noise_softness == 0:
        return errors
    reach = len(errors) // 2
    size = 4 * reach  # of a grid that holds what the filters carry beyond φ
    smooth = toeplitz(gaussian(softness, size)[size:])
    spread = toeplitz(gaussian(noise_softness, size)[size:])[:, reach:-reach]
    target = smooth @ np.pad(errors, reach)
    found = lsq_linear(smooth @ spread, target, (0.0, 1.0), method="bvls", tol=1e-14)
    return np.asarray(np.clip(found.x, 0.0, 1.0))  # rounding


def counted_once(errors: Filter, softness: float) -> Filter:
    """What SoftLoc learns when counting has won: an impulse where soft localisation is least.

    It lies at the β that minimises Σ_k P(E = k) γ(k - β), γ(x) = Σ_t (Φ(t) - Φ(t - x))² (eq B.19):
    0 where errors are symmetric and the rarer the larger.
    """
    reach = len(errors) // 2
    phi = gaussian(softness, 3 * reach)
    gamma = [float(np.square(phi - _moved(phi, x)).sum()) for x in range(2 * reach + 1)]
    bins = np.arange(-reach, reach + 1)
    cost = [float(errors @ np.take(gamma, np.abs(bins - beta))) for beta in bins]
    return impulse(reach, int(bins[np.argmin(cost)]))


def total_variation(one: Filter, other: Filter) -> float:
    """Half the sum of absolute differences: of two distributions the share of mass that differs."""
    return float(np.abs(one - other).sum() / 2)


def _moved(values: Filter, by: int) -> Filter:
    """Values moved to the right by at least 0 places, 0 coming in from the left."""
    return np.concatenate([np.zeros(by), values[: len(values) - by]])
