"""Events as a piano roll: a series that a figure can be drawn from."""

from __future__ import annotations

from tasks.metrics.event_lists import Events


def roll(events: Events, lowest: int) -> dict[str, list[float]]:
    """Times in seconds as ``x`` and MIDI keys as ``y``, in order, of all samples together.

    Args:
        lowest: MIDI key of the first channel.
    """
    pairs = zip(events.time.tolist(), events.channel.tolist(), strict=True)
    rows = sorted((round(time, 3), lowest + key) for time, key in pairs)
    return {"x": [float(time) for time, _ in rows], "y": [float(key) for _, key in rows]}
