"""Label noise on event times: one set of standard draws, scaled by the noise level.

The draws depend on the task and the replicate, never on the loss, the noise level or the kind of
noise, so all of them are compared on common random numbers. Source: thesis §5.6.1 (normal, binary
and skewed-normal misalignment).
"""

from __future__ import annotations

import math
import zlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray

NoiseKind = Literal["normal", "binary", "skewed"]
SKEW = -2.0
"""Shape α of the skewed-normal distribution SN(0, σ², α) (thesis §5.6.2)."""

Times = NDArray[np.float64]


def standard_draws(task: str, replicate: int, count: int, kind: NoiseKind) -> Times:
    """Noise at level 1 for ``count`` events, shape ``(count,)``.

    ``normal`` is N(0, 1); ``binary`` is ±1 with equal probability; ``skewed`` is SN(0, 1, α = -2),
    with location 0 as the thesis writes it, hence mean -0.71 and standard deviation 0.70. All three
    use the same underlying normal draws, and the first draws stay the same when events are added.
    """
    seed = np.random.SeedSequence([zlib.crc32(task.encode()), zlib.crc32(b"noise"), replicate])
    pairs = np.random.Generator(np.random.Philox(seed)).standard_normal((count, 2))
    if kind == "normal":
        return np.asarray(pairs[:, 0])
    if kind == "binary":
        return np.where(pairs[:, 0] < 0, -1.0, 1.0)
    delta = SKEW / math.hypot(1.0, SKEW)
    return np.asarray(delta * np.abs(pairs[:, 0]) + math.sqrt(1 - delta**2) * pairs[:, 1])


def reflect(times: Times, duration: float | Times) -> Times:
    """Times folded back into ``[0, duration]`` at both ends, so that no event is ever lost.

    Places ``(point, dim)`` likewise, with one ``duration`` for each axis.
    """
    folded = np.mod(times, 2 * duration)
    return np.asarray(np.minimum(folded, 2 * duration - folded))
