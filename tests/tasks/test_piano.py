"""The piano task: data, noise, supervision, evaluation, what constant, chance and oracle score."""

import dataclasses

import numpy as np
import pytest
import torch

from bench.plugin import Loss, NotFinite, OptionError, UsageError, create_task
from losses._shared.decode import PeakPicking

ROWS = np.arange(6)


def tiny(**options):
    return create_task("piano", size="tiny", **options)


class Plain(Loss):
    """Decoder only."""


class Peaks(PeakPicking):
    """Decoder that would make zeros of NaN."""


class Answers(torch.nn.Module):
    """Predicts what it was told, piece after piece, whatever the input."""

    def __init__(self, p):
        super().__init__()
        self.p = torch.nn.Parameter(p)
        self.position = 0

    def forward(self, bands):
        rows = self.p[self.position : self.position + len(bands)]
        self.position = (self.position + len(bands)) % len(self.p)
        return rows


def bins_of(split):
    return split.batch(np.arange(len(split)))[1].events


def score(task, split, p):
    network = Answers(p)
    return task.evaluate(network, Plain(), split, task.calibrate(network, Plain(), split)).metrics


def test_batches_of_inputs_and_labels():
    train = tiny().splits(0).train
    inputs, target = train.batch(ROWS)
    assert inputs.shape == (6, 103, 75)
    assert inputs.dtype == torch.float32
    assert target.events.shape == (6, 48, 75)
    assert target.step == 0.02
    assert tiny(range="all").splits(0).train.batch(ROWS)[1].events.shape == (6, 88, 75)


def test_parts_share_no_music_and_the_test_sounds_different():
    splits = tiny().splits(0)
    music = [
        set(part.pieces.name[part.unit]) for part in (splits.train, splits.validation, splits.test)
    ]
    assert not music[0] & music[1]
    assert not (music[0] | music[1]) & music[2]


def test_worlds_are_drawn_anew():
    task = tiny()
    assert task.worlds == 10
    first, second = (np.load(task.prepared(world) / "features.npy") for world in (0, 1))
    assert first.shape == second.shape
    assert not set(map(bytes, first)) & set(map(bytes, second))


def test_data_version_follows_what_determines_the_data():
    same = tiny(noise=0.1, supervision="counts", range="all", rates=1)
    assert same.data_version == tiny().data_version
    assert tiny(architecture="thesis").data_version != tiny().data_version
    assert create_task("piano").data_version != tiny().data_version
    assert tiny().data_name == "rendered scores"


def test_energy_rises_at_annotated_onsets():
    split = tiny().splits(0).train
    inputs, target = split.batch(np.arange(len(split)))
    rise = (inputs[:, :, 1:] - inputs[:, :, :-1]).clamp(min=0)
    rise = torch.nn.functional.pad(rise, (1, 0))[:, 15:63]  # the bands of the keys
    struck = target.events > 0
    near = torch.nn.functional.max_pool1d(rise, 5, 1, 2)
    assert near[struck].mean() > 2 * near[~struck].mean()


@pytest.mark.parametrize("kind", ["normal", "binary", "skewed"])
def test_noise_leaves_validation_and_test_labels_alone(kind):
    clean, noisy = tiny().splits(0), tiny(noise=0.2, noise_kind=kind).splits(0)
    assert not torch.equal(bins_of(clean.train), bins_of(noisy.train))
    for part in ("validation", "test"):
        assert torch.equal(bins_of(getattr(clean, part)), bins_of(getattr(noisy, part)))


def test_noise_is_linear_in_its_level():
    clean, one, two = (tiny(noise=n).splits(0).train.label_time for n in (0.0, 0.001, 0.002))
    np.testing.assert_allclose(two - clean, 2 * (one - clean), atol=1e-12)


def test_labels_of_counts_have_no_noise():
    noisy, clean = (tiny(supervision="counts", noise=n).splits(0).train for n in (0.2, 0.0))
    np.testing.assert_array_equal(noisy.label_time, clean.label_time)


def test_counts_skip_losses_that_need_locations():
    class Counting(Loss):
        needs_locations = False

    assert "needs event locations" in tiny(supervision="counts").skip(Plain())
    assert tiny(supervision="counts").skip(Counting()) is None
    assert tiny().skip(Plain()) is None


def test_the_oracle_scores_all_but_what_bins_merge():
    task = tiny()
    test = task.splits(0).test
    found = score(task, test, bins_of(test).clamp(max=1) * 0.9 + 0.01)
    assert found["f1"] > 0.99
    assert found["precision"] == 1.0
    assert abs(found["timing_error"]) < 0.004
    assert found["timing_distance"] < 0.011


