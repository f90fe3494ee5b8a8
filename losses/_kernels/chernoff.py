"""Whether labels are all but impossible, from the mean count alone.

Hoeffding's form of the Chernoff bound holds for independent instances, whatever their
probabilities. With mean count μ of n instances,

    Pr(C <= c) for c < μ, Pr(C >= c) for c > μ  <=  exp(-n KL(c/n ‖ μ/n)),

with the Kullback-Leibler divergence of Bernoulli variables, here a lower bound of it that needs no
logarithm.
"""

from __future__ import annotations

import math

from losses._kernels.compiling import Array, compiled
from losses._kernels.simd import LANES


@compiled
def all_are_below(bound: float, count: Array, mean: Array, n: int) -> bool:
    """Whether each ``count (LANES,)`` is surely less likely than ``bound``.

    Not where ``mean (LANES,)`` is NaN or the bound does not tell.
    """
    least = -math.log(bound)
    for lane in range(LANES):
        c, expected = float(count[lane]), float(mean[lane])
        if not 0 < expected < n:
            return False
        if not _divergence(c, expected, n) > least:
            return False
    return True


@compiled
def _divergence(count: float, mean: float, n: int) -> float:
    """At most n KL(count/n ‖ mean/n), for ``mean`` inside (0, n)."""
    return _times_log(count, mean) + _times_log(n - count, n - mean)


@compiled
def _times_log(x: float, y: float) -> float:
    """At most x log(x / y), and close to it where x is near y."""
    if x < y:  # log z <= (z - 1) / √z for z >= 1
        return -(y - x) * math.sqrt(x / y)
    return 3 * x * (x - y) * (x + y) / (x * x + 4 * x * y + y * y)
