"""Distribution of label noise on a grid: by how many bins a label is off, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasks.labels.noise import SKEW, NoiseKind


def error_distribution(kind: NoiseKind, noise: float, reach: int) -> NDArray[np.float64]:
    """P(E = k) for k from -``reach`` to ``reach``, ``(2 reach + 1,)``.

    A label at the centre of a bin moves by ``noise`` times a draw of `standard_draws` and counts in
    the bin where it comes to lie, so that E is the displacement rounded to whole bins.

    Args:
        noise: σ in bins; 0 is an impulse.
        reach: the rest, beyond it, is left out.
    """
    from scipy.stats import norm, skewnorm

    bins = np.arange(-reach, reach + 1)
    if noise == 0:
        return np.asarray(bins == 0, np.float64)
    if kind == "binary":
        both = np.stack([bins == _rounded(noise), bins == _rounded(-noise)])
        return np.asarray(both.mean(0), np.float64)
    law = norm if kind == "normal" else skewnorm(SKEW)
    edges = np.append(bins, reach + 1) - 0.5
    return np.asarray(np.diff(law.cdf(edges / noise)), np.float64)


def _rounded(displacement: float) -> int:
    """Bins from the centre of one to where a displacement leads; edges belong to the next bin."""
    return int(np.floor(displacement + 0.5))
