"""Pieces on disk: a stroke is where it sounds, and none is lost."""

import numpy as np
import pytest

from tasks.data.audio.drum_pieces import grid_of, read_pieces, write_pieces
from tasks.data.audio.rendered_drums import Recording
from tasks.splits.drum_split import DrumSplit

RATE = 22_050


def recording(times, seconds=3.0, name="", notes=None):
    audio = np.zeros(round(seconds * RATE), np.float32)
    for time in times:
        audio[round(time * RATE)] = 0.9
    channels = np.zeros(len(times), np.int64)
    return Recording(audio, RATE, np.array(times), channels, "clicks", name, notes or {})


@pytest.mark.parametrize("architecture", ["compact", "thesis"])
def test_a_click_its_feature_its_label_and_its_decoded_time_agree(tmp_path, architecture):
    grid = grid_of(architecture, 1)
    write_pieces(tmp_path, [recording([1.0])], grid)
    pieces = read_pieces(tmp_path, grid)
    split = DrumSplit(pieces, np.arange(2), pieces.event_time)
    brightest = int(pieces.features[0][0].astype(float).sum(-1).argmax())
    assert abs(brightest * grid.hop - 1.0) <= grid.hop
    label = int(split.labels(0)[0, 0].argmax())
    assert abs(label * grid.hop - 1.0) <= grid.hop
    np.testing.assert_array_equal(split.truth.time, [1.0])


def test_strokes_outside_of_their_recording_are_refused(tmp_path):
    grid = grid_of("compact", 1)
    for time in (-1e-5, 3.1):
        wrong = recording([0.5])
        wrong.times[0] = time
        with pytest.raises(ValueError, match=f"strokes of recording 0 lie from {time}"):
            write_pieces(tmp_path, [wrong], grid)


def test_all_strokes_are_kept_and_what_a_reader_said(tmp_path):
    grid = grid_of("compact", 1)
    notes = {"toms": 2}
    both = [
        recording([0.0, 1.5, 2.99], name="a", notes=notes),
        recording([0.1], name="b", notes=notes),
    ]
    write_pieces(tmp_path, both, grid, ["a warning"])
    pieces = read_pieces(tmp_path, grid)
    np.testing.assert_array_equal(pieces.event_time, [0.0, 1.5, 2.99, 0.1])
    assert pieces.reading == {
        "names": ["a", "b"],
        "strokes": {"toms": 4},
        "warnings": ["a warning"],
    }


def test_rendered_recordings_have_nothing_to_say(tmp_path):
    grid = grid_of("compact", 1)
    write_pieces(tmp_path, [recording([0.5])], grid)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["features-0.npy", "pieces.npz"]
    assert read_pieces(tmp_path, grid).reading == {}
