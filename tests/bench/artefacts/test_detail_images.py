"""Pictures of a figure's panels: read from the first replicate that finished, and checked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from bench.artefacts.detail_images import images, read_images
from bench.plugin import UsageError

TRIALS: Any = [SimpleNamespace(trial_id=name) for name in "ab"]


class Kept:
    """Trials that keep these details, whoever asks."""

    def __init__(self, **details: Any) -> None:
        self.details = details

    def record(self, trial_id: str) -> Any:
        return self


def outcomes(*fates: str) -> pd.DataFrame:
    rows = [("ab"[n], fate, n, "digits") for n, fate in enumerate(fates)]
    return pd.DataFrame(rows, columns=["trial_id", "fate", "replicate", "data_name"])


def test_pictures_and_a_row_for_each_of_their_rows() -> None:
    source: Any = Kept(gallery={"7 → 1": [[0, 255], [3, 4]], "red": [[[9, 0, 1]]]})
    gallery, frame = images("one", TRIALS, outcomes("failed", "finished"), source, "gallery")
    assert gallery.words == "digits, replicate 1"
    assert {name: image.tolist() for name, image in gallery.images.items()} == {
        "7 → 1": [[0, 255], [3, 4]],
        "red": [[[9, 0, 1]]],
    }
    assert frame["pixels"].tolist() == ["0 255", "3 4", "9 0 1"]
    assert frame["row"].tolist() == [0, 1, 0]
    assert set(frame["trial"]) == {"b"}


def test_without_a_finished_trial_there_are_words(tmp_path: Path) -> None:
    source: Any = Kept()
    gallery, frame = images("one", TRIALS, outcomes("failed", "failed"), source, "gallery")
    assert not gallery.images
    assert "failed" in gallery.words
    assert frame.empty


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"galery": {}}, "keeps no 'gallery'.*galery"),
        ({"gallery": [1]}, "'gallery' is not"),
        ({"gallery": {"a": [[1.5]]}}, "not whole numbers, but float64"),
        ({"gallery": {"a": [[1, 256]]}}, "values from 1 to 256"),
        ({"gallery": {"a": [1, 2]}}, r"of shape \(2,\)"),
        ({"gallery": {"a": [[[1, 2]]]}}, r"of shape \(1, 1, 2\)"),
        ({"gallery": {"a": [[1], [1, 2]]}}, "'gallery' is not"),
    ],
)
def test_what_is_no_picture(details: dict[str, Any], message: str) -> None:
    source: Any = Kept(**details)
    with pytest.raises(UsageError, match=message):
        read_images("t", source, "gallery")
