"""Sources of clips: the key follows what determines them, worlds are drawn anew."""

import numpy as np

from tasks.data.video.swing_clips import read_clips
from tasks.data.video.swing_corpora import OriginalSwings, RenderedSwings


def test_the_key_says_how_many_clips_there_are():
    assert RenderedSwings(40).key() != RenderedSwings(41).key()
    assert RenderedSwings(40).key() == RenderedSwings(40).key()


def test_each_world_has_clips_of_its_own(tmp_path):
    found = []
    for world in (0, 1):
        (tmp_path / str(world)).mkdir()
        RenderedSwings(12).write(tmp_path / str(world), world)
        found.append(read_clips(tmp_path / str(world)))
    assert [len(clips) for clips in found] == [12, 12]
    assert not (found[0].events[:, None] == found[1].events[None]).all(-1).any()
    assert not np.array_equal(found[0].frames, found[1].frames)


def test_originals_are_grey_and_small_or_in_colour(tmp_path):
    assert OriginalSwings(tmp_path).shape == (20, 20)
    assert OriginalSwings(tmp_path, side=160, colour=True).shape == (3, 160, 160)
    assert OriginalSwings(tmp_path).name == "GolfDB"
    assert OriginalSwings(tmp_path, partial=True).name == "GolfDB, partial"
