"""Methods without training: what they say of themselves, and that they cannot be trained."""

from __future__ import annotations

import pytest

from bench.plugin import create_loss

NAMES = ["opencv_classic", "opencv_classic_11", "opencv_sectors", "chess_corners"]


@pytest.mark.parametrize("name", NAMES)
def test_a_detector_trains_nothing(name: str) -> None:
    method = create_loss(name)
    assert not method.trains
    assert method.heads == {"points"}
    with pytest.raises(NotImplementedError):
        type(method).__call__(method, None, None)
