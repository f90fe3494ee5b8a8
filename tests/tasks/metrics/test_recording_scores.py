"""Means over recordings: by hand, and against mir_eval."""

import mir_eval
import numpy as np
import pytest

from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import match_events
from tasks.metrics.recording_scores import recording_scores


def test_recordings_count_the_same_however_long():
    tp, fp, fn = (np.array(x)[:, None] for x in ([1, 90], [1, 10], [0, 0]))
    found = recording_scores(tp, fp, fn)
    assert found.precision == pytest.approx((0.5 + 0.9) / 2)
    assert found.recall == 1.0
    assert found.f1 == pytest.approx((2 / 3 + 2 * 0.9 / 1.9) / 2)
    assert found.recordings == 2


def test_a_recording_without_events_is_left_out():
    """Trap 5: mir_eval would give it 0."""
    tp, fp, fn = (np.array(x)[:, None] for x in ([1, 0, 0], [0, 0, 3], [0, 0, 0]))
    assert recording_scores(tp, fp, fn).f1 == 1.0
    assert recording_scores(tp, fp, fn).recordings == 1
    assert np.isnan(recording_scores(tp[1:], fp[1:], fn[1:]).f1)


def test_agrees_with_mir_eval_where_pitches_are_in_hertz():
    """Traps 4 and 7: times off the edge of the tolerance, pitches in Hz, not MIDI numbers."""
    draw, theirs, tables = np.random.default_rng(0), [], []
    for recording in range(12):
        counts = draw.integers(5, 40, 2)
        lists = [(draw.uniform(0, 3, count), draw.integers(60, 66, count)) for count in counts]
        scores = mir_eval.transcription.precision_recall_f1_overlap(
            *(x for time, key in lists for x in _notes(time, key)), offset_ratio=None
        )
        theirs.append(scores[:3])
        tables.append([(np.full(len(t), recording), k - 60, t) for t, k in lists])
    truth, found = (
        Events(*(np.concatenate([table[side][c] for table in tables]) for c in range(3)), 12, 6)
        for side in range(2)
    )
    matches = match_events(truth, found, 0.05)
    ours = recording_scores(matches.tp, matches.fp, matches.fn)
    np.testing.assert_allclose((ours.precision, ours.recall, ours.f1), np.mean(theirs, 0))


def _notes(time, key):
    order = np.argsort(time)
    intervals = np.stack([time[order], time[order] + 1], 1)
    return intervals, 440 * 2 ** ((key[order] - 69) / 12)


def test_a_semitone_off_is_never_right():
    """Trap 7."""
    time = np.linspace(0, 3, 20)
    truth = Events(np.zeros(20, int), np.full(20, 3), time, 1, 6)
    higher = Events(np.zeros(20, int), np.full(20, 4), time, 1, 6)
    matches = match_events(truth, higher, 0.05)
    assert recording_scores(matches.tp, matches.fp, matches.fn).f1 == 0
