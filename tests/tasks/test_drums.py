"""The drum task: data, splits, label noise, supervision, evaluation."""

import hashlib

import numpy as np
import pytest
import torch

from bench.plugin import Loss, NotFinite, OptionError, UsageError, create_task
from losses._shared.decode import PeakPicking
from tasks.data.audio.drum_patterns import CLASSES

ALL = np.arange(6)


def tiny(**options):
    return create_task("drums", size="tiny", **options)


def bins_of(split):
    return split.batch(np.arange(len(split)))[1].events


def shares(p):
    """Share of the mass between 0.05 and 0.95."""
    p = p.detach()
    return float(p[(p > 0.05) & (p < 0.95)].sum() / p.sum())


class Plain(Loss):
    """Decoder only."""


class Peaks(PeakPicking):
    """Decoder that would make zeros of NaN."""


class Oracle(torch.nn.Module):
    """Predicts what it was told, whatever the input."""

    def __init__(self, p):
        super().__init__()
        self.p = torch.nn.Parameter(p)
        self.position = 0

    def forward(self, features):
        rows = self.p[self.position : self.position + len(features)]
        self.position = (self.position + len(features)) % len(self.p)
        return rows


def test_preparing_twice_gives_the_same_files(tmp_path):
    digests = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        tiny().prepare(tmp_path / name, 0)
        arrays = np.load(tmp_path / name / "pieces.npz", allow_pickle=False)
        blob = (tmp_path / name / "features-0.npy").read_bytes()
        blob += b"".join(arrays[key].tobytes() for key in arrays.files)
        digests.append(hashlib.sha256(blob).hexdigest())
    assert digests[0] == digests[1]


def test_data_version_follows_what_determines_the_data():
    assert tiny(noise=0.1).data_version == tiny().data_version
    assert tiny(subset="kit-family", supervision="counts").data_version == tiny().data_version
    assert tiny(rates=2).data_version != tiny().data_version
    assert create_task("drums").data_version != tiny().data_version
    assert tiny().data_name == "rendered kits"


@pytest.mark.parametrize("subset", ["random", "kit-family"])
def test_no_recording_is_in_two_splits(subset):
    splits = tiny(subset=subset).splits(0)
    parts = [splits.train, splits.validation, splits.test]
    recordings = [set(part.pieces.recording[part.members]) for part in parts]
    assert not recordings[0] & recordings[1]
    assert not recordings[0] & recordings[2]
    assert not recordings[1] & recordings[2]
    assert sum(len(part) for part in parts) == len(splits.train.pieces)


