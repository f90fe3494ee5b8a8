"""Simulated smokers: runs of puffs, people of their own, and what a puff looks like."""

import numpy as np

from tasks.data.sensors.cycle_features import NAMES
from tasks.data.sensors.smokers import LONGEST_RUN, SIZES, smoker_sessions


def smoker(seed, size="full"):
    return smoker_sessions(np.random.default_rng(seed), seed, SIZES[size])


def runs(puff):
    """Lengths of runs of consecutive puffs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], puff.astype(int), [0]])))
    return edges[1::2] - edges[::2]


def test_a_person_is_drawn_once_and_the_same_twice():
    first, again, other = smoker(1), smoker(1), smoker(2)
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.features, same.features)
        np.testing.assert_array_equal(one.puff, same.puff)
    assert not np.array_equal(first[0].features[:60], other[0].features[:60])


def test_sessions_are_as_many_and_as_long_as_said():
    for size, amount in SIZES.items():
        sessions = smoker(3, size)
        assert len(sessions) == amount.sessions
        lengths = [len(session) for session in sessions]
        assert amount.shortest <= min(lengths) <= max(lengths) <= amount.longest
        assert all(session.puff.any() for session in sessions)


def test_most_puffs_have_a_neighbour():
    lengths = np.concatenate([runs(one.puff) for seed in range(6) for one in smoker(seed)])
    assert lengths.max() <= 2 * LONGEST_RUN  # two cigarettes may meet
    assert lengths[lengths > 1].sum() > 0.7 * lengths.sum()
    share = np.mean(np.concatenate([one.puff for seed in range(6) for one in smoker(seed)]))
    assert 0.05 < share < 0.2


def test_a_puff_is_a_deep_breath_with_the_hand_raised_against_the_persons_own_baseline():
    stretch, raised = NAMES.index("stretch"), NAMES.index("raised")
    means = []
    for seed in range(12):
        features = np.concatenate([one.features for one in smoker(seed)])
        puff = np.concatenate([one.puff for one in smoker(seed)])
        for column in (stretch, raised):
            assert features[puff, column].mean() > features[~puff, column].mean()
        means.append(features[~puff, stretch].mean())
    assert np.std(means) / np.mean(means) > 0.2  # people differ


def test_features_are_finite():
    assert all(np.isfinite(one.features).all() for seed in range(6) for one in smoker(seed))
