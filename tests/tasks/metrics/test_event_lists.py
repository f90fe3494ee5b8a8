"""Lists of events from scores, from labels, and back onto a grid."""

import numpy as np

from tasks.metrics.event_lists import Events

TIMES = (np.arange(4) + 0.5) * 0.1


def test_bins_that_reach_the_threshold_are_detections():
    scores = np.array([[[0.1, 0.5, 0.7, 0.2]], [[0.0, 0.0, 0.0, 0.9]]], np.float32)
    found = Events.above(scores, 0.5, TIMES)
    assert found.sample.tolist() == [0, 0, 1]
    np.testing.assert_allclose(found.time, [0.15, 0.25, 0.35])
    assert (found.samples, found.channels) == (2, 1)


def test_a_bin_of_two_events_gives_two():
    labels = np.zeros((1, 2, 4), np.float32)
    labels[0, 1, 2] = 2
    truth = Events.counted(labels, TIMES)
    assert truth.channel.tolist() == [1, 1]
    np.testing.assert_allclose(truth.time, [0.25, 0.25])
    np.testing.assert_array_equal(truth.on_grid(0.1, 4), labels)


def test_a_bin_holds_the_times_from_its_beginning_to_the_next():
    times = np.array([0.0, 0.099, 0.101, 0.399, 0.4, -0.01])  # the last two lie outside
    zero = np.zeros(6, int)
    grid = Events(zero, zero, times, 1).on_grid(0.1, 4)
    assert grid.tolist() == [[[3, 1, 0, 2]]]


def test_numbers_per_sample_and_channel():
    events = Events(np.array([0, 2, 2]), np.array([1, 0, 0]), np.zeros(3), 3, 2)
    assert events.per_sample().tolist() == [[0, 1], [0, 0], [2, 0]]
    chosen = events.per_sample(np.array([True, False, True]))
    assert chosen.tolist() == [[0, 1], [0, 0], [1, 0]]
