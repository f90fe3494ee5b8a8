"""Scores of counts, against mir_eval and by hand."""

import mir_eval
import numpy as np
import pytest

from tasks.metrics.detection_scores import detection_scores


@pytest.mark.parametrize("counts", [(3, 1, 4), (1, 0, 0), (7, 9, 11), (150, 13, 2)])
def test_f1_is_mir_evals_to_the_bit(counts):
    right, false, missed = counts
    precision, recall = right / (right + false), right / (right + missed)
    scores = detection_scores(*counts)
    assert scores.f1 == mir_eval.util.f_measure(precision, recall)
    assert (scores.precision, scores.recall) == (precision, recall)
    assert scores.jaccard == right / sum(counts)


def test_nothing_right_is_zero_and_never_undefined():
    scores = detection_scores([0, 0, 0], [0, 2, 0], [0, 0, 2])
    for score in (scores.f1, scores.precision, scores.recall, scores.jaccard):
        assert score.tolist() == [0, 0, 0]


def test_classes_are_scored_on_their_own():
    scores = detection_scores([1, 3], [1, 0], [0, 3])
    np.testing.assert_allclose(scores.f1, [2 / 3, 2 / 3])
