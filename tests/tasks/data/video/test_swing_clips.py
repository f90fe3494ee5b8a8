"""Clips on disk: what is written comes back, and what is left out is counted."""

import numpy as np

from tasks.data.video.swing_clips import Clip, read_clips, swing_length, write_clips


def clip(length, group, fold=0):
    frames = np.full((length, 4, 4), length, np.uint8)
    return Clip(frames, np.arange(8) + group, group, fold)


def test_clips_come_back_as_they_were_written(tmp_path):
    write_clips(tmp_path, [clip(10, 0), clip(12, 1, 2), clip(9, 1, 2)], (4, 4), 40)
    clips = read_clips(tmp_path)
    assert len(clips) == 3
    assert clips.length.tolist() == [10, 12, 9]
    assert clips.group.tolist() == [0, 1, 1]
    assert clips.fold.tolist() == [0, 2, 2]
    assert clips.left_out == {}
    for n, (start, length) in enumerate(zip(clips.start, clips.length, strict=False)):
        assert (clips.frames[start : start + length] == length).all()
        assert clips.events[n].tolist() == list(np.arange(8) + clips.group[n])


def test_what_is_left_out_is_counted_by_reason(tmp_path):
    write_clips(tmp_path, ["no file", clip(10, 0), "cut off", "no file"], (4, 4), 10)
    clips = read_clips(tmp_path)
    assert len(clips) == 1
    assert clips.left_out == {"cut off": 1, "no file": 2}


def test_a_swing_lasts_from_address_to_impact():
    assert swing_length(np.array([[5, 9, 12, 20, 24, 27, 29, 50]])).tolist() == [22]
