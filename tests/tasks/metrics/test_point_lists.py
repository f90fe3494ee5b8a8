"""Lists of points: choosing and grouping."""

import numpy as np

from tasks.metrics.point_lists import Points


def points():
    position = np.arange(8.0).reshape(4, 2)
    where = np.array([1, 0, 1, 1]), np.array([0, 1, 1, 0])
    return Points(*where, position, 2, 2, np.array([0.2, 0.5, 0.7, 0.9]))


def test_points_that_reach_the_threshold():
    chosen = points().above(0.5)
    assert chosen.position[:, 0].tolist() == [2, 4, 6]
    assert chosen.score.tolist() == [0.5, 0.7, 0.9]
    assert (len(chosen), chosen.samples, chosen.channels) == (3, 2, 2)


def test_groups_are_samples_and_channels_in_order_with_empty_ones():
    assert [group.tolist() for group in points().groups()] == [[], [1], [0, 3], [2]]
