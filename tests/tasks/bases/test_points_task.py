"""The base of point tasks: what an oracle scores, by both rules, in the unit of the tolerances."""

from typing import Annotated

import numpy as np
import pytest
import torch

from bench.plugin import Ge, NotFinite, PointPrediction, Unit
from tasks.bases import Points, PointsTask, point_metrics

SAMPLES = 40


class Spots(PointsTask):
    """Sample i has the input i; points of two classes on 20 × 10 pixels of 100 nm."""

    plugin_name = "spots"
    channels = ("red", "green")
    tolerances, unit, cell = (25.0, 50.0), "nm", 100.0
    metrics = point_metrics((25.0, 50.0), "nm")
    noise: Annotated[float, Unit("nm"), Ge(0)] = 0.0

    def sizes(self):
        return 30, 20, SAMPLES

    def simulate(self, draw, n):
        count = 5 * n
        where = draw.integers(1, n, count), draw.integers(0, 2, count)  # the first is empty
        return np.arange(n), Points(*where, draw.uniform(0, 1, (count, 2)) * (2000, 1000), n, 2)

    def training_labels(self, truth, replicate):
        return self.jittered(truth, replicate, self.noise, extent=(2000, 1000))


def oracle(recorded, split, shift=0.0, p=0.9):
    """Candidates at the labelled points and one far away for each sample, with little score."""
    target = split.target
    n = target.position.shape[1] + 1
    table = torch.full((SAMPLES, n, 4), -50.0)
    table[:, :-1, :2] = target.position + torch.tensor([shift, 0.0]) / Spots.cell
    table[..., 2:] = 0.1
    for channel in range(2):
        table[:, :-1, 2 + channel][target.mask & (target.channel == channel)] = p
    return recorded(table, lambda rows: PointPrediction(rows[..., :2], rows[..., 2:]))


def scored(task, network, loss, split):
    return task.evaluate(network, loss, split, task.calibrate(network, loss, split))


@pytest.mark.parametrize("pairing", ["optimal", "nearest"])
def test_the_truth_scores_best_and_tolerances_tell_shifts_apart(recorded, plain, pairing):
    task = type("Other", (Spots,), {"pairing": pairing, "__module__": __name__})()
    split = task.splits(0, "points").test
    found = scored(task, oracle(recorded, split), plain, split)
    assert set(found.metrics) == {metric.name for metric in Spots.metrics}
    for name, value in found.metrics.items():
        best = 0.0 if name.startswith("rmse") else 1.0
        assert value == pytest.approx(best, abs=1e-3), name
    moved = scored(task, oracle(recorded, split, shift=40.0), plain, split).metrics
    assert moved["recall_25nm"] < 0.1
    assert moved["recall_50nm"] == pytest.approx(1.0, abs=0.02)
    assert moved["rmse_50nm"] == pytest.approx(40.0, abs=2)
    assert moved["jaccard_50nm"] == pytest.approx(
        moved["f1_50nm"] / (2 - moved["f1_50nm"]), abs=0.01
    )


def test_counts_per_sample_are_those_of_the_first_tolerance(recorded, plain):
    task = Spots()
    split = task.splits(0, "points").test
    found = scored(task, oracle(recorded, split), plain, split)
    assert sum(found.samples["tp"]) == len(split.truth) == found.details["points"]
    expected = np.bincount(split.truth.sample, minlength=SAMPLES).tolist()
    assert found.samples["tp"] == expected
    assert len(found.samples["squared_error"]) == SAMPLES


def test_without_detections_the_error_is_undefined(recorded, plain):
    split = Spots().splits(0, "points").test
    found = Spots().evaluate(oracle(recorded, split, p=0.2), plain, split, {"threshold": 0.5})
    assert np.isnan(found.metrics["rmse_25nm"])
    assert found.metrics["f1_25nm"] == 0.0


def test_noise_moves_training_labels_alone_and_within_the_field():
    clean, noisy = (Spots(noise=noise).splits(0, "points") for noise in (0.0, 30.0))
    moved = noisy.train.target.position - clean.train.target.position
    real = clean.train.target.mask
    assert 0.2 < moved[real].std() < 0.4  # cells of 100 nm
    assert (noisy.train.target.position >= 0).all()
    assert torch.equal(noisy.test.target.position, clean.test.target.position)
    assert torch.equal(noisy.train.target.channel, clean.train.target.channel)


def test_output_that_is_not_finite_is_refused(recorded, plain):
    split = Spots().splits(0, "points").test
    with pytest.raises(NotFinite):
        Spots().calibrate(oracle(recorded, split, p=float("nan")), plain, split)


def test_names_of_metrics_have_no_dots():
    assert point_metrics((0.5, 3.0), "px")[0].name == "f1_0_5px"
