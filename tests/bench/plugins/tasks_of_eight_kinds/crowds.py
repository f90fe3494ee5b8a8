"""How many of the candidates are real."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from bench.plugin import InstanceTarget, TrainDefaults, register_task
from tasks.bases import CountTask, count_metrics

CANDIDATES = 12


@register_task("crowds", heads={"instances"})
class Crowds(CountTask):
    """Candidates with two noisy features each; only their number is known."""

    source: ClassVar[str] = "simulated"
    train = TrainDefaults(steps=80, batch_size=16, lr=0.02, validations=0)
    metrics = count_metrics()
    ranked = ("accuracy", "rmse")

    @property
    def data_name(self):
        return "simulated candidates"

    def sizes(self):
        return 128, 48, 48

    def simulate(self, draw, n):
        real = draw.random((n, CANDIDATES)) < 0.3
        features = draw.standard_normal((n, CANDIDATES, 2)) * 0.4
        features[..., 0] += real
        labels = torch.as_tensor(real).float()
        return features, InstanceTarget(labels.sum(-1).long(), labels)

    def network(self, head, loss):
        layers = nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1), nn.Flatten(1), nn.Sigmoid()
        return nn.Sequential(*layers)
