"""Crops in training and in evaluation: labels follow pixels, draws repeat, positions go back."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tasks.data.photographs.keypoint_photographs import KeypointPhotographs, read_part
from tasks.splits.photograph_split import Changes, PhotographSplit, photograph_splits

POINTS = np.array([[40.3, 30.2], [80.6, 52.4], [60.1, 70.9]])


@pytest.fixture
def split(tmp_path: Path) -> PhotographSplit:
    """Photographs with one spot of each colour where the three keypoints are."""
    rows, columns = np.indices((100, 120)) + 0.5
    image = np.stack(
        [220 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 12) for x, y in POINTS], -1
    )
    for k in range(40):
        cv2.imwrite(str(tmp_path / f"{k}.png"), image[..., ::-1])
    known = KeypointPhotographs(
        path=np.array([f"{k}.png" for k in range(40)]),
        image=np.arange(40) // 2,
        centre=np.tile([60.0, 50.0], (40, 1)),
        height=np.full(40, 90.0),
        position=np.tile(POINTS, (40, 1, 1)),
        labelled=np.tile([True, True, True], (40, 1)),
        scale=np.full(40, 30.0),
        group=np.arange(40) % 3,
        dropped={"crowd": 2},
    )
    return PhotographSplit(tmp_path, known, (96, 80), Changes(((0, 1),)), training=True)


def spots(images: np.ndarray) -> np.ndarray:
    """``(batch, colour, 2)`` (y, x) cells of each colour's middle."""
    rows, columns = np.indices(images.shape[2:]) + 0.5
    light = images.astype(float) ** 2
    whole = light.sum((2, 3))
    return np.stack([(light * axis).sum((2, 3)) / whole for axis in (rows, columns)], -1) / 4


def test_labels_are_where_the_pixels_say(split: PhotographSplit) -> None:
    images, target = split.batch(np.arange(3))
    assert images.shape == (3, 3, 96, 80)
    assert target.grid == (24, 20)
    np.testing.assert_allclose(spots(images.numpy()), target.position.numpy(), atol=0.05)


def test_they_are_so_after_zooming_turning_and_flipping(split: PhotographSplit) -> None:
    images, target = split.batch(np.arange(40), np.random.default_rng(0))
    seen, told, mask = spots(images.numpy()), target.position.numpy(), target.mask.numpy()
    swapped = np.abs(seen[:, [1, 0, 2]] - told).max((1, 2)) < 0.3  # left and right change places
    plain = np.abs(seen - told).max((1, 2)) < 0.3
    inside = mask.all(1)
    assert (plain | swapped)[inside].all()
    assert 0.2 < swapped[inside].mean() < 0.8
    assert inside.mean() > 0.5


def test_draws_repeat(split: PhotographSplit) -> None:
    first, again, other = (
        split.batch(np.arange(4), np.random.default_rng(seed))[0].numpy() for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_points_beyond_the_crop_teach_nothing_but_count_in_the_test(split: PhotographSplit) -> None:
    known = split.photographs
    far = KeypointPhotographs(**{**vars(known), "centre": known.centre + np.array([45.0, 0.0])})
    for training in (True, False):
        moved = PhotographSplit(split.root, far, split.shape, split.changes, training)
        assert moved.batch(np.arange(1))[1].mask.tolist() == [[not training, True, not training]]


def test_positions_go_back_to_photographs_and_scales_to_cells(split: PhotographSplit) -> None:
    _, target = split.batch(np.arange(40))
    back = split.in_photographs(target.position.double().numpy())
    np.testing.assert_allclose(back, split.photographs.position, atol=1e-4)
    apart = np.linalg.norm(np.diff(target.position.double().numpy(), axis=1), axis=-1)
    pixels = np.linalg.norm(np.diff(split.photographs.position, axis=1), axis=-1)
    np.testing.assert_allclose(
        apart / split.scale[:, None], pixels / split.photographs.scale[:, None], rtol=1e-5
    )


def test_what_validates_shares_no_photograph_with_training(split: PhotographSplit) -> None:
    made = [photograph_splits(split, split, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    images = [[set(part.photographs.image) for part in (one.train, one.validation)] for one in made]
    for train, validation in images:
        assert not train & validation
        assert len(train | validation) == 20
    assert images[0] == images[1]
    assert images[0] != images[2]
    assert made[0].train.training
    assert not made[0].validation.training


def test_kept_rows_are_read_again(split: PhotographSplit, tmp_path: Path) -> None:
    split.photographs.write(tmp_path, "train")
    again = read_part(tmp_path, "train")
    assert again.dropped == {"crowd": 2}
    np.testing.assert_array_equal(again.path, split.photographs.path)
    np.testing.assert_array_equal(again.position, split.photographs.position)
    assert len(again.rows(again.group == 1)) == 13
