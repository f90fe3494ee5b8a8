"""From what a chest belt and a wrist unit measure in a respiration cycle to its 37 features.

Nine quantities of the breath, each with its change since the cycle before and until the next one,
and five of the wrist, each with its change since the cycle before. Those of the published data set
are of this kind; their names and units are not public.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BREATH: tuple[str, ...] = (
    "inspiration", "expiration", "duration", "ratio", "stretch", "upper_stretch", "lower_stretch",
    "flow_in", "flow_out",
)  # fmt: skip
WRIST: tuple[str, ...] = ("pitch", "roll", "roll_spread", "motion", "raised")
NAMES: tuple[str, ...] = (
    *BREATH,
    *(f"{name}_since_last" for name in BREATH),
    *(f"{name}_until_next" for name in BREATH),
    *WRIST,
    *(f"{name}_since_last" for name in WRIST),
)
"""Of the columns."""

Numbers = NDArray[np.float64]


def cycle_features(
    inspiration: Numbers, expiration: Numbers, stretch: Numbers, upper: Numbers, wrist: Numbers
) -> NDArray[np.float32]:
    """Features ``(cycle, 37)``, columns as in `NAMES`.

    Args:
        inspiration, expiration: ``(cycle,)`` seconds.
        stretch: ``(cycle,)`` of the belt from the end of one expiration to the top.
        upper: ``(cycle,)`` share of the stretch above the running mean of the signal.
        wrist: ``(cycle, 5)``, columns as in `WRIST`.
    """
    breath = np.stack(
        [
            inspiration,
            expiration,
            inspiration + expiration,
            inspiration / expiration,
            stretch,
            upper * stretch,
            (1 - upper) * stretch,
            stretch / inspiration,
            stretch / expiration,
        ],
        axis=1,
    )
    parts = breath, _since_last(breath), _until_next(breath), wrist, _since_last(wrist)
    return np.concatenate(parts, axis=1).astype(np.float32)


def _since_last(values: Numbers) -> Numbers:
    return np.diff(values, axis=0, prepend=values[:1])


def _until_next(values: Numbers) -> Numbers:
    return np.diff(values, axis=0, append=values[-1:])
