"""Parts of the golf data: windows, padding, labels that leave their clip, groups."""

import numpy as np
import pytest
import torch

from bench.plugin import UsageError
from tasks.data.video.swing_clips import SwingClips
from tasks.splits.swing_split import SwingSplit, on_frames, swing_parts, swing_splits

LENGTHS = np.array([30, 50, 20])


@pytest.fixture
def clips():
    """Clips whose frames show their own number."""
    start = np.concatenate([[0], np.cumsum(LENGTHS)])
    number = np.concatenate([np.arange(n) for n in LENGTHS]).astype(np.uint8)
    events = np.stack([np.arange(2, 18, 2)] * 3)
    group, fold = np.arange(3), np.zeros(3, np.int64)
    return SwingClips(
        np.broadcast_to(number[:, None, None], (100, 2, 2)), start, events, group, fold, {}
    )


def split(clips, window=25):
    return SwingSplit(clips, np.arange(3), clips.events, window)


def shown(inputs):
    return ((inputs[..., 0, 0] + 0.5) * 255).round().long()


def test_whole_clips_are_padded_behind_their_end(clips):
    inputs, target = split(clips).batch(np.arange(3))
    assert inputs.shape == (3, 50, 2, 2)
    assert target.mask.sum(1).tolist() == LENGTHS.tolist()
    assert target.counts.tolist() == [[1] * 8] * 3
    assert shown(inputs)[1].tolist() == list(range(50))


def test_clips_of_one_length_need_no_mask(clips):
    inputs, target = split(clips).batch(np.array([1, 1]))
    assert target.mask is None
    assert inputs.shape[:2] == (2, 50)


def test_windows_lie_within_the_clip_and_labels_follow_them(clips):
    seen = set()
    for seed in range(30):
        inputs, target = split(clips).batch(np.arange(3), np.random.default_rng(seed))
        assert inputs.shape[1] == 25
        frames = shown(inputs)
        for row in range(3):
            size = min(LENGTHS[row], 25)
            assert frames[row, :size].diff().eq(1).all()  # no leap back to the first frame
            _, channel, place = np.nonzero(target.events[row : row + 1].numpy())
            assert frames[row, place].tolist() == [2 + 2 * k for k in channel]
            kept = [2 * k + 2 for k in range(8) if 2 * k + 2 >= frames[row, 0]]
            assert len(channel) == len([f for f in kept if f < frames[row, 0] + size])
        seen.add(int(frames[1, 0]))
    assert len(seen) > 10
    assert min(seen) >= 0
    assert max(seen) <= 25


def test_labels_outside_of_the_clip_are_lost_and_two_in_a_frame_are_both_kept():
    labels = np.array([[-1, 0, 4, 4, 9, 10, 12, 3]])
    dense = on_frames(labels, np.array([10]), 10)
    assert dense.sum(-1).tolist() == [[0, 1, 1, 1, 1, 0, 0, 1]]
    assert dense[0, :, 4].sum() == 2


def test_lost_labels_are_counted(clips):
    moved = clips.events + np.array([[-5], [0], [15]])
    part = SwingSplit(clips, np.arange(3), moved, 25)
    assert part.lost == 2 + 0 + 6


def test_groups_and_folds_are_not_divided():
    group = np.repeat(np.arange(20), 3)
    fold = group % 4
    clips = SwingClips(
        np.zeros((60, 1, 1), np.uint8),
        np.arange(61),
        np.tile(np.arange(8), (60, 1)),
        group,
        fold,
        {},
    )
    for parts in (None, (0.5, 0.2, 0.3)):
        for replicate in range(5):
            found = swing_parts(clips, replicate, parts)
            assert sorted(np.concatenate(found)) == list(range(60))
            groups = [set(group[part]) for part in found]
            assert not groups[0] & groups[1]
            assert not groups[2] & (groups[0] | groups[1])
        if parts is None:
            assert set(fold[found[2]]) == {0}  # the fifth replicate tests the first fold again


def test_too_few_clips_are_an_error(clips):
    with pytest.raises(UsageError, match="3 clips are too few"):
        swing_parts(clips, 0, (0.98, 0.01, 0.01))


def test_noise_reaches_training_labels_only(clips):
    splits = swing_splits(clips, 0, (0.34, 0.33, 0.33), clips.events + 1, 25)
    assert (splits.train.labels == splits.train.truth + 1).all()
    assert (splits.validation.labels == splits.validation.truth).all()
    assert (splits.test.labels == splits.test.truth).all()
    assert torch.is_tensor(splits.train.batch(np.arange(1))[0])
