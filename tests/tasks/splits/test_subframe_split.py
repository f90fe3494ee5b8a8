"""Every δ-th frame: which are kept, how gaps are filled, where labels lie."""

import numpy as np
import pytest
import torch

from bench.plugin import EventTarget, PointTarget
from tasks.data.video.swing_clips import SwingClips
from tasks.splits.subframe_split import SubframeSplit, blended

EVENTS = np.array([[0, 3, 5, 9, 14, 15, 16, 19], [1, 2, 3, 4, 5, 6, 7, 22]])
LENGTHS = np.array([20, 23])


def split(**options):
    number = np.concatenate([np.arange(n) for n in LENGTHS]).astype(np.uint8) * 10
    frames = np.broadcast_to(number[:, None, None], (43, 2, 2))
    start = np.concatenate([[0], np.cumsum(LENGTHS)])
    clips = SwingClips(frames, start, EVENTS, np.arange(2), np.zeros(2, np.int64), {})
    return SubframeSplit(clips, np.arange(2), EVENTS, 64, **options)


def shown(inputs):
    return (inputs[..., 0, 0] + 0.5) * 25.5


def test_every_delta_th_frame_is_kept_from_the_first_on():
    inputs, target = split(decimation=4).batch(np.array([0]))
    torch.testing.assert_close(shown(inputs), torch.tensor([[0.0, 4, 8, 12, 16]]))
    assert isinstance(target, PointTarget)
    assert target.position[0, :, 0].tolist() == (EVENTS[0] + 0.5).tolist()
    assert target.channel[0].tolist() == list(range(8))
    assert target.mask.all()


@pytest.mark.parametrize("upsampling", ["naive", "interpolation", "prediction"])
def test_labels_of_events_lie_on_the_frames_of_the_whole_clip(upsampling):
    part = split(decimation=4, upsampling=upsampling, head="events")
    inputs, target = part.batch(np.arange(2))
    assert isinstance(target, EventTarget)
    assert target.events.shape == (2, 8, 24)
    assert inputs.shape[1] == (6 if upsampling == "prediction" else 24)
    assert target.mask.sum(1).tolist() == LENGTHS.tolist()
    assert target.events.argmax(-1).tolist() == EVENTS.tolist()


def test_naive_upsampling_repeats_frames():
    part = split(decimation=4, upsampling="naive", head="events")
    frames = shown(part.batch(np.array([0]))[0])[0]
    torch.testing.assert_close(frames, torch.arange(0.0, 20, 4).repeat_interleave(4))


def test_interpolation_blends_neighbours_and_repeats_the_last():
    part = split(decimation=4, upsampling="interpolation", head="events")
    frames = shown(part.batch(np.array([0]))[0])[0]
    torch.testing.assert_close(frames, torch.arange(20.0).clamp(max=16))


def test_with_all_frames_the_ways_to_fill_gaps_are_one():
    inputs = [
        split(upsampling=upsampling, head="events").batch(np.arange(2))[0]
        for upsampling in ("naive", "interpolation", "prediction")
    ]
    assert torch.equal(inputs[0], inputs[1])
    assert torch.equal(inputs[0], inputs[2])
    kept = torch.rand(2, 3, 2, 2)
    torch.testing.assert_close(blended(kept, 1), kept)


def test_two_events_in_one_gap_are_both_labelled():
    part = split(decimation=16)
    _, target = part.batch(np.array([0]))
    assert ((target.position[0, :, 0] // 16) == 0).sum() == 6
    assert target.mask.sum() == 8
