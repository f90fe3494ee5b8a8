"""Piano recordings rendered from scores: train and test differ in instrument, room and scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tasks.data.audio.drum_kits import SAMPLE_RATE
from tasks.data.audio.piano_performance import perform
from tasks.data.audio.piano_scores import divided, draw_score
from tasks.data.audio.piano_tones import Signal, mix
from tasks.data.audio.room import CONCERT_HALL, PRACTICE_ROOM, in_a_room

GENERATOR = 2
"""Version of the generator: raise it whenever a recording would sound or be labelled otherwise."""


@dataclass(frozen=True)
class PianoRecording:
    """Audio with its annotated onsets.

    Attributes:
        audio: mono samples.
        sample_rate: Hz.
        times: ``(event,)`` onset times in seconds.
        keys: ``(event,)`` MIDI keys.
        piece: name of the score or piece.
        part: whether it is a recording to train (validation included) or to test.
    """

    audio: Signal
    sample_rate: int
    times: np.ndarray
    keys: np.ndarray
    piece: str
    part: str


def render_all(world: int, train: int, test: int, seconds: float) -> Iterator[PianoRecording]:
    """Recordings of a world, ``train`` and then ``test``, each a pure function of its place."""
    halves = divided(np.random.default_rng([GENERATOR, world, 0xC0]))
    pianos = ("Piano 1", PRACTICE_ROOM), ("Piano 3", CONCERT_HALL)
    for part, count in enumerate((train, test)):
        piano, room = pianos[part]
        for index in range(count):
            seeds = np.random.SeedSequence([GENERATOR, world, part, index]).spawn(4)
            score_rng, player, tuner, room_rng = (np.random.default_rng(seed) for seed in seeds)
            name, score = draw_score(score_rng, halves[part])
            notes = perform(player, score, seconds)
            dry = mix(tuner, piano, notes, seconds)
            yield PianoRecording(
                audio=in_a_room(room_rng, dry, SAMPLE_RATE, room),
                sample_rate=SAMPLE_RATE,
                times=np.array([note.onset for note in notes], np.float64),
                keys=np.array([note.key for note in notes], np.int64),
                piece=name,
                part=("train", "test")[part],
            )
