"""Sampled tones of a soundfont (SF2), read from its tables.

symusic's synthesiser leaves the root keys of sampled zones aside, so that the piano of this
soundfont sounds up to 20 semitones too high: its samples are read here instead, as the format has
it: root key and tuning of the zone, its loop, and a level that falls 100 dB in the decay time.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]

_PRESET, _INSTRUMENT, _BAG, _GENERATOR, _SAMPLE = 38, 22, 4, 4, 46  # bytes of a record
_KEYS, _ATTENUATION, _DECAY, _FINE, _SAMPLE_ID, _ROOT, _INSTRUMENT_ID = 43, 48, 36, 52, 53, 58, 41
_DROP = 100.0  # dB that the level falls in the decay time


@dataclass(frozen=True)
class Zone:
    """A sample, and the keys that play it.

    Attributes:
        keys: first and last MIDI key.
        samples: from the attack to the end of the loop, in [-1, 1].
        loop: samples of the loop, at the end of ``samples``.
        rate: Hz at which the sample sounds at its root.
        root: key that the sample sounds at, with a fraction.
        level: gain.
        decay: seconds in which the level falls by 100 dB.
    """

    keys: tuple[int, int]
    samples: Signal
    loop: int
    rate: int
    root: float
    level: float
    decay: float


@functools.cache
def zones(path: Path, preset: int) -> tuple[Zone, ...]:
    """All zones of a preset of bank 0, layers included.

    Raises:
        ValueError: the soundfont has no such preset.
    """
    chunks = _chunks(path.read_bytes())
    presets = list(struct.iter_unpack("<20s3H3I", chunks["phdr"]))
    index = next((i for i, p in enumerate(presets[:-1]) if p[1:3] == (preset, 0)), None)
    if index is None:
        raise ValueError(f"'{path}' has no preset {preset} in bank 0")
    audio = np.frombuffer(chunks["smpl"], "<i2")
    headers = list(struct.iter_unpack("<20s5IBbHH", chunks["shdr"]))
    instruments = list(struct.iter_unpack("<20sH", chunks["inst"]))
    found = []
    for layer in _bags(chunks, "p", presets[index][3], presets[index + 1][3]):
        if _INSTRUMENT_ID in layer:
            number = layer[_INSTRUMENT_ID]
            span = instruments[number][1], instruments[number + 1][1]
            inner = _bags(chunks, "i", *span)
            found += [_zone(g, headers[g[_SAMPLE_ID]], audio) for g in inner if _SAMPLE_ID in g]
    return tuple(found)


def _chunks(data: bytes) -> dict[str, bytes]:
    """Contents of the chunks of the lists by name."""
    found: dict[str, bytes] = {}
    stack = [(12, len(data))]
    while stack:
        place, end = stack.pop()
        while place + 8 <= end:
            name, size = data[place : place + 4].decode("latin1"), _word(data, place + 4)
            if name == "LIST":
                stack.append((place + 12, place + 8 + size))
            else:
                found[name] = data[place + 8 : place + 8 + size]
            place += 8 + size + size % 2
    return found


def _word(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "little")


def _bags(chunks: dict[str, bytes], kind: str, first: int, last: int) -> list[dict[int, int]]:
    """Generators of the zones ``first`` to ``last`` of presets (p) or instruments (i)."""
    bags = list(struct.iter_unpack("<HH", chunks[f"{kind}bag"]))
    generators = list(struct.iter_unpack("<Hh", chunks[f"{kind}gen"]))
    return [dict(generators[bags[b][0] : bags[b + 1][0]]) for b in range(first, last)]


def _zone(generators: dict[int, int], header: tuple[Any, ...], audio: NDArray[np.int16]) -> Zone:
    _, start, _, loop_start, loop_end, rate, root, correction, _, _ = header
    keys = generators.get(_KEYS, 127 << 8) & 0xFFFF
    tuning = generators.get(_FINE, 0) + correction * (_ROOT not in generators)
    return Zone(
        keys=(keys & 0xFF, keys >> 8),
        samples=(audio[start:loop_end] / 32768).astype(np.float32),
        loop=loop_end - loop_start,
        rate=rate,
        root=generators.get(_ROOT, root) - tuning / 100,
        level=10 ** (-generators.get(_ATTENUATION, 0) / 200),
        decay=2 ** (generators.get(_DECAY, 0) / 1200),
    )


def play(zone: Zone, key: float, seconds: float, sample_rate: int) -> Signal:
    """The zone's tone at ``key`` for ``seconds``, looped, decaying from its first sample on."""
    step = zone.rate / sample_rate * 2 ** ((key - zone.root) / 12)
    place = np.arange(round(seconds * sample_rate)) * step
    end = len(zone.samples) - 1
    place = np.where(place < end, place, end - zone.loop + np.mod(place - end, zone.loop))
    sound = np.interp(place, np.arange(end + 1), zone.samples)
    fall = 10 ** (-_DROP / 20 * np.arange(len(sound)) / (zone.decay * sample_rate))
    return np.asarray(zone.level * sound * fall, np.float32)
