"""Counting boxes: the truth, constants, redundancy, and what each way of rescoring may know."""

import json

import numpy as np
import pytest
import torch

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import NotFinite, OptionError, TrainSettings, create_loss, create_task
from tasks.box_counting import BoxCounting

torch.set_num_threads(1)
PB = create_loss("poisson_binomial")
TINY = BoxCounting(size="tiny")


class Recorded(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = torch.as_tensor(p).float()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, inputs):
        return self.p


@pytest.fixture(scope="module")
def test_part():
    return TINY.splits(0, "instances").test


def scores(p, split):
    return TINY.evaluate(Recorded(p), PB, split, {}).metrics


def test_who_knows_the_boxes_scores_best(test_part):
    labels = test_part.target.labels
    best = scores(labels, test_part)
    assert best["accuracy"] > 0.75  # some objects have no box
    assert best["ap"] > 0.85
    assert best["f1"] > 0.9
    assert best["undecided"] == 0
    assert best["sparsity"] > 0.85
    other = scores(labels.roll(1, 0), test_part)
    for name in ("accuracy", "ap", "f1"):
        assert other[name] < best[name] - 0.3
    assert other["rmse"] > best["rmse"]


def test_labels_are_one_fitting_box_for_each_object(test_part):
    truth, labels = test_part.truth, test_part.target.labels.numpy().astype(bool)
    assert (labels.sum(1) <= truth.target.count.numpy()).all()
    assert (truth.overlap.max(2)[labels] >= 0.5).all()
    redundant = (truth.overlap.max(2) >= 0.5).sum()
    assert redundant > 2 * labels.sum()


def test_a_constant_counts_badly(test_part):
    count = test_part.target.count.numpy()
    mean = np.full((len(count), 36), np.median(count) / 36)
    metrics = scores(mean, test_part)
    assert metrics["accuracy"] == np.mean(count == round(float(np.median(count))))
    assert metrics["accuracy"] < 0.5
    assert metrics["undecided"] in (0.0, 1.0)
    assert metrics["sparsity"] == 0


def test_all_that_shows_the_kind_counts_too_much(test_part):
    showing = (test_part.truth.overlap.max(2) >= 0.5).astype(float)
    metrics = scores(showing, test_part)
    assert metrics["bias"] > 2
    assert metrics["f1"] < 0.6
    spread = showing / 3.1
    assert scores(spread, test_part)["accuracy"] > metrics["accuracy"]


def test_contributions_are_kept_for_a_picture(test_part):
    found = TINY.evaluate(Recorded(test_part.target.labels), PB, test_part, {})
    series = json.loads(json.dumps(found.details["contributions"]))
    assert list(series) <= ["2 objects", "4 objects", "6 objects"]
    for name, points in series.items():
        assert len(points["x"]) == len(points["y"]) == 36
        assert points["y"] == sorted(points["y"], reverse=True)
        assert sum(points["y"]) <= int(name[0])


def test_parts_and_replicates_are_drawn_anew():
    splits, others = (TINY.splits(replicate, "instances") for replicate in (0, 1))
    first = [part.inputs[0] for part in (splits.train, splits.validation, splits.test)]
    first += [others.train.inputs[0]]
    for number, one in enumerate(first):
        assert not any(torch.equal(one, other) for other in first[number + 1 :])


def test_noise_is_in_looks_alone():
    quiet, loud = (BoxCounting(size="tiny", noise=n).splits(0, "instances") for n in (0.0, 1.0))
    off = loud.train.inputs - quiet.train.inputs
    assert off[..., :4].abs().max() == 0
    assert off[..., 16:].abs().max() == 0
    assert float(off[..., 4:16].std()) == pytest.approx(1, abs=0.02)
    assert torch.equal(loud.train.target.count, quiet.train.target.count)


def test_each_way_of_rescoring_has_its_network():
    inputs = TINY.splits(0, "instances").train.inputs[:4]
    kinds = {}
    for rescoring in ("none", "learned", "greedy"):
        torch.manual_seed(0)
        network = BoxCounting(rescoring=rescoring).network("instances", PB)
        with torch.no_grad():
            kinds[rescoring] = network(inputs)
    assert ((kinds["greedy"] == 0) | (kinds["greedy"] == kinds["none"])).all()
    assert 0.2 < float((kinds["greedy"] == 0).float().mean()) < 0.8
    assert not torch.allclose(kinds["learned"], kinds["none"])
    with pytest.raises(OptionError, match="suppression"):
        create_task("box_counting", suppression=1.5)


def test_training_learns_to_count():
    settings = {**BoxCounting.train.options(), "steps": 150, "validations": 0, "device": "cpu"}
    found = {}
    for steps in (0, 150):
        train = TrainSettings(**{**settings, "steps": steps})
        found[steps] = run(Trial(TINY, PB, train, "laptop", 100, "instances")).metrics
    assert found[150]["rmse"] < found[0]["rmse"]
    assert found[150]["ap"] > found[0]["ap"] + 0.1


@pytest.mark.parametrize("rescoring", ["none", "learned", "greedy"])
def test_the_published_width_takes_a_step(rescoring):
    task = BoxCounting(architecture="wide", rescoring=rescoring)
    network = task.network("instances", PB)
    inputs, target = TINY.splits(0, "instances").train.batch(np.arange(2))
    PB(network(inputs), target).mean().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in network.parameters())
    assert max(weight.shape[0] for weight in network.parameters()) == 512


def test_output_that_is_not_finite_is_refused(test_part):
    with pytest.raises(NotFinite):
        scores(torch.full((32, 36), torch.nan), test_part)
