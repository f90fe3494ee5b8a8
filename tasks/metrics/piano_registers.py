"""Scores of the low, the middle and the high keys of a piano."""

from __future__ import annotations

import numpy as np

from bench.plugin import Metric
from tasks.metrics.event_matching import EventMatches
from tasks.metrics.recording_scores import RecordingScores, recording_scores

REGISTERS: dict[str, tuple[int, int]] = {"low": (21, 47), "middle": (48, 71), "high": (72, 108)}
"""First and last MIDI key: below C3, C3 to B4, from C5 on."""


def register_metrics() -> tuple[Metric, ...]:
    """F1 of each register, undefined where no recording has a note in it."""
    texts = {"low": "below C3", "middle": "C3 to B4", "high": "from C5 on"}
    return tuple(
        Metric(f"f1_{name}", "max", 0.0, 1.0, description=f"F1 of keys {text}", optional=True)
        for name, text in texts.items()
    )


def register_scores(matches: EventMatches, lowest: int) -> dict[str, RecordingScores]:
    """Means over the recordings that have notes in each register.

    Args:
        matches: of recordings, one channel for each key.
        lowest: MIDI key of the first channel.
    """
    keys = lowest + np.arange(matches.tp.shape[1])
    chosen = {name: (keys >= low) & (keys <= high) for name, (low, high) in REGISTERS.items()}
    return {
        name: recording_scores(matches.tp[:, own], matches.fp[:, own], matches.fn[:, own])
        for name, own in chosen.items()
    }
