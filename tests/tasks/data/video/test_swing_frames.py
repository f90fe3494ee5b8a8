"""Rendered frames: known strokes, reproducible clips, motion that can be seen."""

import numpy as np
import pytest

from tasks.data.video.swing_frames import FRAMES, SIDE, _compiled, render_clips


@pytest.fixture(scope="module")
def clips():
    return render_clips(np.random.default_rng(3), 30)


def test_a_stroke_covers_its_pixels():
    light = np.zeros((1, SIDE, SIDE), np.float32)
    ends = np.array([[2.5, 5.5]], np.float32), np.array([[8.5, 5.5]], np.float32)
    _compiled()(light, *ends, np.array([1.0], np.float32), np.array([0.5], np.float32))
    np.testing.assert_allclose(light[0, 5, 2:9], 0.5)
    np.testing.assert_allclose(light[0, [4, 6], 5], 0.25)  # half of them is covered
    assert light[0, :, 12:].sum() == 0


def test_a_thin_stroke_covers_a_part_of_its_pixels():
    light = np.zeros((1, SIDE, SIDE), np.float32)
    ends = np.array([[2.5, 5.5]], np.float32), np.array([[8.5, 5.5]], np.float32)
    _compiled()(light, *ends, np.array([0.25], np.float32), np.array([1.0], np.float32))
    np.testing.assert_allclose(light[0, 5, 4], 0.5)


def test_shapes_and_one_frame_for_each_event(clips):
    frames, events = clips
    assert frames.shape == (30, FRAMES, SIDE, SIDE)
    assert frames.dtype == np.uint8
    assert (np.diff(events, axis=1) > 0).all()
    assert events.min() >= 0
    assert events.max() < FRAMES


def test_the_same_draws_give_the_same_clips(clips):
    again = render_clips(np.random.default_rng(3), 30)
    np.testing.assert_array_equal(clips[0], again[0])
    assert not np.array_equal(clips[0], render_clips(np.random.default_rng(4), 30)[0])


def test_the_downswing_moves_more_than_the_address(clips):
    frames, events = clips
    moved = np.abs(np.diff(frames.astype(float), axis=1)).mean((2, 3))
    rows = np.arange(len(events))
    still = np.mean([moved[rows, events[:, 0] + k] for k in (-2, -1, 0)])
    fast = np.mean([moved[rows, events[:, 5] + k] for k in (-3, -2, -1)])
    assert fast > 1.05 * still
