"""The base of counting tasks."""

import numpy as np
import pytest
import torch

from bench.plugin import InstanceTarget, NotFinite, TensorSplit
from tasks.bases import CountTask

SAMPLES = 50


class Boxes(CountTask):
    """Sample i has the input i, and some of ten boxes are real."""

    plugin_name = "boxes"

    def sizes(self):
        return 20, 10, SAMPLES

    def simulate(self, draw, n):
        labels = torch.from_numpy(draw.random((n, 10)) < 0.3).float()
        return np.arange(n), InstanceTarget(labels.sum(1).long(), labels)


def test_the_truth_scores_best_and_other_counts_do_not(recorded, plain):
    split = Boxes().splits(0, "instances").test
    labels = split.target.labels
    best = Boxes().evaluate(recorded(labels * 0.98 + 0.01), plain, split, {}).metrics
    assert best == {"accuracy": 1.0, "rmse": 0.0, "bias": 0.0, "undecided": 0.0}
    more = Boxes().evaluate(recorded(labels.roll(1, 0)), plain, split, {})
    assert more.metrics["accuracy"] < 0.6
    assert more.metrics["rmse"] > 0.5
    counted = np.array(more.samples["tp"]) + more.samples["fp"]
    np.testing.assert_array_equal(counted, split.target.count.roll(1, 0))


def test_many_small_contributions_count_as_well_but_are_undecided(recorded, plain):
    split = Boxes().splits(0, "instances").test
    spread = split.target.count[:, None].float().expand(-1, 10) / 10
    metrics = Boxes().evaluate(recorded(spread), plain, split, {}).metrics
    assert metrics["accuracy"] == 1.0
    assert metrics["undecided"] == 1.0


def test_padding_counts_for_nothing(recorded, plain):
    mask = torch.tensor([[True, True, False]])
    split = TensorSplit(torch.arange(1), InstanceTarget(torch.tensor([2]), mask=mask))
    assert Boxes().evaluate(recorded([[1.0, 1.0, 1.0]]), plain, split, {}).metrics["rmse"] == 0


def test_output_that_is_not_finite_is_refused(recorded, plain):
    split = Boxes().splits(0, "instances").test
    with pytest.raises(NotFinite):
        Boxes().evaluate(recorded(torch.full((SAMPLES, 10), torch.nan)), plain, split, {})
