"""Performances: reproducible, playable, expressive, faithful to the order of the score."""

import itertools

import numpy as np
import pytest

from tasks.data.audio.musicxml_notes import ScoreNotes
from tasks.data.audio.piano_performance import perform


def scale(notes=200, voices=(0, 12)):
    onset = np.repeat(np.arange(notes) / 2, len(voices))
    pitch = np.concatenate([[60 + i % 7 + v for v in voices] for i in range(notes)])
    return ScoreNotes(onset, np.full(len(onset), 0.5), pitch, onset % 4)


def test_a_performance_depends_on_its_generator_alone():
    first, again, other = (perform(np.random.default_rng(seed), scale(), 6.0) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(6))
def test_notes_can_be_played(seed):
    notes = perform(np.random.default_rng(seed), scale(), 6.0)
    assert len(notes) > 10
    onsets = np.array([note.onset for note in notes])
    assert (np.diff(onsets) >= 0).all()
    assert onsets.min() >= 0
    assert onsets.max() < 6.0
    for key in {note.key for note in notes}:
        own = [note for note in notes if note.key == key]
        for before, after in itertools.pairwise(own):
            assert after.onset - before.onset >= 0.06
            assert before.end <= after.onset
    assert all(note.end > note.onset and 0.1 <= note.velocity <= 1 for note in notes)


def test_timing_and_dynamics_vary():
    gaps, loudness, apart = [], [], []
    for seed in range(20):
        notes = perform(np.random.default_rng(seed), scale(), 6.0)
        velocity = [note.velocity for note in notes]
        loudness.append(np.std(velocity))
        top = [note.onset for note in notes if note.key >= 67]
        gaps.append(np.std(np.diff(top)) / np.mean(np.diff(top)))
        low = np.array([note.onset for note in notes if note.key < 72])
        apart.append(np.median([np.abs(low - onset).min() for onset in top]))
    assert np.median(loudness) > 0.05
    assert np.median(gaps) > 0.03
    assert 0.0 < np.median(apart) < 0.03


def test_a_score_of_one_note():
    one = ScoreNotes(np.zeros(1), np.ones(1), np.array([60]), np.zeros(1))
    assert len(perform(np.random.default_rng(0), one, 3.0)) <= 1
