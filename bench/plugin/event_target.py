"""Target of the `events` head."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.plugin.event_times import Outside, Times, events_of_times, times_of_events
from bench.plugin.on_device import OnDevice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class EventTarget(OnDevice):
    """Labelled events on a time grid.

    Bin i covers ``[i, i + 1)`` steps and its centre is at i + 0.5 steps, see `from_times`.

    Attributes:
        events: ``(batch, channel, time)``, number of labelled events in each bin (float), or None
            when only counts are known.
        step: seconds (or the task's own unit of time) per bin. Options such as a loss's softness
            are given in that unit, so that without it they mean nothing.
        mask: ``(batch, time)`` bool, True where a bin exists (False on padding); None means all.
        known_counts: ``(batch, channel)`` integer labels when locations are unknown.
        softness: ``(batch,)`` or ``(batch, channel)`` per-sample softness in the unit of ``step``,
            which replaces the loss's own where given (thesis §5.5.3).

    Raises:
        ValueError: ``step`` is no positive number.
    """

    events: Tensor | None
    step: float
    mask: Tensor | None = None
    known_counts: Tensor | None = None
    softness: Tensor | None = None

    def __post_init__(self) -> None:
        if not _is_length(self.step):
            raise ValueError(
                f"EventTarget: step, the length of a bin in seconds or the task's own unit of time,"
                f" must be a positive number, got {self.step!r}"
            )

    @classmethod
    def from_times(
        cls,
        times: Times,
        step: float,
        bins: int,
        *,
        channels: int | None = None,
        origin: float = 0.0,
        outside: Outside = "error",
        **fields: Any,
    ) -> EventTarget:
        """Target of events at given times.

        A time t lies in bin ``floor((t - origin) / step)`` (see `bin_of_time`), several of them in
        one bin add up. `times` is the inverse, to half a bin.

        Args:
            times: for each sample and each of its channels, the times of the events, in the unit of
                ``step``; ``[[[0.12, 0.5], []]]`` is one sample with two channels.
            step: length of a bin.
            bins: number of bins.
            channels: default: as many as the first sample has.
            origin: time at which the first bin begins. Bins that are centred at ``i * step``, as
                frames of a spectrogram may be, have ``origin=-step / 2``.
            outside: what becomes of times before the first bin or behind the last one: an
                ``error``, since most often a unit is wrong, or ``drop`` them.
            fields: other attributes of the target, such as ``mask``.

        Raises:
            ValueError: a time outside of the bins, or samples of different numbers of channels.
        """
        target = cls(None, step, **fields)  # so that a wrong step is told first
        events = events_of_times(times, target.step, bins, channels, origin, outside)
        return cls(events, step, **fields)

    def times(self, origin: float = 0.0) -> list[list[list[float]]]:
        """For each sample and channel, the centres of the bins that hold labelled events.

        A bin with several events is there as often. Bins behind the mask are left out.

        Args:
            origin: time at which the first bin begins.

        Raises:
            ValueError: the target holds counts only.
        """
        return times_of_events(self.located, self.step, origin)

    @property
    def counts(self) -> Tensor:
        """``(batch, channel)`` integer number of labelled events."""
        if self.known_counts is not None:
            return self.known_counts
        return self.located.sum(-1).round().long()

    @property
    def located(self) -> Tensor:
        """``events``, with padded bins emptied.

        Raises:
            ValueError: the target holds counts only.
        """
        if self.events is None:
            raise ValueError("this loss needs event locations, but the labels are counts only")
        return self.masked(self.events)

    def masked(self, values: Tensor) -> Tensor:
        """``values (batch, channel, time)`` with padded bins set to 0, whatever they hold."""
        if self.mask is None:
            return values
        return values.masked_fill(~self.mask[:, None, :], 0.0)


def _is_length(step: Any) -> bool:
    try:
        return bool(0 < step < math.inf)
    except TypeError:
        return False
