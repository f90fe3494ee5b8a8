"""Of several detections of one corner the likeliest stays."""

from __future__ import annotations

import numpy as np

from tasks.metrics.nearby_points import without_neighbours
from tasks.metrics.point_lists import Points


def points(places: list[tuple[float, float]], score: list[float], sample: list[int]) -> Points:
    index = np.array(sample, np.int64)
    position = np.array(places, float).reshape(-1, 2)
    return Points(index, np.zeros_like(index), position, 2, 1, np.array(score))


def test_a_chain_falls_to_its_top_even_through_what_falls() -> None:
    chain = points([(0, 0), (1.5, 0), (3, 0), (9, 0)], [0.9, 0.8, 0.7, 0.6], [0, 0, 0, 0])
    kept = without_neighbours(chain, 2.0)
    assert kept.position[:, 0].tolist() == [0, 9]


def test_samples_do_not_see_each_other_and_ties_go_to_the_first() -> None:
    found = points([(0, 0), (0.5, 0), (0, 0)], [0.5, 0.5, 0.1], [0, 0, 1])
    kept = without_neighbours(found, 2.0)
    assert kept.sample.tolist() == [0, 1]
    assert kept.position.tolist() == [[0, 0], [0, 0]]


def test_it_does_not_matter_whether_the_threshold_comes_before() -> None:
    draw = np.random.default_rng(0)
    sample = draw.integers(0, 2, 200)
    found = points(
        draw.uniform(0, 20, (200, 2)).tolist(), draw.random(200).tolist(), sample.tolist()
    )
    before = without_neighbours(found.above(0.4), 2.0)
    after = without_neighbours(found, 2.0).above(0.4)
    np.testing.assert_array_equal(before.position, after.position)
    assert 0 < len(after) < len(found)
    assert len(without_neighbours(found.above(2.0), 2.0)) == 0
