"""Average precision of boxes: hand cases, ties, duplicates, and a second way of counting."""

import math

import numpy as np
import pytest

from tasks.metrics.box_precision import match_boxes


def one_scene(score, overlap, least=0.5):
    overlap = np.asarray(overlap, float)
    return match_boxes(np.array([score], float), overlap[None], np.array([overlap.shape[1]]), least)


def test_the_truth_has_all_and_its_duplicate_is_wrong():
    overlap = [[0.9, 0], [0.8, 0], [0, 0.7]]
    matched = one_scene([0.9, 0.8, 0.7], overlap)
    np.testing.assert_array_equal(matched.right, [[True, False, True]])
    assert matched.average_precision == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert matched.f1(0.5) == pytest.approx(2 * 2 / 5)
    assert one_scene([0.9, 0.0, 0.7], overlap).average_precision == 1
    assert one_scene([0.9, 0.0, 0.7], overlap).f1(0.5) == 1


def test_a_box_on_two_objects_finds_one_and_takes_the_nearer():
    matched = one_scene([0.9, 0.8], [[0.6, 0.7], [0.55, 0.9]])
    np.testing.assert_array_equal(matched.right, [[True, True]])
    assert matched.average_precision == 1
    assert one_scene([0.9], [[0.6, 0.7]]).average_precision == 0.5


def test_too_little_overlap_is_no_hit_and_exactly_enough_is():
    assert one_scene([0.9], [[0.49]]).average_precision == 0
    assert one_scene([0.9], [[0.5]]).average_precision == 1
    assert one_scene([0.9], [[0.6]], least=0.7).average_precision == 0


def test_boxes_that_score_nothing_are_no_detections():
    matched = one_scene([0.0, 0.0], [[0.9], [0.8]])
    assert not matched.right.any()
    assert matched.average_precision == 0
    assert matched.f1(0.5) == 0


def test_no_object_anywhere_has_no_precision():
    matched = match_boxes(np.array([[0.9]]), np.zeros((1, 1, 1)), np.array([0]))
    assert math.isnan(matched.average_precision)
    assert matched.f1(0.5) == 0


def test_tied_scores_give_the_same_in_any_order():
    draw = np.random.default_rng(0)
    score = draw.integers(0, 3, (20, 12)) / 2
    overlap = draw.random((20, 12, 3))
    objects = np.full(20, 3)
    expected = match_boxes(score, overlap, objects).average_precision
    for _ in range(5):
        order = draw.permutation(12)
        found = match_boxes(score[:, order], overlap[:, order], objects).average_precision
        assert found == pytest.approx(expected)


def test_as_counted_box_by_box():
    draw = np.random.default_rng(1)
    score, overlap = draw.random((30, 10)), draw.random((30, 10, 4)) ** 2
    detections = []
    for one, shown in zip(score, overlap, strict=True):
        free = set(range(4))
        for box in sorted(range(10), key=lambda b: -one[b]):
            best = max(free, key=lambda o: shown[box, o], default=None)
            hit = best is not None and shown[box, best] >= 0.5
            free -= {best} if hit else set()
            detections.append((one[box], hit))
    detections.sort(reverse=True)
    recall, area = 0.0, 0.0
    precisions, recalls, right = [], [], 0
    for number, (_, hit) in enumerate(detections, 1):
        right += hit
        precisions.append(right / number)
        recalls.append(right / 120)
    for place, now in enumerate(recalls):
        area += (now - recall) * max(precisions[place:])
        recall = now
    matched = match_boxes(score, overlap, np.full(30, 4))
    assert matched.average_precision == pytest.approx(area)
