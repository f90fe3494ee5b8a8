"""Augmentation, dropout, gradient descent with momentum, and a schedule of the learning rate."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import nn

from bench.plugin import TrainDefaults, cosine, register_task
from tasks.bases import Events, EventsTask, event_metrics, timing_metrics

BINS = 32


@register_task("swings", heads={"events"})
class Swings(EventsTask):
    """Start and end of a movement, each once in a sequence."""

    source: ClassVar[str] = "simulated"
    train = TrainDefaults(
        steps=60,
        batch_size=16,
        optimizer="sgd",
        momentum=0.9,
        weight_decay=1e-4,
        lr=cosine(0.1, 0.001),
        validations=1,
    )
    channels = ("start", "end")
    step, bins = 0.05, BINS
    metrics = (*event_metrics("start", "end"), *timing_metrics())
    ranked = ("f1", "timing_distance")

    @property
    def data_name(self):
        return "simulated movements"

    def sizes(self):
        return 96, 32, 32

    def simulate(self, draw, n):
        start, length = draw.integers(2, 12, n), draw.integers(6, 16, n)
        bins = np.arange(BINS)
        inside = (bins >= start[:, None]) & (bins < (start + length)[:, None])
        signal = inside[:, None] + 0.3 * draw.standard_normal((n, 1, BINS))
        time = (np.concatenate([start, start + length]) + 0.5) * self.step
        channel = np.repeat([0, 1], n)
        return signal, Events(np.tile(np.arange(n), 2), channel, time, n, 2)

    def augment(self, inputs, target, draw):
        scale = torch.as_tensor(draw.uniform(0.7, 1.3, (len(inputs), 1, 1))).float()
        return inputs * scale, target

    def network(self, head, loss):
        return nn.Sequential(
            nn.Conv1d(1, 16, 7, padding=3),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Conv1d(16, 2, 7, padding=3),
            nn.Sigmoid(),
        )
