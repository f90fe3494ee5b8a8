"""Matching of events: against mir_eval, SciPy's assignment, and what must not matter."""

import mir_eval
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tasks.metrics.detection_scores import mean_f1
from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import SLACK, match_events


def one(times):
    times = np.asarray(times, float)
    zero = np.zeros(len(times), int)
    return Events(zero, zero, times, 1)


def drawn(rng, count, samples=12, channels=3, duration=1.5):
    where = rng.integers(0, samples, count), rng.integers(0, channels, count)
    return Events(*where, rng.uniform(0, duration, count), samples, channels)


def of_group(events, sample, channel):
    return np.sort(events.time[(events.sample == sample) & (events.channel == channel)])


@pytest.mark.parametrize("seed", range(20))
def test_each_sample_and_channel_has_as_many_pairs_as_mir_eval_finds_there(seed):
    rng = np.random.default_rng(seed)
    truth, found = drawn(rng, rng.integers(0, 150)), drawn(rng, rng.integers(0, 300))
    tolerance = rng.uniform(0.01, 0.2)
    matches = match_events(truth, found, tolerance)
    for sample, channel in np.ndindex(12, 3):
        ours, theirs = of_group(truth, sample, channel), of_group(found, sample, channel)
        pairs = len(mir_eval.util.match_events(ours, theirs, tolerance)) if len(ours) else 0
        assert matches.tp[sample, channel] == pairs
        assert matches.fn[sample, channel] == len(ours) - pairs
        assert matches.fp[sample, channel] == len(theirs) - pairs


@pytest.mark.parametrize("seed", range(40))
def test_of_the_largest_pairings_the_nearest_is_taken(seed):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, rng.uniform(0.2, 2), rng.integers(1, 15))
    found = rng.uniform(0, rng.uniform(0.2, 2), rng.integers(1, 30))
    tolerance = rng.uniform(0.01, 0.3)
    distance = np.abs(truth[:, None] - found)
    cost = np.where(distance <= tolerance, distance - 100.0, 0.0)
    rows, columns = linear_sum_assignment(cost)
    real = distance[rows, columns] <= tolerance
    matches = match_events(one(truth), one(found), tolerance)
    assert len(matches.error) == matches.tp.sum() == real.sum()
    expected = distance[rows, columns][real].sum()
    np.testing.assert_allclose(np.abs(matches.error).sum(), expected, atol=1e-12)


@pytest.mark.parametrize("n", [1, 5, 10, 50])
@pytest.mark.parametrize("offset", [-0.05, 0.05])
def test_a_hit_at_exactly_the_tolerance_counts_in_any_number_of_pieces(n, offset):
    for time in np.arange(10, 140) * 0.01:  # decimals that binary numbers round in all ways
        pieces = np.arange(n)
        truth = Events(pieces, 0 * pieces, np.full(n, time), n)
        found = Events(pieces, 0 * pieces, np.full(n, time + offset), n)
        assert mean_f1(match_events(truth, found, 0.05)) == 1.0
        beyond = Events(pieces, 0 * pieces, np.full(n, time + offset * (1 + 1e-6)), n)
        assert mean_f1(match_events(truth, beyond, 0.05)) == 0.0


@pytest.mark.parametrize("hop", [0.005, 0.01])
def test_on_multiples_of_the_hop_ours_is_matching_of_integers(hop):
    """Where float noise would decide at the edge, and `mir_eval` without a slack does."""
    rng = np.random.default_rng(0)
    window = round(0.05 / hop)
    for _ in range(500):
        truth = np.sort(rng.integers(0, 300, rng.integers(1, 25)))
        found = np.sort(rng.integers(0, 300, rng.integers(1, 40)))
        possible = np.abs(truth[:, None] - found) <= window
        rows, columns = linear_sum_assignment(-possible.astype(int))
        pairs = int(possible[rows, columns].sum())
        ours = match_events(one(truth * hop), one(found * hop), 0.05)
        assert ours.tp.sum() == pairs
        theirs = mir_eval.util.match_events(truth * hop, found * hop, 0.05 + SLACK)
        assert len(theirs) == pairs
        exact = np.rint(ours.error / hop)
        np.testing.assert_allclose(ours.error, exact * hop, atol=1e-9)


