"""Points optimised directly by gradient descent, until they are as many as the truths."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import nn

from bench.plugin import (
    Metric,
    PointPrediction,
    Splits,
    TensorSplit,
    TrainDefaults,
    register_task,
)
from tasks.bases import Points, PointsTask, point_metrics

TRUTHS, CANDIDATES = 2, 8


class Candidates(nn.Module):
    """Positions and probabilities that are the weights; inputs say only how many samples."""

    def __init__(self):
        super().__init__()
        self.position = nn.Parameter(torch.rand(CANDIDATES, 2))
        self.logit = nn.Parameter(torch.full((CANDIDATES, 1), -1.0))

    def forward(self, inputs):
        rows = len(inputs), -1, -1
        return PointPrediction(self.position.expand(rows), torch.sigmoid(self.logit).expand(rows))


@register_task("one_point", heads={"points"})
class OnePoint(PointsTask):
    """Two truths in one cell: after how many steps exactly two candidates are left."""

    source: ClassVar[str] = "thesis §6.4.4, small"
    train = TrainDefaults(
        steps=400, batch_size=1, optimizer="sgd", lr=0.2, clip_norm=None, validations=0
    )
    tolerances = (0.1,)
    metrics = (
        Metric("steps", "min", 0.0, None, "step", "until as many are left", 0, optional=True),
        *point_metrics((0.1,), "cell"),
    )
    ranked = ("f1_0_1cell",)
    finish_every = 20

    @property
    def data_name(self):
        return "two points"

    def splits(self, replicate, head):
        draw, none = np.random.default_rng([replicate, 7]), np.zeros(TRUTHS, np.int64)
        truth = Points(none, none, draw.uniform(0.05, 0.95, (TRUTHS, 2)), 1)
        # One scene is optimised, there is nothing to generalise to.
        scene = TensorSplit(torch.zeros(1, 1), self.target(truth, head))
        return Splits(scene, scene, scene)

    def network(self, head, loss):
        return Candidates()

    def finished(self, network, step):
        return int((network.logit > 0).sum()) == TRUTHS
