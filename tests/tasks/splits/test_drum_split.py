"""Splits by recording: every piece once, none of a recording in two parts, families held out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.splits.drum_split import split_recordings

PARTS = (0.4, 0.1, 0.5)
FAMILIES = np.repeat(["rock", "jazz"], 20)


def corpus(families: np.ndarray = FAMILIES, pieces: int = 3) -> Any:
    """What the split looks at: recording of each piece, family of each recording."""
    return SimpleNamespace(family=families, recording=np.repeat(np.arange(len(families)), pieces))


@pytest.mark.parametrize("held_out", [None, "jazz"])
def test_every_piece_stands_in_one_part_with_its_whole_recording(held_out: str | None) -> None:
    data = corpus()
    parts = split_recordings(data, 0, held_out, PARTS)
    assert sorted(np.concatenate(parts)) == list(range(len(data.recording)))
    recordings = [set(data.recording[part]) for part in parts]
    assert sum(map(len, recordings)) == len(FAMILIES)


def test_a_family_is_held_out_whole() -> None:
    data = corpus()
    train, validation, test = split_recordings(data, 0, "jazz", PARTS)
    assert set(FAMILIES[data.recording[test]]) == {"jazz"}
    assert set(FAMILIES[data.recording[[*train, *validation]]]) == {"rock"}


def test_replicates_differ_and_repeat() -> None:
    first, again, second = (
        split_recordings(corpus(), number, None, PARTS)[0] for number in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(second)


def test_too_few_recordings_are_refused() -> None:
    with pytest.raises(UsageError, match="2 recordings are too few"):
        split_recordings(corpus(FAMILIES[:2]), 0, None, PARTS)
