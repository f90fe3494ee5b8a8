"""Original data sets of keypoints: constants of each, and what their identity follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.splits.original_keypoints import SOURCES

KEYPOINTS = {"coco": 17, "mtfl": 5, "human36m": 17}


@pytest.mark.parametrize("corpus", SOURCES)
def test_crops_fill_whole_cells_and_are_four_times_larger_as_published(
    corpus: str, tmp_path: Path
) -> None:
    small, large = (SOURCES[corpus](tmp_path, False, large) for large in (False, True))
    assert len(small.falloff) == KEYPOINTS[corpus]
    assert (small.falloff > 0).all()
    shapes = np.array([small.shape, large.shape])  # type: ignore[attr-defined]
    assert (shapes % 4 == 0).all()
    np.testing.assert_array_equal(shapes[1], 4 * shapes[0])
    assert large.depth in (1, 4 * small.depth)


@pytest.mark.parametrize("corpus", SOURCES)
def test_an_empty_folder_is_refused(corpus: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        SOURCES[corpus](tmp_path, True, False).check()
    assert len(raised.value.problems) >= 2
