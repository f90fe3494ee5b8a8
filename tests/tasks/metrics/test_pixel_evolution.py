"""Differential evolution on classifiers whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.pixel_evolution import altered, evolved

BLACK = np.zeros((1, 6, 6), np.uint8)


def brightness(needed: float, row: int, column: int):
    """Class 1 where one pixel is brighter than ``needed``, otherwise 0."""

    def logits(images: torch.Tensor) -> torch.Tensor:
        found = 8 * (images[:, 0, row, column] - needed)
        return torch.stack([-found, found], -1)

    return logits


@pytest.mark.parametrize("pixels", [1, 3])
def test_the_pixel_that_matters_is_found(pixels: int) -> None:
    draw = np.random.default_rng(0)
    found = evolved(brightness(0.6, 4, 2), BLACK, 0, pixels, draw, population=60, generations=40)
    assert found[0, 4, 2] > 0.6 * 255
    assert (found != BLACK).any(0).sum() <= pixels


def test_where_nothing_helps_the_search_still_alters_no_more_than_allowed() -> None:
    def stubborn(images: torch.Tensor) -> torch.Tensor:
        return torch.tensor([5.0, 0.0]).expand(len(images), 2)

    found = evolved(stubborn, BLACK, 0, 2, np.random.default_rng(1), 20, 5)
    assert found.dtype == np.uint8
    assert (found != BLACK).any(0).sum() <= 2


def test_the_same_draws_find_the_same() -> None:
    first, again = (
        evolved(brightness(0.9, 1, 1), BLACK, 0, 1, np.random.default_rng(3), 30, 10)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)


def test_changes_go_to_the_pixel_that_holds_their_place() -> None:
    image = np.zeros((3, 4, 4), np.uint8)
    changes = np.array([[[1.9, 2.0, 10.4, 20.6, 255.0], [0.0, 3.99, 1.0, 2.0, 3.0]]])
    [made] = altered(image, changes)
    assert made[:, 1, 2].tolist() == [10, 21, 255]
    assert made[:, 0, 3].tolist() == [1, 2, 3]
    assert (made != 0).any(0).sum() == 2
