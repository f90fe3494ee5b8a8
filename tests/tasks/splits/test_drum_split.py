"""Splits by recording: every piece once, none of a recording in two parts, families held out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.plugin import UsageError
from tasks.splits.drum_split import DrumSplit, split_recordings

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


@pytest.mark.parametrize(("number", "sizes"), [(104, [72, 16, 16]), (64, [44, 10, 10])])
def test_published_splits_round_down(number: int, sizes: list[int]) -> None:
    data = corpus(np.repeat("rock", number), 1)
    parts = split_recordings(data, 0, None, (0.7, 0.15, 0.15), published=True)
    assert [len(part) for part in parts] == sizes


def test_half_of_a_published_family_validates() -> None:
    data = corpus()
    train, validation, test = split_recordings(data, 0, "jazz", PARTS, published=True)
    assert set(FAMILIES[data.recording[train]]) == {"rock"}
    assert set(FAMILIES[data.recording[[*validation, *test]]]) == {"jazz"}
    assert [len(set(data.recording[part])) for part in (train, validation, test)] == [20, 10, 10]
    assert not set(data.recording[validation]) & set(data.recording[test])


def test_two_strokes_in_one_bin_are_two() -> None:
    from tasks.data.audio.drum_pieces import Grid, Pieces

    pieces = Pieces(
        Grid(0.01, 1),
        [np.zeros((1, 150, 1), np.float16)],
        np.zeros(1, int),
        np.array(["rock"]),
        np.zeros(3, int),
        np.array([1, 1, 0]),
        np.array([0.5, 0.503, 0.5]),
    )
    split = DrumSplit(pieces, np.zeros(1, int), pieces.event_time)
    assert split.labels(0)[0, :, 50].tolist() == [1, 2, 0]
    assert split.labels(0).sum() == 3


def test_replicates_differ_and_repeat() -> None:
    first, again, second = (
        split_recordings(corpus(), number, None, PARTS)[0] for number in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(second)


def test_too_few_recordings_are_refused() -> None:
    with pytest.raises(UsageError, match="2 recordings are too few"):
        split_recordings(corpus(FAMILIES[:2]), 0, None, PARTS)
