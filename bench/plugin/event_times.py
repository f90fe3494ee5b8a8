"""Times and bins: bin i covers ``[origin + i step, origin + (i + 1) step)``, its centre between."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    _Index = TypeVar("_Index", int, float, np.ndarray, Tensor)

Times = Sequence[Sequence[Sequence[float]]]
"""Per sample, per channel, the times of its events."""
Outside = Literal["error", "drop"]

_SLACK = 1e-6
"""Part of a bin: a time so little below an edge lies on it, as 0.3 s in bins of 0.1 s does."""


def time_of_bin(index: _Index, step: float, origin: float = 0.0) -> _Index:
    """Time at the centre of bins: ``origin + (index + 0.5) step``, in the unit of ``step``."""
    return origin + (index + 0.5) * step  # type: ignore[return-value]


def bin_of_time(time: float, step: float, origin: float = 0.0) -> int:
    """Bin that holds a time: ``floor((time - origin) / step)``, negative before ``origin``.

    A time within a millionth of a bin below an edge lies on the edge, so that 0.3 s is in bin 3 of
    bins of 0.1 s, whatever the arithmetic of floats says.
    """
    return math.floor((time - origin) / step + _SLACK)


def events_of_times(
    times: Times, step: float, bins: int, channels: int | None, origin: float, outside: Outside
) -> Tensor:
    """`EventTarget.from_times`'s ``events``."""
    import torch

    if channels is None:
        channels = len(times[0]) if len(times) else 1
    events = torch.zeros(len(times), channels, bins)
    for row, sample in enumerate(times):
        if len(sample) != channels:
            raise ValueError(
                f"times of sample {row} have {len(sample)} channels, {channels} are due: give a "
                "sequence of times for each channel of each sample"
            )
        for channel, time in _flat(sample):
            if math.isnan(time):
                raise ValueError(f"time nan of sample {row}, channel {channel} is no number")
            place = bin_of_time(time, step, origin) if math.isfinite(time) else -1
            if 0 <= place < bins:
                events[row, channel, place] += 1
            elif outside == "error":
                raise ValueError(
                    f"time {time:g} of sample {row}, channel {channel} lies outside of the {bins} "
                    f"bins, which cover [{origin:g}, {origin + bins * step:g}): is it in the unit "
                    'of `step`? outside="drop" leaves such events out'
                )
    return events


def times_of_events(events: Tensor, step: float, origin: float) -> list[list[list[float]]]:
    """`EventTarget.times`."""
    rows = events.round().long().tolist()
    return [[_centres(counts, step, origin) for counts in sample] for sample in rows]


def _flat(sample: Sequence[Sequence[float]]) -> Iterator[tuple[int, float]]:
    for channel, times in enumerate(sample):
        for time in times:
            yield channel, float(time)


def _centres(counts: Sequence[int], step: float, origin: float) -> list[float]:
    repeated = ([time_of_bin(index, step, origin)] * count for index, count in enumerate(counts))
    return list(itertools.chain.from_iterable(repeated))
