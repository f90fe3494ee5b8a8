"""Recordings rendered from the soundfont's drum kits: one kit, pattern and room per recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tasks.data.audio.drum_kits import FAMILIES, SAMPLE_RATE, Signal, draw_kit, mix
from tasks.data.audio.drum_patterns import CLASS_OF, draw_pattern
from tasks.data.audio.room import in_a_room

GENERATOR = 6
"""Version of the generator: raise it whenever a recording would sound or be labelled otherwise."""


@dataclass(frozen=True)
class Recording:
    """Audio with its annotated onsets.

    Attributes:
        audio: mono samples.
        sample_rate: Hz.
        times: ``(event,)`` onset times in seconds.
        channels: ``(event,)`` class of each onset, an index into `CLASSES`.
        family: family of the kit.
    """

    audio: Signal
    sample_rate: int
    times: np.ndarray
    channels: np.ndarray
    family: str


def render(world: int, index: int, duration: float) -> Recording:
    """Recording ``index`` of a world, a pure function of both and ``duration`` (seconds)."""
    seeds = np.random.SeedSequence([GENERATOR, world, index]).spawn(4)
    kit_rng, pattern_rng, mix_rng, room_rng = (np.random.default_rng(seed) for seed in seeds)
    family = sorted(FAMILIES)[index % len(FAMILIES)]
    hits = draw_pattern(pattern_rng, duration)
    kit = draw_kit(kit_rng, family, {hit.instrument for hit in hits})
    audio = in_a_room(room_rng, mix(mix_rng, kit, hits, duration), SAMPLE_RATE)
    wanted = [hit for hit in hits if hit.instrument in CLASS_OF]
    return Recording(
        audio=audio,
        sample_rate=SAMPLE_RATE,
        times=np.array([hit.time for hit in wanted]),
        channels=np.array([CLASS_OF[hit.instrument] for hit in wanted], np.int64),
        family=family,
    )


def render_all(world: int, count: int, duration: float) -> Iterator[Recording]:
    """The first ``count`` recordings of a world."""
    return (render(world, index, duration) for index in range(count))
