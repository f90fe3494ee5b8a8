"""Digits are split before canvases are composed; the curve and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.plugin import UsageError
from tasks.data.images.digit_canvases import LAYOUTS
from tasks.data.images.handwritten_digits import Digits
from tasks.metrics.point_lists import Points
from tasks.splits.digit_split import (
    Amount,
    compose_splits,
    digits_on_curve,
    events_on_curve,
    split_digits,
)


def bright(n: int, tested: int = 0) -> Digits:
    """Digits of one brightness each: digit k has value k + 1 everywhere."""
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 4:24, 4:24] = np.arange(1, n + 1)[:, None, None]
    return Digits(images, np.arange(n) % 10, tested)


def test_five_replicates_test_every_digit_once_and_five_more_otherwise() -> None:
    digits = bright(200)
    tested = [split_digits(digits, replicate)[2] for replicate in range(10)]
    for five in (tested[:5], tested[5:]):
        assert sorted(np.concatenate(five)) == list(range(200))
    assert set(tested[0]) != set(tested[5])
    np.testing.assert_array_equal(tested[0], split_digits(digits, 0)[2])


@pytest.mark.parametrize("tested", [0, 50])
@pytest.mark.parametrize("replicate", [0, 3, 7])
def test_no_digit_is_in_two_parts(tested: int, replicate: int) -> None:
    parts = split_digits(bright(200, tested), replicate)
    assert sorted(np.concatenate(parts)) == list(range(200))
    if tested:
        assert sorted(parts[2]) == list(range(150, 200))
        assert len(parts[1]) == 15


def test_a_published_test_set_leaves_validation_to_replicates() -> None:
    digits = bright(200, 50)
    first, second = (set(split_digits(digits, replicate)[1]) for replicate in (0, 1))
    assert first != second
    assert max(first | second) < 150


@pytest.mark.parametrize("tested", [0, 50])
def test_canvases_hold_digits_of_their_own_part_alone(tested: int) -> None:
    """Trap: digits of the test drawn into training canvases."""
    digits = bright(200, tested)
    draws = [np.random.default_rng(part) for part in range(3)]
    made = compose_splits(digits, 1, LAYOUTS["small"], Amount(None, 300, 60), draws)
    parts = [made.train, made.validation, made.test]
    for part, own in zip(parts, split_digits(digits, 1), strict=True):
        seen = set(part.inputs.unique().tolist()) - {0}
        assert seen <= set(own + 1)
        assert len(seen) > 0.8 * len(own)


def test_each_digit_of_validation_and_test_lies_alone_once() -> None:
    digits = bright(200)
    draws = [np.random.default_rng(part) for part in range(3)]
    made = compose_splits(digits, 0, LAYOUTS["small"], Amount(None, 30, 60), draws)
    assert [len(part) for part in (made.train, made.validation, made.test)] == [30, 46, 100]
    single = made.test.of_single_digits()
    assert sorted(single.inputs.amax((1, 2, 3)).tolist()) == sorted(
        split_digits(digits, 0)[2].astype(np.uint8) + 1
    )
    np.testing.assert_array_equal(single.target.counts.argmax(1), made.test.labels)
    assert (single.target.counts.sum(1) == 1).all()
    scenes = made.test.of_scenes()
    assert len(scenes) == scenes.truth.samples == 60
    assert len(scenes.truth) == scenes.target.events.sum()
    canvas, target = made.test.batch(np.arange(60))
    assert torch.equal(canvas, scenes.batch(np.arange(60))[0])
    assert canvas.dtype == torch.float32
    assert float(canvas.max()) == pytest.approx(int(scenes.inputs.max()) / 255)
    assert target.step == 8.0


def test_counts_hide_where_digits_are() -> None:
    draws = [np.random.default_rng(part) for part in range(3)]
    made = compose_splits(bright(200), 0, LAYOUTS["small"], Amount(None, 30, 10), draws)
    rows = np.arange(30)
    located, counted = (s.batch(rows)[1] for s in (made.train, made.train.with_counts()))
    assert counted.events is None
    assert torch.equal(counted.counts, located.counts)


def test_a_detection_in_the_cell_of_a_digit_is_near_its_centre() -> None:
    draw = np.random.default_rng(0)
    position = draw.uniform(0, 64, (50, 2))
    digits = Points(np.arange(50), draw.integers(0, 10, 50), position, 50, 10)
    events = events_on_curve(digits, 3)
    assert events.shape == (50, 10, 64)
    found = digits_on_curve(events.numpy(), 0.5, 3)
    np.testing.assert_array_equal(found.channel, digits.channel)
    assert np.abs(found.position - position).max() <= 4.0
    assert digits_on_curve(events.numpy(), 0.5, 3).samples == 50


def test_two_digits_of_a_class_in_one_cell_are_two() -> None:
    """Trap: repeated indices count once."""
    place = np.array([[20.0, 21.0], [22.0, 18.0]])
    events = events_on_curve(Points(np.zeros(2, int), np.ones(2, int), place, 1, 10), 3)
    assert events.max() == events.sum() == 2


def test_too_few_digits_are_refused() -> None:
    with pytest.raises(UsageError, match="4 digits are too few for three parts"):
        split_digits(bright(4), 0)
