"""Points in one pixel: who is there, since when, and what the two smaller examples measure."""

import json
import math

import numpy as np
import pytest
import torch

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import NotFinite, TrainSettings, create_loss
from tasks.one_pixel import CANDIDATES, STARTS, OnePixel

torch.set_num_threads(1)
COUNT = create_loss("heatmap_matching")
WIDE = {"bandwidth": 1.0}


def network_of(task=None, loss=COUNT):
    torch.manual_seed(0)
    return (task or OnePixel()).network("points", loss)


def placed(truth, p=0.9, off=0.0, rest=0.0):
    """A network with a candidate on each truth, and its other candidates at a probability."""
    network = network_of()
    values = torch.full((STARTS, CANDIDATES, 3), 0.5)
    values[..., 2] = rest
    places = torch.tensor(truth.position).float().view(STARTS, 3, 2)
    values[:, :3, :2], values[:, :3, 2] = places, p
    values[:, :3, 0] += off
    network.weight.data = torch.logit(values, eps=1e-6) / math.sqrt(network.stride)
    return network


def evaluated(network, task=None, loss=COUNT):
    task = task or OnePixel()
    split = task.splits(0).test
    return task.evaluate(network, loss, split, task.calibrate(network, loss, split))


def test_starts_are_the_same_in_all_parts_and_others_in_other_replicates():
    first, second = OnePixel().splits(0), OnePixel().splits(1)
    for part in (first.train, first.validation, first.test):
        assert part.inputs[:, 0].tolist() == list(range(STARTS))
        assert part.target.position.shape == (STARTS, 3, 2)
    assert second.test.inputs[:, 0].tolist() == list(range(STARTS, 2 * STARTS))
    assert not torch.equal(first.test.target.position, second.test.target.position)
    places = np.concatenate([OnePixel().splits(r).test.truth.position for r in range(20)])
    assert places.min() > 0.05
    assert places.max() < 0.95
    assert places.mean() == pytest.approx(0.5, abs=0.02)


def test_the_truth_is_there_and_nothing_less_is():
    """Both conditions: exactly as many candidates, each on a truth of its own."""
    truth = OnePixel().splits(0).test.truth
    best = evaluated(placed(truth)).metrics
    assert best["converged"] == 1
    assert best["points_left"] == 3
    assert best["rmse_0_05px"] == pytest.approx(0, abs=1e-4)
    assert evaluated(placed(truth, off=0.04)).metrics["converged"] == 1
    off = evaluated(placed(truth, off=0.06)).metrics
    assert off["converged"] == 0
    assert off["points_left"] == 3
    low = evaluated(placed(truth, p=0.05)).metrics
    assert (low["converged"], low["points_left"]) == (0, 0)
    more = evaluated(placed(truth, rest=0.11)).metrics
    assert (more["converged"], more["points_left"]) == (0, CANDIDATES)
    assert evaluated(placed(truth, rest=0.09)).metrics["converged"] == 1


def test_three_on_one_truth_are_not_there():
    truth = OnePixel().splits(0).test.truth
    position = truth.position.reshape(STARTS, 3, 2)[:, :1].repeat(3, 1).reshape(-1, 2)
    one = evaluated(placed(type(truth)(truth.sample, truth.channel, position, STARTS)))
    assert one.metrics["points_left"] == 3
    assert one.metrics["converged"] == 0


def test_an_untrained_network_is_at_chance():
    found = evaluated(network_of())
    assert found.metrics["converged"] == 0
    assert found.metrics["points_left"] == pytest.approx(0.9 * CANDIDATES, rel=0.05)
    assert math.isnan(found.metrics["iterations"])
    assert len(found.samples["tp"]) == STARTS
    declared = {metric.name for metric in OnePixel.metrics} - {"steps"}
    assert set(found.metrics) == declared


