"""A passage of a score, played on a piano by somebody: timing, touch, dynamics, pedal.

The score gives order and pitches. Tempo wanders and slows down at ends of phrases, notes of a chord
come apart (the melody first, some chords rolled), loudness follows phrase, metre and voice, and the
pedal holds what the hand has left. Times are seconds from the start of the recording.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasks.data.audio.musicxml_notes import ScoreNotes
from tasks.data.audio.piano_tones import HIGHEST, LOWEST, Note

_LEAD_IN = 4.0  # quarter notes played before the recording begins, heard where they ring on
_REPEAT = 0.06  # seconds: a key is not struck again sooner


def perform(rng: np.random.Generator, score: ScoreNotes, duration: float) -> list[Note]:
    """Notes of a random passage, sorted by onset, with onsets within ``[0, duration)``.

    Args:
        rng: source of all choices.
        score: at least one note.
        duration: seconds.
    """
    quarter = _quarter(rng, score)
    end = float(score.onset[-1])
    first = rng.uniform(0, max(end - duration / quarter, 0.0))
    at = score.onset - first
    played = (at >= -_LEAD_IN) & (at <= 1.5 * duration / quarter)
    at, length = at[played], score.duration[played]
    pitch = score.pitch[played] + int(rng.integers(-5, 6))
    start, stop = _clock(rng, at, quarter), _clock_again(at + length, at, quarter)
    stop = start + np.maximum(stop, 0.05) * _articulation(rng, len(at))
    top, bottom = _outer_voices(at, pitch)
    velocity = _dynamics(rng, at, score.beat[played], top, bottom)
    start = start + _asynchrony(rng, at, pitch, top)
    stop = _pedalled(rng, start, stop)
    start -= rng.uniform(0, 0.5) * quarter
    notes = [
        Note(float(s), float(max(e, s + 0.05)), int(p), float(v))
        for s, e, p, v in zip(start, stop, pitch, velocity, strict=True)
        if 0 <= s < duration and LOWEST <= p <= HIGHEST
    ]
    return _one_hammer(sorted(notes, key=lambda note: (note.onset, note.key)))


def _quarter(rng: np.random.Generator, score: ScoreNotes) -> float:
    """Seconds of a quarter note: 3 to 12 strokes a second, whatever the notation."""
    strokes = len(score) / max(float(score.onset[-1]), 1.0)
    wanted = np.exp(rng.uniform(np.log(4.0), np.log(12.0)))
    return float(np.clip(strokes / wanted, 0.2, 1.5))


def _clock(
    rng: np.random.Generator, at: NDArray[np.float64], quarter: float
) -> NDArray[np.float64]:
    """Seconds of score times ``at``, under a tempo that wanders by some per cent."""
    if len(at) == 0:
        return at
    grid = np.arange(np.floor(at[0]) - 1, at[-1] + 2, 0.25)
    slow = np.zeros_like(grid)
    for period in (2.0, 4.0, 8.0, 16.0):
        phase, depth = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.05)
        slow += depth * np.cos(2 * np.pi * grid / period + phase)
    seconds = np.concatenate([[0.0], np.cumsum(0.25 * quarter * np.exp(slow[:-1]))])
    seconds -= np.interp(0.0, grid, seconds)
    return np.asarray(np.interp(at, grid, seconds) + rng.normal(0, 0.008, len(at)))


def _clock_again(
    end: NDArray[np.float64], at: NDArray[np.float64], quarter: float
) -> NDArray[np.float64]:
    """Written lengths in seconds."""
    return np.asarray((end - at) * quarter)


def _articulation(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Share of its written length that a key is held, legato or detached by recording."""
    centre = rng.choice([0.5, 0.8, 0.95, 1.0])
    return np.asarray(np.clip(rng.normal(centre, 0.1, count), 0.2, 1.1))


def _outer_voices(
    at: NDArray[np.float64], pitch: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a note is the highest, or the lowest, of those written at its time."""
    chord = np.unique(np.round(at, 3), return_inverse=True)[1]
    high, low = np.full(chord.max(initial=0) + 1, -1), np.full(chord.max(initial=0) + 1, 999)
    np.maximum.at(high, chord, pitch)
    np.minimum.at(low, chord, pitch)
    return pitch == high[chord], pitch == low[chord]


def _dynamics(
    rng: np.random.Generator,
    at: NDArray[np.float64],
    beat: NDArray[np.float64],
    top: NDArray[np.bool_],
    bottom: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Velocities in [0.1, 1]."""
    level = rng.uniform(0.35, 0.75)
    phrase = rng.uniform(0.05, 0.2) * np.sin(
        2 * np.pi * (at / rng.choice([8, 12, 16]) + rng.random())
    )
    accent = 0.08 * (beat < 0.01) + 0.04 * (np.abs(beat - np.rint(beat)) < 0.01)
    voice = 0.12 * top - 0.06 * (~top & ~bottom)
    return np.asarray(
        np.clip(level + phrase + accent + voice + rng.normal(0, 0.06, len(at)), 0.1, 1)
    )


def _asynchrony(
    rng: np.random.Generator,
    at: NDArray[np.float64],
    pitch: NDArray[np.int64],
    top: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Seconds that each note of a chord comes early or late; some chords are rolled upwards."""
    lead, roll = rng.uniform(0, 0.025), rng.uniform(0.02, 0.06)
    rolled = rng.uniform(0, 0.15)
    chord = np.unique(np.round(at, 3), return_inverse=True)[1]
    chosen = rng.random(chord.max(initial=0) + 1) < rolled
    order = np.lexsort((pitch, chord))
    rank = np.empty(len(at))
    first = np.searchsorted(chord[order], chord[order])
    rank[order] = np.arange(len(at)) - first
    return np.asarray(np.where(chosen[chord], roll * rank, -lead * top))


def _pedalled(
    rng: np.random.Generator, start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Ends of the sounds: a pedal that is down when a key is left holds until it goes up."""
    share = rng.choice([0.0, 0.5, 0.9])
    change = rng.uniform(0.6, 2.0)
    number = np.floor(stop / change)
    count = int(number.max(initial=0)) + 2
    down = rng.random(count) < share
    held = down[np.clip(number, 0, count - 1).astype(int)]
    return np.asarray(np.where(held, (number + 1) * change, stop))


def _one_hammer(notes: list[Note]) -> list[Note]:
    """A key struck again ends its former sound; strokes that come too soon are left out."""
    last: dict[int, int] = {}
    kept: list[Note] = []
    for note in notes:
        index = last.get(note.key)
        if index is not None:
            before = kept[index]
            if note.onset - before.onset < _REPEAT:
                continue
            if before.end > note.onset:
                kept[index] = Note(before.onset, note.onset, before.key, before.velocity)
        last[note.key] = len(kept)
        kept.append(note)
    return kept
