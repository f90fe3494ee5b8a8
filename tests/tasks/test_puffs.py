"""The puff task: people, folds, label noise, scores of those who know everything or nothing."""

import numpy as np
import pytest
import torch

from bench.plugin import Loss, create_loss, create_task
from tasks.data.original.puffmarker import PEOPLE as ORIGINAL


class Plain(Loss):
    """Decoder only."""


class Fixed(torch.nn.Module):
    """Gives ``p`` for every cycle, or what ``know`` makes of the inputs."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = torch.nn.Parameter(torch.tensor(p))

    def forward(self, cycles):
        return self.p.expand(len(cycles), 1, cycles.shape[1])


class Oracle(torch.nn.Module):
    """The labels of a split, batch by batch."""

    def __init__(self, *splits):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(0.9))
        self.known = {
            split.inputs[row].sum().item(): split.target.events[row]
            for split in splits
            for row in range(len(split))
        }

    def forward(self, cycles):
        return self.scale * torch.stack([self.known[one.sum().item()] for one in cycles])


def scored(task, network, replicate=0):
    splits = task.splits(replicate)
    network = network(splits) if callable(network) and not isinstance(network, Fixed) else network
    decoding = task.calibrate(network, Plain(), splits.validation)
    return task.evaluate(network, Plain(), splits.test, decoding)


def people(split):
    return set(split.unit.tolist())


@pytest.mark.parametrize("replicate", [0, 4, 7])
def test_the_test_people_are_the_one_left_out_and_strangers(replicate):
    splits = create_task("puffs", size="tiny").splits(replicate)
    assert people(splits.test) == {replicate % 6, 6, 7, 8, 9, 10}
    assert people(splits.validation) <= set(range(6)) - {replicate % 6}
    assert len(splits.validation) == 2  # a fifth of ten sessions


def test_replicates_have_people_of_their_own_and_repeat():
    task = create_task("puffs", size="tiny")
    first, again, other = task.splits(0), task.splits(0), task.splits(6)
    assert torch.equal(first.test.inputs, again.test.inputs)
    assert torch.equal(first.train.puffs, again.train.puffs)
    assert not torch.equal(first.test.inputs[:, :50], other.test.inputs[:, :50])


@pytest.mark.parametrize("kind", ["normal", "binary", "skewed"])
def test_noise_moves_training_labels_alone_and_loses_none(kind):
    clean = create_task("puffs", size="tiny").splits(1)
    noisy = create_task("puffs", size="tiny", noise=3.0, noise_kind=kind).splits(1)
    assert not torch.equal(noisy.train.puffs, clean.train.puffs)
    assert noisy.train.puffs.sum() == clean.train.puffs.sum()
    assert noisy.train.puffs.max() > 1  # labels that meet count twice
    assert torch.equal(noisy.train.features, clean.train.features)
    for part in ("validation", "test"):
        ours, theirs = getattr(noisy, part), getattr(clean, part)
        assert torch.equal(ours.target.events, theirs.target.events)
        assert torch.equal(ours.inputs, theirs.inputs)


def test_test_data_have_no_part_in_the_scale_of_the_features(monkeypatch):
    task = create_task("puffs", size="tiny")
    before = task.splits(0).train.features
    recordings = type(task).recordings

    def changed(self, replicate):
        sessions, notes = recordings(self, replicate)
        for session in sessions:
            if session.person in (0, 6, 7, 8, 9, 10):
                session.features[:] += 100
        return sessions, notes

    monkeypatch.setattr(type(task), "recordings", changed)
    assert torch.equal(task.splits(0).train.features, before)


def test_an_oracle_scores_one_and_a_shifted_one_far_less():
    task = create_task("puffs", size="tiny")
    found = scored(task, lambda splits: Oracle(splits.validation, splits.test))
    assert found.metrics["f1"] == found.metrics["f1_threshold"] == 1.0
    assert found.metrics["f1_fold_sd"] == 0.0
    assert found.metrics["f1_peaks"] < 0.7  # peaks within 3 cycles lose consecutive puffs

    def late(splits):
        known = Oracle(splits.validation, splits.test)
        known.known = {key: p.roll(1, -1) for key, p in known.known.items()}
        return known

    assert scored(task, late).metrics["f1"] < 0.75  # no tolerance, though runs overlap themselves


def test_a_constant_calls_every_cycle_a_puff():
    task = create_task("puffs")
    found = scored(task, Fixed())
    target = task.splits(0).test.target
    share = float(target.events.sum() / target.mask.sum())
    assert found.metrics["recall"] == 1.0
    assert found.metrics["f1"] == pytest.approx(2 * share / (1 + share), abs=1e-6)
    assert 0.1 < found.metrics["f1"] < 0.35


def test_the_spread_is_that_of_people():
    found = scored(create_task("puffs", size="tiny"), Fixed())
    tp, fp, fn = (np.array(found.samples[name]) for name in ("tp", "fp", "fn"))
    assert len(tp) == 6
    assert found.metrics["f1_fold_sd"] == pytest.approx(np.std(2 * tp / (2 * tp + fp + fn), ddof=1))
    assert found.details["people"] == [0, 6, 7, 8, 9, 10]


def test_every_loss_has_the_same_weights_and_reads_the_output_itself():
    task = create_task("puffs", size="tiny")
    splits = task.splits(0)
    torch.manual_seed(0)
    network = task.network("events")
    ways = [create_loss("label_smoothing_se"), create_loss("softloc")]
    calibrated = [task.calibrate(network, loss, splits.validation) for loss in ways]
    assert calibrated[0] == calibrated[1]
    found = [task.evaluate(network, loss, splits.test, calibrated[0]).metrics for loss in ways]
    assert found[0] == found[1]


@pytest.mark.parametrize("architecture", ["lstm", "linear"])
@pytest.mark.parametrize("name", ["softloc", "misaligned_logistic"])
def test_published_settings_run_forward_and_backward(architecture, name):
    task = create_task("puffs", size="tiny", noise=2.0, architecture=architecture, dropout=0.5)
    network = task.network("events")
    inputs, target = task.splits(0).train.batch(np.arange(32))
    create_loss(name)(network(inputs), target, progress=0.5).mean().backward()
    assert all(weight.grad.abs().sum() > 0 for weight in network.parameters())


@pytest.fixture
def root(tmp_path):
    """Two sessions of each person with constant features, a puff in every third cycle."""
    for person in ORIGINAL:
        rows = ["time,unused" + ",f" * 37], [",,,label"]
        for k in range(30):
            time = 4000 * k + (10**7 if k >= 14 else 0)
            rows[0].append(f"{time},0" + f",{person}" * 37)
            rows[1].append(f",,,{int(k % 3 == 0)}")
        for kind, lines in zip(("features", "predictions"), rows, strict=True):
            (tmp_path / f"{kind}_{person}.csv").write_text("\n".join(lines))
    return tmp_path


def test_original_people_are_left_out_in_turn(root):
    task = create_task("puffs", root=str(root))
    task.check_data()
    assert (task.data_name, task.resampled, task.worlds) == ("puffMarker", 1 / 6, 1)
    for replicate in range(7):
        splits = task.splits(replicate)
        assert people(splits.test) == {replicate % 6}
        assert replicate % 6 not in people(splits.validation)
    found = scored(task, lambda splits: Fixed())
    assert np.isnan(found.metrics["f1_fold_sd"])
    assert found.details["notes"] == []


def test_a_partial_original_takes_turns_of_those_who_are_there(root):
    for person in (10, 16):
        (root / f"features_{person}.csv").unlink()
        (root / f"predictions_{person}.csv").unlink()
    task = create_task("puffs", root=str(root), allow_partial=True)
    assert task.data_name == "puffMarker (partial)"
    assert [people(task.splits(r).test) for r in range(5)] == [{1}, {2}, {3}, {4}, {1}]
    notes = scored(task, lambda splits: Fixed()).details["notes"]
    assert notes == ["no files of person 10", "no files of person 16"]