def test_it_is_finished_when_every_start_is_or_was_there():
    task = OnePixel()
    splits = task.splits(3)
    network = placed(splits.test.truth)
    network(splits.train.inputs)  # in training, so that it knows which starts these are
    good = network.weight.data.clone()
    with torch.no_grad():
        network.weight[5, 7, 2] = 1.0
    assert not task.finished(network, 10)
    assert (network.iterations >= 0).sum() == STARTS - 1
    assert network.training
    network.weight.data = good
    with torch.no_grad():
        network.weight[2, 7, 2] = 1.0
    assert task.finished(network, 20)
    assert network.iterations[5] == 200
    assert network.iterations[2] == 100
    assert network.median_iterations == 100


def test_who_is_never_there_counts_as_all_iterations():
    settings = TrainSettings(**{**OnePixel.train.options(), "steps": 40, "device": "cpu"})
    found = run(Trial(OnePixel(), COUNT, settings, "laptop", 100, "points"))
    assert found.metrics["iterations"] == 400
    assert math.isnan(found.metrics["steps"])
    picture = json.loads(json.dumps(found.details))["points"]
    assert len(picture["truths"]["x"]) == 3


def test_counting_leaves_fewer_candidates():
    settings = TrainSettings(**{**OnePixel.train.options(), "steps": 150, "device": "cpu"})
    left = {}
    for regularizer in ("none", "count"):
        loss = create_loss("heatmap_matching", regularizer=regularizer)
        found = run(Trial(OnePixel(), loss, settings, "laptop", 100, "points"))
        left[regularizer] = found.metrics["points_left"]
    assert left["count"] < 0.7 * left["none"]


def trained(start, loss, steps):
    task = OnePixel(start=start)
    options = {**OnePixel.train.options(), "steps": steps, "device": "cpu"}
    return run(Trial(task, loss, TrainSettings(**options), "laptop", 100, "points"))


def test_two_on_one_object_end_where_the_thesis_says():
    """Figures 3.1 and 6.2: a line of minima, or two corners."""
    for name, options in (("count_mse", {}), ("heatmap_matching", {**WIDE, "regularizer": "none"})):
        after = trained("aligned", create_loss(name, **options), 400).details["probabilities"]
        sums = np.add(after["after"]["x"], after["after"]["y"])
        np.testing.assert_allclose(sums, 1, atol=0.03)
        spread = np.minimum(after["after"]["x"], after["after"]["y"])
        assert spread.max() > 0.2  # any that sum to one
    found = trained("aligned", create_loss("poisson_binomial"), 400)
    after = found.details["probabilities"]["after"]
    assert np.minimum(after["x"], after["y"]).max() < 0.02
    assert found.metrics["converged"] == 1


def test_the_location_gradient_is_that_of_the_closed_form():
    """Equations 6.9 and 6.11 at λ = 1, whose π stands for the whole factor."""
    loss = create_loss("heatmap_matching", **WIDE, regularizer="none")
    found = trained("apart", loss, 1000)
    series = found.details["location_gradient"]["gradient"]
    d = np.array(series["x"])
    assert d.min() < 0.15
    assert d.max() > 2.85
    best = np.exp(-(d**2) / 2) / (np.exp(-2 * d**2) + 1)
    expected = np.pi * d * (best * np.exp(-(d**2) / 2) - 2 * best**2 * np.exp(-2 * d**2))
    settled = d < 2.2  # farther ones take longer
    np.testing.assert_allclose(np.array(series["y"])[settled], expected[settled], atol=2e-3)
    assert found.metrics["location_gradient"] == pytest.approx(np.mean(series["y"]), abs=1e-5)


def test_losses_of_counts_move_no_point():
    counts = create_loss("poisson_binomial")
    assert OnePixel().skip(counts) == "poisson_binomial learns from counts, which move no point"
    assert OnePixel(start="apart").skip(counts)
    assert OnePixel(start="aligned").skip(counts) is None
    assert OnePixel().skip(COUNT) is None


def test_output_that_is_not_finite_is_refused():
    network = network_of()
    network.weight.data.fill_(torch.nan)
    with pytest.raises(NotFinite):
        evaluated(network)
