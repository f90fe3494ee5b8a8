"""Prepared pieces: cut, read back, placed in time."""

import numpy as np
import pytest

from tasks.data.audio.piano_pieces import PIECE, piano_grid, read_piano, write_piano
from tasks.data.audio.rendered_piano import PianoRecording

RATE = 22_050


def click(onset, seconds, piece="a", part="train"):
    audio = np.zeros(round(seconds * RATE), np.float32)
    audio[round(onset * RATE) :][:40] = 1.0
    return PianoRecording(audio, RATE, np.array([onset]), np.array([60]), piece, part)


@pytest.fixture
def pieces(tmp_path):
    grid = piano_grid("compact", 1)
    write_piano(tmp_path, [click(1.0, 3.0), click(3.31, 4.0, "b", "test")], grid)
    return read_piano(tmp_path, grid)


def test_recordings_are_cut_and_filled_up(pieces):
    assert pieces.features.shape == (5, 75, pieces.grid.bands)
    np.testing.assert_array_equal(pieces.recording, [0, 0, 1, 1, 1])
    np.testing.assert_array_equal(pieces.first, [0, 2])
    assert list(pieces.name) == ["a", "b"]
    assert list(pieces.part) == ["train", "test"]


def test_a_click_its_brightest_bin_and_its_label_agree(pieces):
    """Trap 1: within one hop of the click."""
    piece, time = pieces.cut(pieces.event_time)
    np.testing.assert_array_equal(piece, [0, 4])
    np.testing.assert_allclose(time, [1.0, 3.31 - 2 * PIECE])
    for index in range(2):
        brightest = pieces.features[piece[index]].astype(np.float32).sum(1).argmax()
        assert abs((brightest + 0.5) * pieces.grid.hop - time[index]) <= pieces.grid.hop


def test_labels_outside_of_the_recording_are_in_no_piece(pieces):
    np.testing.assert_array_equal(pieces.cut(np.array([-0.01, 4.6]))[0], [-1, -1])
    np.testing.assert_array_equal(pieces.cut(np.array([2.0, 0.1]))[0], [1, 2])


def test_an_onset_outside_of_its_recording_is_an_error(tmp_path):
    late = click(1.0, 1.5)
    late.times[0] = 1.6
    with pytest.raises(ValueError, match="onsets outside"):
        write_piano(tmp_path, [late], piano_grid("compact", 1))


def test_grids():
    compact, thesis = piano_grid("compact", 5), piano_grid("thesis", 7)
    assert compact.bins(1.0) == 75
    assert thesis.bins(1.0) == 300
    assert len(compact.rates) == 5
    assert compact.rates[compact.base] == 1.0
    assert thesis.rates[thesis.base] == 1.0
    assert thesis.kind == "mel"
