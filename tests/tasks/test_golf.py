"""The golf task: data, label noise, oracle, chance, constant output, clips of several lengths."""

import hashlib

import numpy as np
import pytest
import torch

from bench.plugin import Loss, NotFinite, UsageError, create_task
from losses._shared.decode import PeakPicking
from tasks.data.video.swing_clips import SwingClips
from tasks.data.video.swing_motion import EVENTS
from tasks.splits.swing_split import SwingSplit


def tiny(**options):
    return create_task("golf", size="tiny", **options)


class Plain(Loss):
    """Decoder only."""


class Peaks(PeakPicking):
    """Decoder that keeps local maxima."""


class Told(torch.nn.Module):
    """Gives what it was told, in the order of the samples."""

    def __init__(self, p):
        super().__init__()
        self.p = torch.nn.Parameter(p)
        self.place = 0

    def forward(self, frames):
        rows = self.p[self.place : self.place + len(frames), :, : frames.shape[1]]
        self.place += len(frames)
        return rows


def scores(task, p, loss=None, split=None):
    split = split or task.splits(0).test
    return task.evaluate(Told(p), loss or Plain(), split, {}).metrics


def test_preparing_twice_gives_the_same_files_and_worlds_differ(tmp_path):
    digests = []
    for name, world in (("first", 0), ("second", 0), ("third", 1)):
        (tmp_path / name).mkdir()
        tiny().prepare(tmp_path / name, world)
        digests.append(hashlib.sha256((tmp_path / name / "frames.npy").read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_data_version_follows_what_determines_the_clips():
    assert tiny(noise=3.0, direction="causal").data_version == tiny().data_version
    assert create_task("golf").data_version != tiny().data_version
    assert tiny().data_name == "rendered swings"


def test_every_event_happens_once_in_a_clip():
    splits = tiny().splits(0)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [12, 4, 24]
    for part in (splits.train, splits.validation, splits.test):
        _, target = part.batch(np.arange(len(part)))
        assert target.mask is None
        assert (target.counts == 1).all()


def test_noise_is_rounded_to_frames_grows_with_its_level_and_leaves_the_rest_alone():
    clean = tiny().splits(0)
    moved = {noise: tiny(noise=noise).splits(0) for noise in (0.2, 1.0, 4.0)}
    shift = {noise: part.train.labels - part.train.truth for noise, part in moved.items()}
    assert shift[1.0].std() == pytest.approx(np.sqrt(1 + 1 / 12), rel=0.3)
    assert shift[4.0].std() == pytest.approx(4, rel=0.3)
    assert (np.abs(shift[4.0] - 4 * shift[1.0]) <= 2.5).all()  # common draws, rounded
    assert (shift[0.2] == 0).mean() > 0.9
    for part in ("validation", "test"):
        for noisy in moved.values():
            before, after = getattr(clean, part), getattr(noisy, part)
            assert torch.equal(
                before.batch(np.arange(4))[1].events, after.batch(np.arange(4))[1].events
            )


def test_noise_that_leaves_the_clip_is_lost_and_the_count_follows():
    train = tiny(noise=4.0).splits(0).train
    _, target = train.batch(np.arange(len(train)))
    assert int((target.counts == 0).sum()) == train.lost
    big = tiny(noise=40.0).splits(0).train
    assert big.lost > 20


def test_the_oracle_is_right_everywhere():
    task = tiny()
    test = task.splits(0).test
    events = test.batch(np.arange(len(test)))[1].events
    for loss in (Plain(), Peaks()):
        found = scores(task, 0.9 * events, loss)
        assert found["accuracy"] == found["accuracy_1_frame"] == 1.0
        assert all(found[f"accuracy_{name}"] == 1.0 for name in EVENTS)


def test_two_frames_off_is_right_only_in_slow_swings():
    task = tiny()
    test = task.splits(0).test
    events = torch.roll(test.batch(np.arange(len(test)))[1].events, 2, -1)
    found = scores(task, 0.9 * events)
    slow = float((test.swing_length >= 45).mean())
    assert 0 < slow < 1
    assert found["accuracy"] == pytest.approx(slow)
    assert found["accuracy_1_frame"] == 0.0


def test_one_frame_for_all_clips_and_chance_are_poor():
    task = create_task("golf", size="tiny")
    test = task.splits(0).test
    constant = torch.zeros(len(test), 8, 80)
    constant[:, np.arange(8), np.rint(test.truth.mean(0)).astype(int)] = 0.5
    assert scores(task, constant)["accuracy"] < 0.2
    chance = torch.rand(len(test), 8, 80, generator=torch.Generator().manual_seed(1))
    assert scores(task, chance)["accuracy"] < 0.1


def test_a_clip_is_seen_alone_and_whole_where_lengths_differ():
    lengths = np.array([90, 70, 130])
    start = np.concatenate([[0], np.cumsum(lengths)])
    draw = np.random.default_rng(1)
    frames = draw.integers(0, 255, (290, 20, 20)).astype(np.uint8)
    events = np.sort(draw.permuted(np.tile(np.arange(60), (3, 1)), axis=1)[:, :8])
    clips = SwingClips(frames, start, events, np.arange(3), np.zeros(3, np.int64), {})
    task = tiny()
    torch.manual_seed(0)
    network = task.network("events")
    together = SwingSplit(clips, np.arange(3), events, 64)
    found = task.found_frames(task.predict(network, Plain(), together).outputs)
    for row in range(3):
        alone = SwingSplit(clips, np.array([row]), events[[row]], 64)
        single = task.found_frames(task.predict(network, Plain(), alone).outputs)
        np.testing.assert_array_equal(single[0], found[row])


def test_details_say_what_the_rule_was_applied_to():
    task = tiny()
    test = task.splits(0).test
    result = task.evaluate(Told(torch.rand(len(test), 8, 80)), Plain(), test, {})
    assert result.details["samples"] == 24
    assert result.details["events"] == 192
    assert result.details["tolerance_of_one_frame"] == int((test.swing_length < 45).sum())
    assert result.details["clips_left_out"] == {}
    hits = np.array(result.samples["tp"])
    assert (hits + np.array(result.samples["fn"]) == 8).all()
    assert hits.sum() / 192 == pytest.approx(result.metrics["accuracy"])


def test_output_that_is_not_finite_is_no_result():
    with pytest.raises(NotFinite):
        scores(tiny(), torch.full((24, 8, 80), float("nan")))


def test_there_is_one_head():
    with pytest.raises(UsageError, match="golf: the network has head 'events', not 'points'"):
        tiny().network("points")


def test_a_missing_folder_is_one_line():
    with pytest.raises(UsageError, match="the annotation of GolfDB, is missing"):
        tiny(root="/nowhere").check_data()
