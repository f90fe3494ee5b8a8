"""Windows and whole frames: images, molecules, and one scale for all."""

from functools import partial

import numpy as np
import pytest

from tasks.bases.point_conversions import to_target
from tasks.data.molecules.simulated_stacks import Stack, simulated_stack
from tasks.splits.molecule_split import (
    FEWEST,
    PIXEL,
    Scale,
    molecule_split,
    molecules,
    stretched,
    whole_frames,
    windows,
)

SIDE = 20
LABELS = partial(to_target, cell=PIXEL)


@pytest.fixture(scope="module")
def stack():
    return simulated_stack(np.random.default_rng(0), 6)


@pytest.fixture(scope="module")
def split(stack):
    corner = windows(stack, np.random.default_rng(1), 30, SIDE)
    return molecule_split(stack, corner, SIDE, None, LABELS)


def test_windows_lie_within_frames_and_hold_molecules(stack, split):
    assert (split.corner[:, 1:] >= 0).all()
    assert (split.corner[:, 1:] <= 64 - SIDE).all()
    assert np.bincount(split.truth.sample, minlength=len(split)).min() >= FEWEST


def test_the_last_window_can_be_drawn(stack):
    corner = windows(stack, np.random.default_rng(0), 400, 60)
    assert set(corner[:, 1]) == {0, 1, 2, 3, 4}


def test_images_and_molecules_are_those_of_the_window(stack, split):
    images = split.images(np.array([3, 11]))
    for image, sample in zip(images, (3, 11), strict=True):
        frame, row, column = split.corner[sample]
        np.testing.assert_array_equal(
            image, stack.frames[frame, row : row + SIDE, column : column + SIDE]
        )
        own = split.truth.position[split.truth.sample == sample] / PIXEL
        assert ((own >= 0) & (own < SIDE)).all()
        there = stack.position[stack.frame == frame] - (row, column)
        inside = there[((there >= 0) & (there < SIDE)).all(1)]
        assert sorted(map(tuple, own.round(9))) == sorted(map(tuple, inside.round(9)))


def test_the_target_holds_the_molecules_in_pixels(split):
    _, target = split.batch(np.array([5]))
    own = split.truth.position[split.truth.sample == 5] / PIXEL
    np.testing.assert_allclose(target.position[0][target.mask[0]].numpy(), own, atol=1e-5)
    assert target.grid == (SIDE, SIDE)


def test_training_images_have_mean_0_and_deviation_1_on_average(split):
    images, _ = split.batch(np.arange(len(split)))
    assert images.shape == (len(split), 1, SIDE, SIDE)
    assert images.mean((1, 2, 3)).mean().item() == pytest.approx(0, abs=1e-4)
    assert images.std((1, 2, 3), correction=0).mean().item() == pytest.approx(1, abs=1e-4)


def test_every_image_is_stretched_by_itself():
    images = np.array([[[100, 300], [200, 100]], [[7, 7], [7, 7]]], np.float32)
    assert stretched(images).tolist() == [[[0, 1], [0.5, 0]], [[0, 0], [0, 0]]]


def test_whole_frames_take_the_scale_of_the_training_data(stack):
    made = whole_frames(stack, Scale(0.25, 0.5), LABELS, ("note",))
    images, target = made.batch(np.arange(6))
    assert images.shape == (6, 1, 64, 64)
    np.testing.assert_allclose(
        images[:, 0].numpy(), (stretched(stack.frames.astype(np.float32)) - 0.25) / 0.5, rtol=1e-5
    )
    assert int(target.mask.sum()) == len(stack.frame) == len(made.truth)
    assert made.notes == ("note",)


def test_frames_without_molecules_have_no_window():
    empty = Stack(np.zeros((1, 64, 64), np.uint16), np.zeros(0, np.int64), np.zeros((0, 2)))
    assert len(molecules(empty, np.zeros((1, 3), np.int64), 64)) == 0
    with pytest.raises(ValueError, match="no window of 20 pixels holds 7 molecules"):
        windows(empty, np.random.default_rng(0), 5, SIDE)
