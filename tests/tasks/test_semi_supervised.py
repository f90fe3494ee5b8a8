"""Few counts and many pieces without labels: shared data, what is told, what can train."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.execution.batches import Batches
from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import TrainSettings, UsageError, create_loss, create_task
from tasks.drums import Drums
from tasks.semi_supervised import SemiSupervised

torch.set_num_threads(1)


def tiny(**options):
    return create_task("semi_supervised", size="tiny", labelled=8, **options)


def loss_of(name, **options):
    supervised = {"supervised": "poisson_binomial"} if "consistency" in name else {}
    return create_loss(name, **supervised, **options)


def trial(name, task=None, **settings):
    train = {"steps": 3, "batch_size": 4, "validations": 0, "device": "cpu", **settings}
    return Trial(task or tiny(), loss_of(name), TrainSettings(**train), "smoke", 0, "events")


LOSSES = (
    "poisson_binomial",
    "instance_consistency",
    "count_consistency",
    "poisson_binomial_consistency",
)


def test_the_prepared_data_are_those_of_drums():
    drums, task = Drums(size="tiny"), tiny()
    assert task.data_version == drums.data_version
    assert task.prepared(3) == drums.prepared(3)
    assert (task.worlds, task.data_name, task.resampled) == (10, "rendered kits", 0.0)
    assert tiny(views="aligned").data_version == task.data_version
    thesis = tiny(architecture="thesis")
    assert thesis.data_version != task.data_version
    assert len(thesis.drums.grid.rates) == 1


def test_validation_and_test_are_those_of_drums():
    ours, theirs = tiny().splits(1), Drums(size="tiny").splits(1)
    for part in ("validation", "test"):
        found, expected = getattr(ours, part), getattr(theirs, part)
        np.testing.assert_array_equal(found.members, expected.members)
        assert torch.equal(found.target.events, expected.target.events)
    assert len(ours.train) + len(ours.unlabelled) == len(theirs.train)


def test_weights_are_those_of_drums():
    found = []
    for task in (tiny(), Drums(size="tiny")):
        torch.manual_seed(0)
        found.append(task.network("events").state_dict())
    assert found[0].keys() == found[1].keys()
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_a_training_batch_has_pairs_of_views_and_unlabelled_rows():
    pairs = trial("count_consistency")
    inputs, target = Batches(pairs, pairs.task.splits(0))(0)
    assert len(inputs) == 16
    assert (target.counts[:8] >= 0).all()
    assert (target.counts[8:] == -1).all()
    assert torch.equal(target.counts[0:8:2], target.counts[1:8:2])
    alone = trial("poisson_binomial")
    single, labels = Batches(alone, alone.task.splits(0))(0)
    assert len(single) == 4
    assert torch.equal(labels.counts, target.counts[0:8:2])  # the same parts of the same pieces


def test_views_of_one_speed_are_seen_at_the_same_times_by_all_losses():
    pairs, alone = (
        trial(name, tiny(views="aligned")) for name in ("instance_consistency", "poisson_binomial")
    )
    double = Batches(pairs, pairs.task.splits(0))(0)[1]
    single = Batches(alone, alone.task.splits(0))(0)[1]
    assert torch.equal(double.mask[0:8:2].sum(-1), single.mask.sum(-1))
    assert torch.equal(double.mask[0::2], double.mask[1::2])


def test_losses_that_need_locations_are_skipped():
    assert "softloc needs event locations" in tiny().skip(create_loss("softloc"))
    inside = create_loss("count_consistency", supervised="cross_entropy")
    assert "cross_entropy needs event locations" in tiny().skip(inside)
    for name in LOSSES:
        assert tiny().skip(loss_of(name)) is None


@pytest.mark.parametrize("name", LOSSES)
def test_each_loss_trains(name):
    found = run(trial(name))
    assert set(found.metrics) >= {metric.name for metric in SemiSupervised.metrics}
    assert 0 <= found.metrics["f1"] <= 1


def test_the_published_network_runs_forward_and_backward():
    task = tiny(architecture="thesis")
    splits = task.splits(0)
    network = task.network("events")
    inputs, target = splits.train.batch(np.array([0, 0]), np.random.default_rng(0))
    loss = loss_of("poisson_binomial_consistency")
    loss(network(inputs), target, progress=0.0).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in network.parameters())


def test_more_labelled_pieces_than_there_are():
    for size, pieces in (("tiny", 20), ("small", 1280), ("full", 4800)):
        create_task("semi_supervised", size=size, labelled=pieces - 1).check_data()
        task = create_task("semi_supervised", size=size, labelled=pieces)
        message = f"'labelled' must be below the number of training pieces, which is {pieces}, got"
        with pytest.raises(UsageError, match=message):
            task.check_data()
    assert len(tiny().splits(0).train) + len(tiny().splits(0).unlabelled) == 20
