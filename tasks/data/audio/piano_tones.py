"""Two pianos of the soundfont that ``pretty_midi`` ships, one to train and one to test.

*Piano 1* is a sampled grand. *Piano 3* maps the same grand's samples otherwise, with an electric
grand (CP-70) on top, so it has other partials, another attack and another decay. Signals are mono,
`SAMPLE_RATE` Hz, float32; what silence a sample begins with is cut off, so that all keys sound at
index 0.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.data.audio.drum_kits import SAMPLE_RATE, soundfont
from tasks.data.audio.soundfont_zones import play, zones

Signal = NDArray[np.float32]

PIANOS: dict[str, int] = {"Piano 1": 0, "Piano 3": 2}
"""Presets of bank 0."""
LOWEST, HIGHEST = 21, 108
"""MIDI keys of a piano."""
_LENGTH = 3.0  # seconds of a tone
_SILENCE = 0.02  # of the peak: what comes before is no attack
_RELEASE = 0.06  # seconds in which a damper silences a string


@dataclass(frozen=True)
class Note:
    """A struck key: onset and end of its sound in seconds, MIDI key, velocity in (0, 1]."""

    onset: float
    end: float
    key: int
    velocity: float


@functools.cache
def tone(piano: str, key: int) -> tuple[Signal, Signal]:
    """A key struck hard and struck softly (darker), both of the same energy."""
    from scipy import signal

    layers = [z for z in zones(soundfont(), PIANOS[piano]) if z.keys[0] <= key <= z.keys[1]]
    loud = sum((play(z, key, _LENGTH, SAMPLE_RATE) for z in layers), np.zeros(1, np.float32))
    begin = int(np.argmax(np.abs(loud) > _SILENCE * np.abs(loud).max()))
    loud = np.append(loud[begin:] - loud.mean(), np.zeros(begin, np.float32))
    fade = round(0.2 * SAMPLE_RATE)
    loud[-fade:] *= np.linspace(1, 0, fade)
    cutoff = min(3.0 * 440 * 2 ** ((key - 69) / 12), 0.45 * SAMPLE_RATE)
    soft = signal.lfilter(*signal.butter(1, cutoff / (SAMPLE_RATE / 2)), loud)
    energy = [float(np.sqrt(np.mean(x[: SAMPLE_RATE // 2] ** 2))) + 1e-9 for x in (loud, soft)]
    return (loud / energy[0]).astype(np.float32), (soft / energy[1]).astype(np.float32)


def mix(rng: np.random.Generator, piano: str, notes: list[Note], duration: float) -> Signal:
    """Dry mono signal of ``notes``, sorted by onset, all within ``[0, duration)``.

    Args:
        rng: tone of the recording: some keys are voiced louder or duller than others.
        duration: seconds.
    """
    length = round(duration * SAMPLE_RATE)
    out = np.zeros(length, np.float32)
    keys = HIGHEST - LOWEST + 1
    gain, bright = 10 ** (rng.normal(0, 1.5, keys) / 20), rng.normal(0, 0.1, keys)
    for note in notes:
        start = round(note.onset * SAMPLE_RATE)
        loud, soft = tone(piano, note.key)
        size = min(len(loud), length - start)
        held = max(1, round((note.end - note.onset) * SAMPLE_RATE))
        size = min(size, held + round(4 * _RELEASE * SAMPLE_RATE))
        if size <= 0:
            continue
        index = note.key - LOWEST
        share = np.float32(np.clip(note.velocity + bright[index], 0, 1))
        level = np.float32(0.05 * gain[index] * 10 ** (-25 * (1 - note.velocity) / 20))
        sound = level * (share * loud[:size] + (1 - share) * soft[:size])
        if held < size:
            after = np.arange(size - held, dtype=np.float32)
            sound[held:] *= np.exp(-after / np.float32(_RELEASE * SAMPLE_RATE))
        out[start : start + size] += sound
    return out
