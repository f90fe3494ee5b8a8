"""What a room, a microphone and a producer do to a dry recording.

Everything is drawn per recording from the generator given, so no two recordings share a room.
Signals are mono float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]
Range = tuple[float, float]


@dataclass(frozen=True)
class Room:
    """Ranges that a recording's room and treatment are drawn from.

    Attributes:
        reverberation: seconds in which the tail falls by 60 dB.
        tail: its level in dB below the direct sound.
        compression: exponent of the envelope that is taken away.
        drive: of the saturation.
        noise, hum: dB below the signal.
    """

    reverberation: Range = (0.1, 0.7)
    tail: Range = (-30, -13)
    compression: Range = (0.0, 0.6)
    drive: Range = (0.3, 2.0)
    noise: Range = (-55, -30)
    hum: Range = (-60, -20)


STUDIO = Room()
"""Of the drum recordings."""
PRACTICE_ROOM = Room(compression=(0.0, 0.2), drive=(0.1, 0.5), hum=(-70, -40))
CONCERT_HALL = Room(
    reverberation=(0.4, 1.6), tail=(-20, -8), compression=(0.0, 0.2), drive=(0.1, 0.5),
    noise=(-45, -25), hum=(-60, -35),
)  # fmt: skip


def in_a_room(
    rng: np.random.Generator, dry: Signal, sample_rate: int, room: Room = STUDIO
) -> Signal:
    """The dry signal after equaliser, reverberation, compression, saturation, noise and gain."""
    wet = _reverberate(rng, dry, sample_rate, room)
    wet = _compress(wet, rng.uniform(*room.compression), sample_rate)
    drive = np.exp(rng.uniform(*np.log(room.drive)))
    scale = drive / max(float(np.abs(wet).max()), 1e-6)
    wet = np.tanh(scale * wet) / np.tanh(drive)
    noisy = wet + _noise(rng, wet, sample_rate, room)
    return np.asarray(10 ** (rng.uniform(-10, 0) / 20) * noisy, np.float32)


def _reverberate(rng: np.random.Generator, dry: Signal, sample_rate: int, room: Room) -> Signal:
    """Equaliser and exponentially decaying noise tail, applied as one filter."""
    from scipy import fft, signal

    seconds = np.exp(rng.uniform(*np.log(room.reverberation)))
    n = round(seconds * sample_rate)
    tail = rng.standard_normal(n) * 10 ** (-3 * np.arange(n) / n)
    tail = signal.lfilter(*signal.butter(1, rng.uniform(0.1, 0.8)), tail)
    tail *= 10 ** (rng.uniform(*room.tail) / 20) / np.sqrt(np.sum(tail**2))
    delay = round(rng.uniform(0.001, 0.015) * sample_rate)
    impulse = np.zeros(n + delay)
    impulse[delay:] = tail
    impulse[0] += 1.0
    size = fft.next_fast_len(len(dry) + len(impulse), real=True)
    response = fft.rfft(impulse, size)
    frequency = fft.rfftfreq(size, 1 / sample_rate)
    for centre in rng.uniform(np.log(60), np.log(9000), size=4):
        shape = np.exp(-0.5 * ((np.log(np.maximum(frequency, 1)) - centre) / 0.5) ** 2)
        response *= 10 ** (rng.normal(0, 2.0) * shape / 20)
    wet = fft.irfft(fft.rfft(dry, size) * response, size)[: len(dry)]
    return np.asarray(wet, np.float32)


def _compress(sound: Signal, ratio: float, sample_rate: int) -> Signal:
    """Gain ``envelope ** -ratio`` with an envelope of about 10 ms."""
    from scipy import ndimage

    level = ndimage.uniform_filter1d(sound**2, round(0.01 * sample_rate))
    envelope = np.sqrt(np.maximum(level, 0)) + 0.02 * float(np.abs(sound).max()) + 1e-9
    return np.asarray(sound * envelope**-ratio, np.float32)


def _noise(rng: np.random.Generator, sound: Signal, sample_rate: int, room: Room) -> Signal:
    """Coloured noise and hum at a random level below the signal."""
    from scipy import signal

    n = len(sound)
    power = np.sqrt(np.mean(sound**2)) + 1e-9
    white = rng.standard_normal(n)
    coloured = signal.lfilter([1.0], [1.0, -rng.uniform(0.0, 0.95)], white)
    coloured *= power * 10 ** (rng.uniform(*room.noise) / 20) / np.std(coloured)
    hum = np.sin(2 * np.pi * rng.choice([50.0, 60.0]) * np.arange(n) / sample_rate)
    return np.asarray(coloured + power * 10 ** (rng.uniform(*room.hum) / 20) * hum, np.float32)