def test_nothing_everything_and_chance_score_little():
    """Nothing scores 0; all bins nearly that; a random order of the extracts hardly more."""
    task = tiny()
    test = task.splits(0).test
    labels = bins_of(test).clamp(max=1)
    assert score(task, test, torch.full_like(labels, 1e-4))["f1"] == 0.0
    assert score(task, test, torch.full_like(labels, 0.3))["f1"] < 0.1
    assert score(task, test, labels.roll(4, 0) * 0.9 + 0.01)["f1"] < 0.2


def test_an_onset_at_the_edge_of_an_extract_is_found_in_the_next_one():
    task = tiny()
    split = task.splits(0).test
    alone = split.of(int(split.unit[0]))
    time = np.full(len(split.label_time), 100.0)
    time[np.flatnonzero(split.pieces.event_recording == split.unit[0])[0]] = 1.495
    key = split.pieces.event_key[np.flatnonzero(split.pieces.event_recording == split.unit[0])[0]]
    late = dataclasses.replace(alone, label_time=time)
    p = torch.full((len(late), 48, 75), 1e-4)
    p[1, key - 36, 0] = 0.99  # the first bin of the second extract
    found = task.evaluate(Answers(p), Plain(), late, {"threshold": 0.5}).metrics
    assert found["f1"] == 1.0
    assert found["timing_error"] == pytest.approx(0.015)


def test_neighbouring_bins_are_one_detection_even_across_a_cut():
    task = tiny()
    split = task.splits(0).test
    p = torch.full((len(split), 48, 75), 0.0)
    p[0, 0, 74], p[1, 0, 0] = 0.5, 0.4
    read = task.predict(Answers(p), Plain(), split).outputs[0]
    assert int((read > 0).sum()) == 1
    torch.testing.assert_close(read.max(), torch.tensor(0.9))
    picked = task.predict(Answers(p), Peaks(), split).outputs[0]
    torch.testing.assert_close(picked.max(), torch.tensor(0.5))
    assert int((picked > 0).sum()) == 1


def test_test_data_tell_how_good_the_labels_are_and_show_an_excerpt():
    task = tiny(noise=0.1)
    splits = task.splits(0)
    network = task.network("events")
    found = task.evaluate(network, Plain(), splits.test, {"threshold": 0.5})
    assert 0.2 < found.metrics["label_f1"] < 0.6  # published at 100 ms: 39.8 %
    assert set(found.details["roll"]) == {"truth", "predicted", "labels"}
    rolls = found.details["roll"]
    assert len(rolls["truth"]["x"]) == len(rolls["truth"]["y"]) > 5
    assert rolls["labels"]["x"] != rolls["truth"]["x"]
    assert sorted(set(rolls["labels"]["y"])) == sorted(set(rolls["truth"]["y"]))
    assert np.isnan(task.evaluate(network, Plain(), splits.validation, {"threshold": 0.5}).metrics[
        "label_f1"
    ])  # fmt: skip
    clean = tiny().splits(0).test
    assert clean.remarks["label_f1"] == 1.0


def test_counts_per_recording_add_up():
    task = tiny()
    test = task.splits(0).test
    torch.manual_seed(0)
    found = task.evaluate(task.network("events"), Plain(), test, {"threshold": 0.01})
    assert {len(values) for values in found.samples.values()} == {len(set(test.unit))}
    assert sum(found.samples["tp"]) + sum(found.samples["fn"]) == found.details["events"]
    assert sum(found.samples["tp"]) + sum(found.samples["fp"]) == found.details["detections"]


@pytest.mark.parametrize("decoder", [Plain, Peaks])
@pytest.mark.parametrize("ensemble", [False, True])
def test_output_that_is_not_finite_is_refused(decoder, ensemble):
    task = tiny(ensemble=ensemble, rates=2)
    split = task.splits(0).validation
    network = task.network("events")
    for weight in network.parameters():
        weight.data.fill_(float("nan"))
    with pytest.raises(NotFinite, match="values of the output are NaN or infinite"):
        task.calibrate(network, decoder(), split)


def test_the_published_network_and_its_ensemble_fit_the_data():
    task = tiny(architecture="thesis", range="all", rates=2, ensemble=True)
    split = task.splits(0).validation
    inputs, target = split.batch(ROWS[:2])
    network = task.network("events")
    assert network(inputs).shape == target.events.shape == (2, 88, 300)
    found = task.evaluate(network, Plain(), split, {"threshold": 0.5})
    assert set(found.metrics) == {metric.name for metric in task.metrics}


def test_a_few_steps_reduce_the_loss():
    task = tiny()
    torch.manual_seed(0)
    network, train = task.network("events"), task.splits(0).train
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        inputs, target = train.batch(np.arange(8))
        loss = torch.nn.functional.binary_cross_entropy(network(inputs), target.events.clamp(max=1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_options():
    assert tiny(noise="100 ms").noise == pytest.approx(0.1)
    with pytest.raises(OptionError, match="noise"):
        tiny(noise=-0.1)
    with pytest.raises(UsageError, match="head 'events'"):
        tiny().network("points")