def test_published_times_of_three_decimals_meet_the_edge():
    """`mir_eval.transcription` rounds distances to four decimals, and finds the same."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        truth = np.unique(np.round(rng.uniform(0, 3, rng.integers(1, 25)), 3))
        found = np.unique(np.round(rng.uniform(0, 3, rng.integers(1, 40)), 3))
        ones = (np.column_stack([times, times + 1]) for times in (truth, found))
        reference, estimate = ones
        pairs = mir_eval.transcription.match_note_onsets(reference, estimate, onset_tolerance=0.05)
        assert match_events(one(truth), one(found), 0.05).tp.sum() == len(pairs)


def test_the_slack_is_small_beside_any_tolerance_and_large_beside_rounding():
    hour = 3600.0
    assert 1000 * np.spacing(hour) < SLACK < 1e-6


def test_neighbouring_samples_and_channels_never_match():
    truth = Events(np.array([0, 1]), np.array([0, 1]), np.array([1.0, 1.0]), 2, 2)
    swapped = Events(np.array([1, 0]), np.array([0, 1]), np.array([1.0, 1.0]), 2, 2)
    assert match_events(truth, swapped, 10.0).tp.sum() == 0
    assert match_events(truth, truth, 0.0).tp.tolist() == [[1, 0], [0, 1]]


def test_an_event_is_matched_once_and_by_the_nearest_detection():
    matches = match_events(one([1.0]), one([0.96, 1.01, 1.04]), 0.05)
    assert matches.tp.tolist() == [[1]]
    assert matches.fp.tolist() == [[2]]
    np.testing.assert_allclose(matches.error, [0.01])


def test_order_does_not_matter():
    rng = np.random.default_rng(3)
    truth, found = drawn(rng, 100), drawn(rng, 200)
    first = match_events(truth, found, 0.05)
    shuffle = rng.permutation(200)
    where = found.sample[shuffle], found.channel[shuffle], found.time[shuffle]
    again = match_events(truth, Events(*where, 12, 3), 0.05)
    np.testing.assert_array_equal(again.error, first.error)
    moved = rng.permutation(12)  # sample s becomes moved[s]
    renamed = [Events(moved[e.sample], e.channel, e.time, 12, 3) for e in (truth, found)]
    other = match_events(*renamed, 0.05)
    np.testing.assert_array_equal(other.tp[moved], first.tp)
    np.testing.assert_array_equal(other.errors_per_sample()[moved], first.errors_per_sample())


def test_errors_are_signed_and_summed_per_sample():
    truth = Events(np.array([0, 0, 2]), np.zeros(3, int), np.array([0.2, 0.6, 0.4]), 3)
    found = Events(np.array([0, 0, 2]), np.zeros(3, int), np.array([0.23, 0.59, 0.38]), 3)
    matches = match_events(truth, found, 0.05)
    np.testing.assert_allclose(matches.errors_per_sample(), [0.02, 0.0, -0.02], atol=1e-12)
    np.testing.assert_allclose(matches.errors_per_sample(np.abs), [0.04, 0, 0.02], atol=1e-12)


@pytest.mark.parametrize(("truths", "detections"), [(0, 0), (0, 4), (4, 0)])
def test_nothing_to_match(truths, detections):
    matches = match_events(one(np.arange(truths)), one(np.arange(detections)), 0.1)
    assert (matches.tp.sum(), matches.fn.sum(), matches.fp.sum()) == (0, truths, detections)
    assert matches.errors_per_sample().dtype == float


def test_lists_about_other_samples_are_refused():
    other = Events(np.zeros(1, int), np.zeros(1, int), np.zeros(1), 2)
    with pytest.raises(ValueError, match="truth has 1 samples of 1 channels, the detections"):
        match_events(one([0.0]), other, 0.1)
