"""Means over recordings, against `mir_eval` file by file; recordings without strokes."""

import mir_eval
import numpy as np
import pytest

from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import match_events
from tasks.metrics.file_scores import file_scores

CHANNELS = ("kick", "snare")


def counts(matches):
    return {
        f"{kind}_{name}": getattr(matches, kind)[:, k]
        for kind in ("tp", "fp", "fn")
        for k, name in enumerate(CHANNELS)
    }


def drawn(rng, files):
    number = int(rng.integers(20, 60))
    where = rng.integers(0, files, number), rng.integers(0, 2, number)
    return Events(*where, rng.uniform(0, 2, number), files, 2)


def theirs(truth, found, file, channel):
    """F1 of one file and class, class as a pitch, as the published code does it."""
    intervals = []
    for events in (truth, found):
        own = np.sort(events.time[(events.sample == file) & (events.channel == channel)])
        intervals.append(np.column_stack([own, own + 1]))
    pitches = [np.full(len(rows), 440.0) for rows in intervals]
    return mir_eval.transcription.precision_recall_f1_overlap(
        intervals[0], pitches[0], intervals[1], pitches[1], offset_ratio=None
    )[:3]


@pytest.mark.filterwarnings("ignore:(Reference|Estimated) notes are empty")
@pytest.mark.parametrize("seed", range(10))
def test_means_are_those_of_mir_eval_over_files(seed):
    rng = np.random.default_rng(seed)
    truth, found = drawn(rng, 8), drawn(rng, 8)
    metrics, _ = file_scores(counts(match_events(truth, found, 0.05)), CHANNELS)
    scores = np.array([[theirs(truth, found, f, c) for c in (0, 1)] for f in range(8)])
    assert metrics["f1_kick"] == pytest.approx(scores[:, 0, 2].mean())
    assert metrics["f1_snare"] == pytest.approx(scores[:, 1, 2].mean())
    assert metrics["f1"] == pytest.approx(scores[:, :, 2].mean())
    assert metrics["precision"] == pytest.approx(scores[:, :, 0].mean())
    assert metrics["recall"] == pytest.approx(scores[:, :, 1].mean())


def test_a_recording_without_a_snare_counts_0_even_where_none_is_found():
    truth = Events(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.1, 0.2, 0.3]), 2, 2)
    metrics, said = file_scores(counts(match_events(truth, truth, 0.05)), CHANNELS)
    assert metrics["f1_kick"] == 1.0
    assert metrics["f1_snare"] == 0.5
    assert said["recordings"] == 2
    assert said["without_stroke"] == {"kick": 0, "snare": 1}
    assert said["f1_of_recordings_with_strokes"] == {"kick": 1.0, "snare": 1.0}


def test_no_recording_with_a_stroke():
    none = Events(np.zeros(0, int), np.zeros(0, int), np.zeros(0), 2, 2)
    metrics, said = file_scores(counts(match_events(none, none, 0.05)), CHANNELS)
    assert metrics["f1"] == 0
    assert said["f1_of_recordings_with_strokes"] == {"kick": None, "snare": None}
