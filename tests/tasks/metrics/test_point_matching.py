"""Matching of points by both rules: brute force, identities, thresholds."""

import itertools

import numpy as np
import pytest

from tasks.metrics.detection_scores import mean_f1
from tasks.metrics.point_lists import Points
from tasks.metrics.point_matching import (
    PAIRINGS,
    f1_by_threshold,
    match_points,
    nearest_pairs,
    optimal_pairs,
)
from tasks.metrics.thresholds import THRESHOLDS


def brute_force(distance, reach):
    """Number and total distance of the best pairing, over all of them."""
    swap = distance if distance.shape[0] <= distance.shape[1] else distance.T
    best = (0, 0.0)
    for columns in itertools.permutations(range(swap.shape[1]), swap.shape[0]):
        found = swap[np.arange(len(columns)), columns]
        near = found[found <= reach]
        best = min(best, (-len(near), near.sum()))
    return -best[0], best[1]


@pytest.mark.parametrize("seed", range(40))
def test_optimal_pairs_are_as_many_and_then_as_near_as_possible(seed):
    rng = np.random.default_rng(seed)
    distance = rng.uniform(0, 1, rng.integers(1, 7, 2))
    reach = rng.uniform(0.1, 0.9)
    rows, columns = optimal_pairs(distance, reach)
    assert len(set(rows)) == len(rows) == len(set(columns))
    number, total = brute_force(distance, reach)
    assert len(rows) == number
    np.testing.assert_allclose(distance[rows, columns].sum(), total)


def test_the_tools_rule_takes_the_nearest_pair_first_even_if_it_costs_another():
    distance = np.array([[1.0, 0.2], [9.0, 0.9]])  # truths × detections
    rows, columns = nearest_pairs(distance, 1.0)
    assert (rows.tolist(), columns.tolist()) == ([0], [1])
    rows, columns = optimal_pairs(distance, 1.0)
    assert sorted(zip(rows, columns, strict=True)) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("seed", range(20))
def test_no_pair_that_the_tools_rule_left_out_could_have_come_before_its_rivals(seed):
    rng = np.random.default_rng(seed)
    distance = rng.uniform(0, 1, (6, 8))
    rows, columns = nearest_pairs(distance, 0.6)
    taken = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    for row, column in zip(*np.nonzero(distance <= 0.6), strict=True):
        rivals = [(r, c) for r, c in taken.items() if r == row or c == column]
        assert min(distance[rival] for rival in rivals) <= distance[row, column]


def drawn(rng, count, samples=6, channels=2, scored=False):
    where = rng.integers(0, samples, count), rng.integers(0, channels, count)
    score = rng.beta(0.6, 0.6, count) if scored else None
    return Points(*where, rng.uniform(0, 4, (count, 2)), samples, channels, score)


@pytest.mark.parametrize("rule", sorted(PAIRINGS))
def test_thresholds_are_searched_by_what_is_reported(rule):
    rng = np.random.default_rng(5)
    truth, found = drawn(rng, 60), drawn(rng, 150, scored=True)
    pairing, tolerances = PAIRINGS[rule], (0.3, 1.0)
    expected = [
        np.mean([mean_f1(match_points(truth, found.above(t), d, pairing)) for d in tolerances])
        for t in THRESHOLDS
    ]
    got = f1_by_threshold(truth, found, tolerances, pairing)
    np.testing.assert_allclose(got, expected, rtol=1e-14)
    assert got.max() > 0.2 > got.min()


@pytest.mark.parametrize("rule", sorted(PAIRINGS))
def test_counts_add_up_and_samples_are_apart(rule):
    rng = np.random.default_rng(6)
    truth, found = drawn(rng, 50), drawn(rng, 80)
    matches = match_points(truth, found, 0.5, PAIRINGS[rule])
    assert matches.tp.sum() == len(matches.sample) == len(matches.distance) > 0
    assert (matches.tp + matches.fn).sum() == 50
    assert (matches.tp + matches.fp).sum() == 80
    assert (matches.distance <= 0.5).all()
    np.testing.assert_allclose(matches.squares_per_sample().sum(), (matches.distance**2).sum())
    moved = rng.permutation(6)
    renamed = [Points(moved[p.sample], p.channel, p.position, 6, 2) for p in (truth, found)]
    other = match_points(*renamed, 0.5, PAIRINGS[rule])
    np.testing.assert_array_equal(other.tp[moved], matches.tp)


@pytest.mark.parametrize("rule", sorted(PAIRINGS))
def test_a_hit_at_exactly_the_tolerance_counts(rule):
    for x in np.arange(1, 50) * 0.1:
        truth = Points(np.zeros(1, int), np.zeros(1, int), np.array([[x, 0.0]]), 1)
        found = Points(np.zeros(1, int), np.zeros(1, int), np.array([[x + 0.3, 0.0]]), 1)
        assert match_points(truth, found, 0.3, PAIRINGS[rule]).tp.sum() == 1
        assert match_points(truth, found, 0.3 - 1e-6, PAIRINGS[rule]).tp.sum() == 0


def test_no_points_at_all():
    none = Points(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 2)), 3, 1, np.zeros(0))
    matches = match_points(none, none, 1.0, optimal_pairs)
    assert matches.tp.shape == (3, 1)
    assert matches.tp.sum() == matches.fp.sum() == matches.fn.sum() == 0
    assert (f1_by_threshold(none, none, (1.0,), optimal_pairs) == 0).all()
