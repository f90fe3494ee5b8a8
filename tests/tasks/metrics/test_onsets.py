"""Matching, scores and the choice of a threshold, against mir_eval."""

import mir_eval
import numpy as np
import pytest

from tasks.metrics.onsets import (
    THRESHOLDS,
    Annotations,
    choose_threshold,
    count_matches,
    f_measure,
    onset_scores,
)


@pytest.mark.parametrize("seed", range(40))
def test_matcher_equals_mir_eval(seed):
    rng = np.random.default_rng(seed)
    reference = np.sort(rng.uniform(0, rng.uniform(0.2, 4), rng.integers(1, 30)))
    estimate = np.sort(rng.uniform(0, rng.uniform(0.2, 4), rng.integers(1, 60)))
    tolerance = rng.uniform(0.01, 0.2)
    pairs = mir_eval.util.match_events(reference, estimate, tolerance)
    assert count_matches(reference, estimate, tolerance) == len(pairs)


@pytest.mark.parametrize(("references", "estimates"), [(0, 0), (0, 4), (4, 0)])
def test_matcher_with_nothing_to_match(references, estimates):
    assert count_matches(np.arange(float(references)), np.arange(float(estimates)), 0.0) == min(
        references, estimates
    )
    assert f_measure(0, references, estimates) == 0.0


def test_an_onset_is_matched_once():
    assert count_matches(np.array([1.0]), np.array([0.99, 1.01]), 0.05) == 1


def split_of(rng, pieces=20, bins=150, step=0.01):
    count = 6 * pieces
    annotations = Annotations(
        piece=np.sort(rng.integers(0, pieces, count)),
        channel=rng.integers(0, 3, count),
        time=rng.uniform(0, bins * step, count),
        pieces=pieces,
        channels=3,
        duration=bins * step,
    )
    scores = rng.beta(0.3, 3, (pieces, 3, bins)).astype(np.float32)
    column = np.minimum(np.rint(annotations.time / step).astype(int), bins - 1)
    hit = rng.random(count) < 0.8
    scores[annotations.piece[hit], annotations.channel[hit], column[hit]] = rng.uniform(
        0.3, 1, hit.sum()
    )
    return scores, annotations


def piece_by_piece(scores, annotations, step, tolerance, threshold):
    """F1 per channel with every piece matched on its own."""
    result = []
    for channel in range(annotations.channels):
        matched = references = estimates = 0
        for piece in range(annotations.pieces):
            own = (annotations.piece == piece) & (annotations.channel == channel)
            reference = np.sort(annotations.time[own])
            estimate = np.flatnonzero(scores[piece, channel] >= threshold) * step
            matched += len(mir_eval.util.match_events(reference, estimate, tolerance))
            references, estimates = references + len(reference), estimates + len(estimate)
        result.append(2 * matched / max(references + estimates, 1))
    return result


def test_one_time_line_equals_matching_piece_by_piece():
    scores, annotations = split_of(np.random.default_rng(1))
    got = onset_scores(scores, annotations, 0.01, 0.05, 0.35)
    np.testing.assert_allclose(
        [row[0] for row in got], piece_by_piece(scores, annotations, 0.01, 0.05, 0.35), atol=1e-12
    )


def test_chosen_threshold_has_the_best_mean_f1():
    scores, annotations = split_of(np.random.default_rng(2))
    chosen = choose_threshold(scores, annotations, 0.01, 0.05)
    means = [
        np.mean(piece_by_piece(scores, annotations, 0.01, 0.05, threshold))
        for threshold in THRESHOLDS
    ]
    assert chosen == THRESHOLDS[int(np.argmax(means))]


def test_of_equal_thresholds_the_one_nearest_to_a_half_wins():
    annotations = Annotations(
        np.array([0]), np.array([0]), np.array([0.2]), pieces=1, channels=1, duration=1.5
    )
    scores = np.zeros((1, 1, 150), np.float32)
    scores[0, 0, 20] = 1.0
    assert choose_threshold(scores, annotations, 0.01, 0.05) == pytest.approx(0.5)


def test_scores_that_are_not_finite_give_no_threshold():
    scores, annotations = split_of(np.random.default_rng(3))
    scores[0, 0, 0] = np.nan
    assert np.isnan(choose_threshold(scores, annotations, 0.01, 0.05))


def test_silence_and_a_detection_in_every_bin():
    scores, annotations = split_of(np.random.default_rng(4), pieces=50)
    assert onset_scores(0 * scores, annotations, 0.01, 0.05, 0.5) == [(0.0, 0.0, 0.0)] * 3
    for _, precision, recall in onset_scores(0 * scores + 1, annotations, 0.01, 0.05, 0.5):
        assert recall == 1.0
        assert 0 < precision < 0.2
