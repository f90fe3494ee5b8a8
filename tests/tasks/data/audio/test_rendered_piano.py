"""Rendered recordings: pure functions of world and place, audible, labelled where they sound."""

import numpy as np

from tasks.data.audio.rendered_piano import render_all


def test_recordings_depend_on_world_and_place_alone():
    first, again = list(render_all(3, 2, 1, 3.0)), list(render_all(3, 1, 1, 3.0))
    np.testing.assert_array_equal(first[0].audio, again[0].audio)
    np.testing.assert_array_equal(first[2].audio, again[1].audio)
    other = next(render_all(4, 1, 0, 3.0))
    assert not np.array_equal(first[0].audio, other.audio)
    assert [recording.part for recording in first] == ["train", "train", "test"]


def test_recordings_sound_where_they_are_labelled():
    for recording in render_all(0, 3, 3, 4.5):
        assert np.isfinite(recording.audio).all()
        assert 0.005 < np.abs(recording.audio).max() < 2
        assert ((recording.times >= 0) & (recording.times < 4.5)).all()
        assert ((recording.keys >= 21) & (recording.keys <= 108)).all()


def test_parts_share_no_music():
    recordings = list(render_all(1, 8, 8, 1.5))
    parts = [{r.piece for r in recordings if r.part == part} for part in ("train", "test")]
    assert not parts[0] & parts[1]
