"""Times to bins and back, against rational arithmetic and histograms."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bench.plugin import EventTarget, bin_of_time, time_of_bin


@given(st.integers(-1000, 1000), st.integers(0, 999), st.sampled_from(["0.1", "0.01", "0.7"]))
def test_a_time_lies_in_the_bin_that_exact_arithmetic_gives(whole: int, part: int, step: str):
    exact = (Fraction(whole) + Fraction(part, 1000)) * Fraction(step)
    assert bin_of_time(float(exact), float(step)) == whole


@given(st.integers(-500, 500), st.floats(1e-3, 10), st.floats(-5, 5))
def test_the_centre_of_a_bin_lies_in_it(index: int, step: float, origin: float) -> None:
    assert bin_of_time(time_of_bin(index, step, origin), step, origin) == index


def test_centres_are_half_a_step_from_the_edges_for_numbers_and_arrays() -> None:
    assert time_of_bin(0, 0.5) == 0.25
    assert time_of_bin(3, 0.5, origin=1.0) == 2.75
    assert time_of_bin(np.arange(2), 2.0).tolist() == [1.0, 3.0]
    assert time_of_bin(torch.arange(2), 2.0).tolist() == [1.0, 3.0]


def test_targets_count_events_like_a_histogram() -> None:
    draw = np.random.default_rng(0)
    times = [[draw.uniform(0, 3, size) for size in sizes] for sizes in ([40, 0], [7, 90])]
    target = EventTarget.from_times(times, step=0.05, bins=60)
    assert target.events is not None
    assert target.events.shape == (2, 2, 60)
    for row in range(2):
        for channel in range(2):
            expected, _ = np.histogram(times[row][channel], bins=60, range=(0, 3))
            np.testing.assert_array_equal(target.events[row, channel].numpy(), expected)
    assert target.counts.tolist() == [[40, 0], [7, 90]]


def test_reading_times_back_is_right_to_half_a_bin() -> None:
    times = [[[0.123, 0.5, 0.51], [0.999]], [[], [0.0]]]
    target = EventTarget.from_times(times, 0.02, 50)
    for given_sample, read_sample in zip(times, target.times(), strict=True):
        for written, read in zip(given_sample, read_sample, strict=True):
            assert read == pytest.approx(written, abs=0.01 + 1e-9)


def test_bins_may_be_centred_at_multiples_of_the_step() -> None:
    """As the frames of a spectrogram that is padded by half a window."""
    target = EventTarget.from_times([[[0.0, 0.024, 0.026]]], 0.01, 4, origin=-0.005)
    assert target.events.tolist() == [[[1.0, 0.0, 1.0, 1.0]]]
    assert target.times(origin=-0.005)[0][0] == pytest.approx([0.0, 0.02, 0.03])


def test_several_events_share_a_bin_and_padding_has_none() -> None:
    mask = torch.tensor([[True, True, False]])
    target = EventTarget.from_times([[[0.1, 0.2, 1.5, 2.5]]], 1.0, 3, mask=mask)
    assert target.events.tolist() == [[[2.0, 1.0, 1.0]]]
    assert target.times() == [[[0.5, 0.5, 1.5]]]


@pytest.mark.parametrize("time", [-0.001, 1.0, 500.0, math.inf])
def test_times_outside_of_the_bins_are_told_or_dropped(time: float) -> None:
    message = r"of sample 1, channel 0 lies outside of the 10 bins, which cover \[0, 1\): is it in"
    with pytest.raises(ValueError, match=message):
        EventTarget.from_times([[[]], [[0.5, time]]], 0.1, 10)
    kept = EventTarget.from_times([[[]], [[0.5, time]]], 0.1, 10, outside="drop")
    assert kept.counts.tolist() == [[0], [1]]


def test_nan_is_no_time() -> None:
    with pytest.raises(ValueError, match="time nan of sample 0, channel 0 is no number"):
        EventTarget.from_times([[[math.nan]]], 0.1, 10, outside="drop")


def test_samples_have_the_same_channels() -> None:
    with pytest.raises(ValueError, match="times of sample 1 have 1 channels, 2 are due"):
        EventTarget.from_times([[[], []], [[]]], 0.1, 10)
    with pytest.raises(ValueError, match="times of sample 0 have 2 channels, 3 are due"):
        EventTarget.from_times([[[], []]], 0.1, 10, channels=3)
    assert EventTarget.from_times([], 0.1, 10, channels=3).counts.shape == (0, 3)
