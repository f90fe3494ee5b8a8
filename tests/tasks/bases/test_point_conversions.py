"""Between lists of points and the arrays of the head."""

import numpy as np
import torch

from bench.plugin import PointPrediction
from tasks.bases.point_conversions import from_predictions, from_targets, to_target
from tasks.metrics.point_lists import Points


def test_targets_hold_what_they_were_made_from():
    rng = np.random.default_rng(0)
    truth = Points(rng.integers(1, 9, 30), rng.integers(0, 3, 30), rng.random((30, 2)) * 50, 10, 3)
    whole = to_target(truth, 10.0)
    assert whole.position[whole.mask].max() <= 5
    halves = [
        type(whole)(whole.position[rows], whole.mask[rows], whole.channel[rows])
        for rows in (slice(0, 5), slice(5, 10))
    ]
    back = from_targets(halves, 10.0, 3)
    order = np.argsort(truth.sample, kind="stable")
    np.testing.assert_array_equal(back.sample, truth.sample[order])
    np.testing.assert_array_equal(back.channel, truth.channel[order])
    np.testing.assert_allclose(back.position, truth.position[order], rtol=1e-5)
    assert back.samples == 10


def test_no_points_give_one_place_of_padding():
    none = to_target(Points(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 2)), 3), 1.0)
    assert tuple(none.position.shape) == (3, 1, 2)
    assert not none.mask.any()
    assert none.channel is None


def test_points_read_from_maps_have_the_channel_of_their_map():
    position = torch.arange(12.0).view(1, 6, 2)
    p = torch.tensor([0.9, 0.1, 0.8, 0.7, 0.2, 0.3]).view(1, 6, 1)
    found = from_predictions([PointPrediction(position, p)] * 2, 0.25, 2.0, 3)
    assert found.channel.tolist() == [0, 1, 1, 2] * 2
    assert found.sample.tolist() == [0] * 4 + [1] * 4
    assert found.position[:4, 0].tolist() == [0, 8, 12, 20]
