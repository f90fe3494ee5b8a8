"""The base of keypoint tasks: what maps at the truth score, unlabelled keypoints, the scale."""

import numpy as np
import pytest
import torch

from bench.plugin import NotFinite, create_loss
from tasks.bases import KeypointTask, keypoint_metrics

SAMPLES, GRID = 30, (12, 16)


class Faces(KeypointTask):
    """Sample i has the input i; three keypoints on a small grid, at the centres of cells."""

    plugin_name = "faces"
    limits = (0.1, 0.5)
    metrics = keypoint_metrics((0.1, 0.5))

    def sizes(self):
        return 20, 10, SAMPLES

    def simulate(self, draw, n):
        truth = draw.integers(1, 10, (n, 3, 2)) + 0.5
        truth[0, 1] = np.nan
        return np.arange(n), truth

    def training_labels(self, truth, replicate):
        return self.jittered(truth, replicate, 2.0)

    def scale(self, truth):
        return np.full(len(truth), 10.0)


def maps(truth, shift=0):
    logits = np.full((SAMPLES, 3, *GRID), -20.0)
    cell = np.nan_to_num(truth, nan=0.5).astype(int)
    rows, columns = np.indices((SAMPLES, 3))
    logits[rows, columns, cell[..., 0], cell[..., 1] + shift] = 20.0
    return logits


@pytest.mark.parametrize("loss", ["soft_argmax", "discrete_heatmap"])
def test_maps_at_the_truth_score_best_and_shifted_ones_by_their_shift(recorded, loss):
    task, loss = Faces(), create_loss(loss)
    split = task.splits(0, "heatmap").test
    metrics = task.evaluate(recorded(maps(split.truth)), loss, split, {}).metrics
    assert metrics == {"error": pytest.approx(0, abs=0.01), "pck_0_1": 1.0, "pck_0_5": 1.0}
    found = task.evaluate(recorded(maps(split.truth, 3)), loss, split, {})
    metrics = found.metrics
    assert metrics == {"error": pytest.approx(0.3, abs=0.01), "pck_0_1": 0.0, "pck_0_5": 1.0}
    assert found.samples["tp"] == [0] * SAMPLES
    assert found.samples["fn"] == [2] + [3] * (SAMPLES - 1)  # one is not labelled
    mean = sum(found.samples["error"]) / found.details["keypoints"]
    assert mean == pytest.approx(metrics["error"])


def test_noise_moves_training_labels_alone():
    parts = Faces().splits(0, "heatmap")
    assert np.nanstd(parts.train.target.position.numpy() - parts.train.truth) > 1
    np.testing.assert_allclose(parts.test.target.position.numpy(), parts.test.truth)
    assert parts.test.target.mask[0].tolist() == [True, False, True]


def test_maps_with_impossible_cells_are_read_and_those_with_nan_are_not(recorded):
    task, loss = Faces(), create_loss("soft_argmax")
    split = task.splits(0, "heatmap").test
    logits = torch.tensor(maps(split.truth))
    network = recorded(logits.masked_fill(logits < 0, -float("inf")))
    assert task.evaluate(network, loss, split, {}).metrics["pck_0_1"] == 1.0
    with pytest.raises(NotFinite):
        task.evaluate(recorded(logits * float("nan")), loss, split, {})
