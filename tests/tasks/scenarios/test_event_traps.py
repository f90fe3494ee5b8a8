"""Traps of temporal data sets that concern the bases of events, whatever task is built on them.

Numbers are those of the list of traps that readers and tasks of temporal data follow.
"""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from bench.plugin import EventTarget, Loss, TensorSplit
from losses._shared.decode import PeakPicking
from tasks.bases import Events, EventsTask, ReadingsTask, event_metrics, timing_metrics
from tasks.metrics.event_matching import match_events

HOP, BINS = 0.01, 200


class Plain(Loss):
    """Every bin above the threshold."""


class Peaks(PeakPicking):
    """Peaks within a bin or two."""


class Given(nn.Module):
    """Gives its input: samples are their own output."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, inputs):
        return inputs * self.scale


class Onsets(EventsTask):
    plugin_name = "onsets"
    step, bins = HOP, BINS
    channels = ("snare", "kick")
    metrics = (*event_metrics("snare", "kick"), *timing_metrics())


class TwoReadings(ReadingsTask):
    plugin_name = "two readings"
    step, bins = HOP, BINS


def split(events, scores=None, mask=None):
    return TensorSplit(events if scores is None else scores, EventTarget(events, HOP, mask))


def spikes(*bins, channels=1):
    events = torch.zeros(1, channels, BINS)
    for where in bins:
        events[0, 0, where] = 1
    return events


@pytest.mark.parametrize("loss", [Plain(), Peaks(pick_radius=2)])
@pytest.mark.parametrize("task", [Onsets(tolerance=0.0), TwoReadings(tolerance=0.0)])
def test_2_a_comb_of_spikes_is_read_where_it_is_and_none_is_lost(task, loss):
    channels = len(task.channels)
    comb = spikes(0, 40, 43, 100, BINS - 1, channels=channels)
    if channels == 2:
        comb[0, 1] = comb[0, 0].flip(-1)
    part = split(comb)
    decoding = task.calibrate(Given(), loss, part)
    found = task.evaluate(Given(), loss, part, decoding)
    assert found.metrics["precision"] == found.metrics["recall"] == 1.0
    assert found.metrics["timing_error"] == 0.0


def integer_pairs(truth, found, reach):
    """Most pairs at most ``reach`` bins apart: greedy by the earliest end, in whole numbers."""
    left, pairs = sorted(found), 0
    for t in sorted(truth):
        hit = next((f for f in left if abs(f - t) <= reach), None)
        if hit is not None:
            left.remove(hit)
            pairs += 1
    return pairs


@pytest.mark.parametrize("hop", [0.005, 0.01, 0.023, 1.0])
def test_4_times_on_a_grid_match_as_whole_numbers_do(hop):
    draw = np.random.default_rng(0)
    for reach, _ in itertools.product((0, 1, 5, 10), range(100)):
        lists = [draw.integers(0, 60_000, 1)[0] + draw.integers(0, 60, n) for n in (12, 12)]
        lists[1] = lists[1] - lists[1].min() + lists[0].min()
        truth, found = (
            Events(np.zeros(12, int), np.zeros(12, int), bins * hop, 1) for bins in lists
        )
        pairs = match_events(truth, found, reach * hop).tp.sum()
        assert pairs == integer_pairs(lists[0].tolist(), lists[1].tolist(), reach)


def test_5_a_class_without_events_scores_0_and_is_told_by_its_counts():
    """F1 of no event and no detection is 0, over all samples at once: one silent piece costs none.

    It is not a mean over pieces, where a right silence in one would count as 0.
    """
    events = spikes(10, 50, channels=2)
    silent = torch.cat([events, torch.zeros(1, 2, BINS)])
    task = Onsets()
    found, alone = (
        task.evaluate(Given(), Plain(), split(part), {"threshold": 0.5})
        for part in (silent, events)
    )
    assert found.metrics == alone.metrics
    assert (found.metrics["f1_snare"], found.metrics["f1_kick"]) == (1.0, 0.0)
    kicks = [found.samples[f"{name}_kick"] for name in ("tp", "fp", "fn")]
    assert kicks == [[0, 0]] * 3
    assert found.details["events"] == 2


def test_6_unsorted_events_count_and_those_outside_are_clipped_or_lost_as_the_method_says():
    times = np.array([1.5, -1e-5, 0.2, 5.0, 1e-5])
    events = Events(np.zeros(5, int), np.zeros(5, int), times, 1)
    order = [3, 0, 4, 2, 1]
    shuffled = Events(np.zeros(5, int), np.zeros(5, int), times[order], 1)
    assert (match_events(events, shuffled, 0.0).tp == 5).all()
    grid = events.on_grid(HOP, BINS)
    assert np.flatnonzero(grid).tolist() == [0, 20, 150, BINS - 1]
    assert grid[0, 0, 0] == 2  # just before the beginning and just behind it
    assert grid.sum() == 5
    task = Onsets()
    assert len(task.jittered(events, 0, 0.0)) == 3  # label noise: those outside the sample are lost


def test_12_label_noise_and_test_data_have_no_part_in_each_other():
    class Drawn(Onsets):
        channels = ("event",)
        noise: float = 0.0

        def sizes(self):
            return 20, 20, 20

        def simulate(self, draw, n):
            sample = np.repeat(np.arange(n), 3)
            time = draw.uniform(0, HOP * BINS, len(sample))
            return draw.normal(size=(n, 1)), Events(sample, 0 * sample, time, n)

        def training_labels(self, truth, replicate):
            return self.jittered(truth, replicate, self.noise)

    clean, noisy = (Drawn(noise=noise).splits(0, "events") for noise in (0.0, 0.1))
    rows = [
        {tuple(row) for row in getattr(clean, part).inputs.tolist()}
        for part in ("train", "validation", "test")
    ]
    assert all(not a & b for a, b in itertools.combinations(rows, 2))
    assert torch.equal(clean.train.inputs, noisy.train.inputs)
    assert torch.equal(clean.test.target.events, noisy.test.target.events)


@pytest.mark.parametrize("task", [Onsets(), TwoReadings()])
def test_14_how_a_split_is_cut_into_batches_changes_nothing(task, monkeypatch):
    draw = torch.Generator().manual_seed(0)
    channels = len(task.channels)
    scores = torch.rand(37, channels, BINS, generator=draw)
    events = (torch.rand(37, channels, BINS, generator=draw) > 0.95).float()
    states = nn.GRU(channels, channels, batch_first=True)

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.states = states

        def forward(self, inputs):
            return torch.sigmoid(self.states(inputs.transpose(1, 2))[0]).transpose(1, 2)

    part = split(events, scores)
    found = []
    for size in (1, 10, 256):
        monkeypatch.setattr(type(task), "inference_batch", size)
        found.append(task.infer(Recurrent(), Plain(), part).unpadded(0.0))
    np.testing.assert_allclose(found[0], found[2], atol=1e-6)
    np.testing.assert_allclose(found[1], found[2], atol=1e-6)


@pytest.mark.parametrize("task", [Onsets(), TwoReadings()])
def test_14_what_padding_holds_changes_no_score(task):
    draw = torch.Generator().manual_seed(0)
    events = (torch.rand(4, len(task.channels), BINS, generator=draw) > 0.9).float()
    mask = torch.arange(BINS) < torch.tensor([200, 150, 40, 1])[:, None]
    scores = torch.rand(events.shape, generator=draw)
    results = []
    for padding in (0.0, 1.0):
        filled = torch.where(mask[:, None], scores, torch.tensor(padding))
        part = split(events * mask[:, None], filled, mask)
        decoding = task.calibrate(Given(), Plain(), part)
        results.append((decoding, task.evaluate(Given(), Plain(), part, decoding).metrics))
    assert results[0] == results[1]


def test_15_evaluation_leaves_the_networks_mode_and_uses_no_dropout():
    class Dropping(Given):
        def forward(self, inputs):
            return nn.functional.dropout(inputs, 0.5, self.training) * self.scale

    network, part = Dropping(), split(spikes(3, 30) * 0.9 + 0.01)
    network.train()
    first, again = (TwoReadings().infer(network, Plain(), part).outputs[0] for _ in range(2))
    assert torch.equal(first, again)
    assert network.training


def test_16_two_events_of_a_bin_are_two_and_the_one_that_no_detection_can_find_is_missed():
    events = Events(np.zeros(3, int), np.zeros(3, int), np.array([0.511, 0.518, 0.9]), 1)
    target = Onsets().target(events, "events")
    assert target.counts.tolist() == [[3]]
    assert target.events[0, 0, 51] == 2
    task = TwoReadings()
    part = TensorSplit(target.events.clamp(max=1), target)
    found = task.evaluate(
        Given(), Plain(), part, {"threshold": 0.5, "peak_threshold": 0.5, "peaks": 0.0}
    )
    assert [found.samples[name] for name in ("tp", "fp", "fn")] == [[2], [0], [1]]
