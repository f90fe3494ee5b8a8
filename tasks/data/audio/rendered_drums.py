"""Recordings rendered from the soundfont's drum kits: one kit, pattern and room per recording.

They hold drums with little else, or drums amid much further percussion, in worlds of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from tasks.data.audio.drum_kits import FAMILIES, SAMPLE_RATE, Signal, draw_kit, mix
from tasks.data.audio.drum_patterns import (
    CLASS_OF,
    DENSE,
    SPARSE,
    Company,
    draw_pattern,
)
from tasks.data.audio.room import in_a_room

GENERATOR = 6
"""Version of the generator: raise it whenever a recording would sound or be labelled otherwise."""
PERCUSSION = 1
"""Version of what is further drawn for drums amid percussion; likewise."""


@dataclass(frozen=True)
class Recording:
    """Audio with its annotated onsets.

    Attributes:
        audio: mono samples.
        sample_rate: Hz.
        times: ``(event,)`` onset times in seconds.
        channels: ``(event,)`` class of each onset, an index into `CLASSES`.
        family: family of the kit.
        name: of an original recording.
        notes: how often the reader of an original did something worth knowing, by what it did.
    """

    audio: Signal
    sample_rate: int
    times: np.ndarray
    channels: np.ndarray
    family: str
    name: str = ""
    notes: Mapping[str, int] = field(default_factory=dict)


def render(world: int, index: int, duration: float) -> Recording:
    """Recording ``index`` of a world, a pure function of both and ``duration`` (seconds)."""
    return _render([GENERATOR, world, index], index, duration, SPARSE, CLASS_OF)


def render_amid_percussion(
    world: int, index: int, duration: float, cross_stick: bool = True
) -> Recording:
    """Likewise, amid much further percussion; another recording than `render` gives.

    Args:
        cross_stick: strokes on the rim are annotated, as snare.
    """
    classes = {**CLASS_OF, "rim": CLASS_OF["snare"]} if cross_stick else CLASS_OF
    return _render([GENERATOR, PERCUSSION, world, index], index, duration, DENSE, classes)


def render_all(world: int, count: int, duration: float) -> Iterator[Recording]:
    """The first ``count`` recordings of a world."""
    return (render(world, index, duration) for index in range(count))


def render_all_amid_percussion(
    world: int, count: int, duration: float, cross_stick: bool
) -> Iterator[Recording]:
    """The first ``count`` recordings of a world of drums amid percussion."""
    return (render_amid_percussion(world, index, duration, cross_stick) for index in range(count))


def _render(
    key: list[int], index: int, duration: float, company: Company, classes: Mapping[str, int]
) -> Recording:
    seeds = np.random.SeedSequence(key).spawn(4)
    kit_rng, pattern_rng, mix_rng, room_rng = (np.random.default_rng(seed) for seed in seeds)
    family = sorted(FAMILIES)[index % len(FAMILIES)]
    hits = draw_pattern(pattern_rng, duration, company)
    kit = draw_kit(kit_rng, family, {hit.instrument for hit in hits}, company.level)
    audio = in_a_room(room_rng, mix(mix_rng, kit, hits, duration), SAMPLE_RATE)
    wanted = [hit for hit in hits if hit.instrument in classes]
    return Recording(
        audio=audio,
        sample_rate=SAMPLE_RATE,
        times=np.array([hit.time for hit in wanted]),
        channels=np.array([classes[hit.instrument] for hit in wanted], np.int64),
        family=family,
    )