def test_replicates_split_differently_and_reproducibly():
    first, again, other = (tiny().splits(replicate).test.members for replicate in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_family_is_held_out():
    def families(split):
        return set(split.pieces.family[split.pieces.recording[split.members]])

    seen = []
    for replicate in range(3):
        splits = tiny(subset="kit-family").splits(replicate)
        assert len(families(splits.test)) == 1
        assert not families(splits.test) & (families(splits.train) | families(splits.validation))
        seen += families(splits.test)
    assert sorted(seen) == ["acoustic", "electronic", "orchestral"]
    assert families(tiny(subset="kit-family", held_out="electronic").splits(0).test) == {
        "electronic"
    }


def test_batches_of_inputs_and_labels():
    train = tiny().splits(0).train
    inputs, target = train.batch(ALL)
    assert inputs.shape == (6, 80, 150)
    assert inputs.dtype == torch.float32
    assert target.events.shape == (6, 3, 150)
    assert target.step == 0.01
    mel, rise = inputs[:, :40], inputs[:, 40:]
    torch.testing.assert_close(rise[:, :, 1:], 5 * (mel[:, :, 1:] - mel[:, :, :-1]))
    assert (rise[:, :, 0] == 0).all()
    np.testing.assert_array_equal(inputs[[2]], train.batch(ALL[[2]])[0])


def test_labels_lie_in_the_bin_nearest_to_the_onset():
    split = tiny().splits(0).test
    truth, events = split.truth, bins_of(split)
    for piece, channel, time in zip(truth.sample, truth.channel, truth.time, strict=True):
        near = min(round(time / 0.01), 149)
        assert events[piece, channel, near] > 0
        assert abs(near * 0.01 - time) <= 0.01
    assert events.sum() == len(truth)


def test_energy_rises_at_annotated_onsets():
    split = tiny().splits(0).train
    inputs, target = split.batch(np.arange(len(split)))
    rise = inputs[:, 40:].clamp(min=0).mean(1)
    struck = target.events.sum(1) > 0
    near = torch.nn.functional.max_pool1d(rise[:, None], 5, 1, 2)[:, 0]
    assert near[struck].mean() > 2 * near[~struck].mean()


def test_noise_is_linear_in_its_level_and_common_to_all_losses():
    times = {noise: tiny(noise=noise).splits(0).train.label_time for noise in (0.0, 0.001, 0.002)}
    clean = times[0.0]
    np.testing.assert_array_equal(clean, tiny().splits(0).train.pieces.event_time)
    np.testing.assert_allclose(times[0.002] - clean, 2 * (times[0.001] - clean), atol=1e-12)
    other = tiny(noise=0.001).splits(10).train  # the same recordings
    np.testing.assert_array_equal(other.pieces.event_time, clean)
    assert not np.array_equal(times[0.001], other.label_time)


def test_labels_move_to_the_next_piece_or_leave_the_recording():
    clean, noisy = (tiny(noise=noise).splits(0).train for noise in (0.0, 0.4))
    before, after = clean.truth, noisy.truth
    assert len(before) == np.isin(clean.pieces.event_recording, clean.unit).sum()
    assert 0.8 * len(before) < len(after) < len(before)
    place = noisy.pieces.cut(noisy.label_time)[0]
    assert (place != clean.pieces.cut(clean.label_time)[0]).mean() > 0.1
    recording = noisy.pieces.recording[place]
    np.testing.assert_array_equal(recording[place >= 0], noisy.pieces.event_recording[place >= 0])
    lost = noisy.label_time[place < 0]
    assert ((lost < 0) | (lost >= 6.0)).all()
    assert (after.time >= 0).all()
    assert (after.time < 1.5).all()


@pytest.mark.parametrize("kind", ["normal", "binary", "skewed"])
def test_noise_leaves_validation_and_test_labels_alone(kind):
    clean, noisy = tiny().splits(0), tiny(noise=0.4, noise_kind=kind).splits(0)
    assert not torch.equal(bins_of(clean.train), bins_of(noisy.train))
    for part in ("validation", "test"):
        assert torch.equal(bins_of(getattr(clean, part)), bins_of(getattr(noisy, part)))


def test_counts_come_with_varying_lengths_and_no_locations():
    train = tiny(supervision="counts", noise=0.1).splits(0).train
    clean = tiny().splits(0).train
    _, target = train.batch(ALL, np.random.default_rng(1))
    assert target.events is None
    lengths = target.mask.sum(-1)
    assert ((lengths >= 75) & (lengths <= 150)).all()
    assert len(set(lengths.tolist())) > 1
    expected = (clean.batch(ALL)[1].events * target.mask[:, None]).sum(-1)
    torch.testing.assert_close(target.counts, expected.long())
    assert torch.equal(target.mask, train.batch(ALL, np.random.default_rng(1))[1].mask)
    assert not torch.equal(target.mask, train.batch(ALL, np.random.default_rng(2))[1].mask)
    assert torch.equal(train.batch(ALL)[1].counts, clean.batch(ALL)[1].counts)


def test_counts_of_pieces_of_one_length():
    train = tiny(supervision="counts", lengths="fixed").splits(0).train
    clean = tiny().splits(0).train
    inputs, target = train.batch(ALL, np.random.default_rng(1))
    assert target.events is None
    assert target.mask is None
    assert torch.equal(target.counts, clean.batch(ALL)[1].events.sum(-1).long())
    assert torch.equal(inputs, clean.batch(ALL)[0])


def test_late_scores_have_a_positive_timing_error():
    task = tiny()
    split = task.splits(0).test
    late = torch.roll(bins_of(split), 2, -1).clamp(max=1)
    late[..., :2] = 0
    oracle = Oracle(late * 0.9 + 0.01)
    metrics = task.evaluate(oracle, Peaks(), split, {"threshold": 0.5}).metrics
    assert metrics["timing_error"] == pytest.approx(0.02, abs=1e-3)
    assert metrics["f1"] > 0.9
    strict = tiny(tolerance=0.01)
    assert strict.evaluate(oracle, Peaks(), split, {"threshold": 0.5}).metrics["f1"] < 0.2
    nothing = Oracle(0 * late)
    empty = task.evaluate(nothing, Plain(), split, {"threshold": 0.5}).metrics
    assert empty["f1"] == 0
    assert all(np.isnan(empty[f"timing_{name}"]) for name in ("error", "distance", "sd"))


def test_what_a_constant_and_chance_score():
    """As docs/tasks/drums.md says: little of a hit, since no bin is above its neighbours."""
    task = tiny()
    split = task.splits(0).test
    shape = (len(split), 3, 150)
    constant = Oracle(torch.full(shape, 0.3))
    decoding = task.calibrate(constant, Plain(), split)
    assert task.evaluate(constant, Plain(), split, decoding).metrics["f1"] < 0.25
    drawn = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    chance = Oracle(drawn)
    decoding = task.calibrate(chance, Peaks(), split)
    assert 0.15 < task.evaluate(chance, Peaks(), split, decoding).metrics["f1"] < 0.5


def test_drums_amid_percussion_are_other_recordings_with_more_in_them():
    alone, amid = tiny(), tiny(percussion=True)
    assert amid.data_version != alone.data_version
    assert tiny(percussion=True, cross_stick="other").data_version != amid.data_version
    assert amid.data_name == "rendered kits amid percussion"
    assert (amid.worlds, amid.resampled) == (10, 0.0)
    first, second = alone.splits(0), amid.splits(0)
    rows = np.arange(len(first.train))
    ours = set(map(bytes, second.train.batch(rows)[0].numpy()))
    assert not ours & set(map(bytes, first.train.batch(rows)[0].numpy()))
    kits = tiny(percussion=True, subset="kit-family").splits(1).test
    assert set(kits.pieces.family[kits.unit]) == {"electronic"}


def test_counts_skip_losses_that_need_locations():
    class Counting(Loss):
        needs_locations = False

    assert "needs event locations" in tiny(supervision="counts").skip(Plain())
    assert tiny(supervision="counts").skip(Counting()) is None
    assert tiny().skip(Plain()) is None


def test_worlds_are_drawn_anew_and_replicates_take_turns():
    task = tiny()
    assert task.worlds == 10
    assert [task.world(replicate) for replicate in (0, 3, 10, 27)] == [0, 3, 0, 7]
    folders = [task.prepared(world) for world in (0, 1)]
    first, second = (np.load(folder / "features-0.npy") for folder in folders)
    assert first.shape == second.shape
    assert not set(map(bytes, first)) & set(map(bytes, second))
    np.testing.assert_array_equal(task.splits(1).train.pieces.features[0], second)


def test_neighbouring_bins_are_one_detection_unless_the_decoder_picks_peaks():
    task = tiny()
    split = task.splits(0).test
    p = torch.zeros(len(split), 3, 150)
    p[0, 0, 60:62] = 0.45
    read = [task.predict(Oracle(p), loss, split).outputs[0][0, 0] for loss in (Plain(), Peaks())]
    torch.testing.assert_close(read[0].sum(), torch.tensor(0.9))
    assert int((read[0] > 0).sum()) == 1
    torch.testing.assert_close(read[1].max(), torch.tensor(0.45))


@pytest.mark.parametrize(("loss", "gap"), [(Plain(), 3), (Peaks(), 4)])
def test_spikes_are_decoded_where_they_are(loss, gap):
    """Also in the first and last bin, and as close as the decoder tells apart: peaks that are
    picked lie more than their radius of 3 bins from each other."""
    task = tiny()
    split = task.splits(0).test
    spikes = [0, 20, 20 + gap, 90, 149]
    p = torch.zeros(len(split), 3, 150)
    p[0, 1, spikes] = 0.9
    read = task.predict(Oracle(p), loss, split).outputs[0][0, 1]
    assert torch.nonzero(read > 0.5).flatten().tolist() == spikes
    np.testing.assert_allclose(task.times(0.01, 150)[spikes], np.array(spikes) * 0.01)


def test_playback_rates():
    task = tiny(rates=3)
    train = task.splits(0).train
    draws = map(np.random.default_rng, range(5))
    lengths = {train.batch(ALL[:2], draw)[0].shape[-1] for draw in draws}
    assert lengths <= {188, 150, 120}
    assert len(lengths) > 1
    for index in range(3):
        events = train.labels(index)
        torch.testing.assert_close(events.sum(-1), train.labels(1).sum(-1))
    split = task.splits(0).test
    network = task.network("events")
    evaluation = task.evaluate(network, Plain(), split, {"threshold": 0.5})
    assert set(evaluation.metrics) == {metric.name for metric in task.metrics}


def test_the_truth_scores_perfectly():
    task = tiny()
    split = task.splits(0).test
    oracle = Oracle(bins_of(split).clamp(max=1) * 0.9 + 0.01)
    decoding = task.calibrate(oracle, Plain(), split)
    metrics = task.evaluate(oracle, Plain(), split, decoding).metrics
    timing = {name: metrics.pop(f"timing_{name}") for name in ("error", "distance", "sd")}
    assert abs(timing["error"]) < 1e-3  # labels lie in the bin nearest to the onset
    assert timing["distance"] == pytest.approx(0.01 / 4, rel=0.1)
    assert timing["sd"] == pytest.approx(0.01 / 12**0.5, rel=0.1)
    assert metrics.pop("undecided") == pytest.approx(shares(oracle.p))
    assert decoding == {"threshold": pytest.approx(0.5)}
    assert all(value > 0.97 for value in metrics.values()), metrics
    assert oracle.training


@pytest.mark.parametrize("decoder", [Plain, Peaks])
@pytest.mark.parametrize("rates", [1, 3])
def test_output_that_is_not_finite_is_refused_before_anything_hides_it(decoder, rates):
    task = tiny(rates=rates)
    split = task.splits(0).test
    network = task.network("events")
    for weight in network.parameters():
        weight.data.fill_(float("nan"))
    with pytest.raises(NotFinite, match="values of the output are NaN or infinite"):
        task.calibrate(network, decoder(), split)
    with pytest.raises(NotFinite):
        task.evaluate(network, decoder(), split, {"threshold": 0.5})


def test_counts_per_recording_add_up_to_the_metrics():
    task = tiny()
    split = task.splits(0).test
    torch.manual_seed(0)
    network = task.network("events")
    found = task.evaluate(network, Plain(), split, task.calibrate(network, Plain(), split))
    assert set(found.samples) == {
        *(f"{count}_{name}" for count in ("tp", "fp", "fn") for name in CLASSES),
        "timing_error",
        "timing_distance",
    }
    recordings = len(set(split.unit))
    assert recordings * 4 == len(split)
    assert all(len(values) == recordings for values in found.samples.values())
    for name in CLASSES:
        right, false, missed = (sum(found.samples[f"{c}_{name}"]) for c in ("tp", "fp", "fn"))
        assert found.metrics[f"f1_{name}"] == pytest.approx(
            2 * right / (2 * right + false + missed)
        )
    events = sum(sum(found.samples[f"{c}_{name}"]) for c in ("tp", "fn") for name in CLASSES)
    assert events == found.details["events"] == len(split.truth)
    assert found.seconds["per_sample"] > 0


@pytest.mark.parametrize("architecture", ["compact", "thesis"])
def test_networks_fit_the_data(architecture):
    task = tiny(architecture=architecture, rates=1)
    inputs, target = task.splits(0).train.batch(ALL[:2])
    torch.manual_seed(0)
    network = task.network("events")
    assert network(inputs).shape == target.events.shape
    torch.manual_seed(0)
    again = task.network("events")
    for first, second in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(first, second)


def test_thesis_plays_at_ten_rates_by_default():
    assert len(tiny(architecture="thesis").grid.rates) == 10
    assert tiny().grid.rates == (1.0,)


def test_a_few_steps_reduce_the_loss():
    task = tiny()
    torch.manual_seed(0)
    network, train = task.network("events"), task.splits(0).train
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        inputs, target = train.batch(np.arange(16))
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
    with pytest.raises(OptionError, match="did you mean 'subset'"):
        tiny(subst="random")
    with pytest.raises(UsageError, match="unknown family held_out='acustic'; did you mean"):
        tiny(subset="kit-family", held_out="acustic").check_data()
    with pytest.raises(UsageError, match="needs subset: kit-family"):
        tiny(held_out="acoustic").check_data()
    with pytest.raises(UsageError, match="'lengths' needs supervision: counts"):
        tiny(lengths="fixed").check_data()
    with pytest.raises(UsageError, match="fixed needs rates: 1"):
        tiny(lengths="fixed", supervision="counts", rates=2).check_data()
    with pytest.raises(UsageError, match="head 'events'"):
        tiny().network("points")
