"""Scores of molecules by the challenge's tool, by hand; what a picture holds."""

import numpy as np
import pytest

from tasks.bases import point_metrics
from tasks.metrics.molecule_scores import molecule_metrics, picture, tool_scores
from tasks.metrics.point_lists import Points


def points(rows, samples=2, score=None):
    sample, place = np.array([row[0] for row in rows], np.int64), [row[1:] for row in rows]
    position = np.array(place, np.float64).reshape(-1, 2)
    return Points(sample, np.zeros_like(sample), position, samples, score=score)


TRUTH = points([(0, 0, 0), (0, 0, 60), (1, 500, 500)])


def test_a_chain_in_which_the_nearest_pair_costs_another():
    """29 nm from the second truth and 31 from the first; the other is 49 from the second."""
    found = points([(0, 0, 31.0), (0, 0, 109.0)], score=np.array([0.9, 0.9]))
    scores = tool_scores(TRUTH, found, found)
    assert scores["tool_jaccard_25nm"] == 0.0
    # The pair of 29 nm is taken first and leaves the other detection without a partner.
    assert scores["tool_jaccard_50nm"] == pytest.approx(1 / (3 + 2 - 1))


def test_a_second_detection_of_one_molecule_is_false():
    found = points([(0, 0, 1.0), (0, 0, 2.0)], score=np.array([0.9, 0.8]))
    assert tool_scores(TRUTH, found, found)["tool_jaccard_25nm"] == pytest.approx(1 / 4)


def test_frames_without_detections_count():
    found = points([(0, 0, 0), (0, 0, 60)], score=np.array([0.9, 0.9]))
    assert tool_scores(TRUTH, found, found)["tool_jaccard_25nm"] == pytest.approx(2 / 3)


def test_fixed_thresholds_are_those_of_the_text_and_of_the_code():
    every = points([(0, 0, 0), (0, 0, 60), (1, 500, 500)], score=np.array([0.9, 0.2, 0.05]))
    scores = tool_scores(TRUTH, every.above(0.5), every)
    assert scores["tool_jaccard_50nm"] == pytest.approx(1 / 3)
    assert scores["tool_jaccard_50nm_thesis"] == pytest.approx(1 / 3)
    assert scores["tool_jaccard_50nm_code"] == pytest.approx(2 / 3)


def test_nothing_near_scores_nothing():
    far = points([(1, 9000, 9000)], score=np.array([0.9]))
    assert set(tool_scores(TRUTH, far, far).values()) == {0.0}


def test_metrics_begin_with_the_jaccard_indices():
    metrics = molecule_metrics(point_metrics((25.0, 50.0), "nm"))
    assert [metric.name for metric in metrics[:2]] == ["jaccard_25nm", "jaccard_50nm"]
    assert {metric.name for metric in metrics if metric.timed} == {"ms_per_image"}


def test_a_picture_has_rows_downwards_in_pixels():
    truth = points([(0, 0, 0), (9, 500, 60), (10, 7, 7)], samples=12)
    found = picture(truth, points([]), 100.0)
    assert found["molecules"] == {"x": [0.0, 0.6], "y": [0.0, -5.0]}
    assert found["detections"] == {"x": [], "y": []}
