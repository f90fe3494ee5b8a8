"""Events of which only some recordings are labelled; the rest teaches by consistency."""

from __future__ import annotations

import dataclasses
from typing import Annotated, ClassVar

import numpy as np
import torch
from torch import nn

from bench.plugin import EventTarget, Ge, Le, TensorSplit, TrainDefaults, register_task
from tasks.bases import Events, EventsTask, event_metrics

STEP, BINS = 0.02, 40


@register_task("few_labels", heads={"events"})
class FewLabels(EventsTask):
    """Clicks in noise; two views of a recording are shifted against each other."""

    source: ClassVar[str] = "thesis §7.1, small"
    train = TrainDefaults(steps=60, batch_size=8, lr=0.02, validations=0)
    step, bins = STEP, BINS
    metrics = event_metrics()

    labelled: Annotated[int, Ge(4), Le(64)] = 16
    """Recordings with labels, of 64."""

    @property
    def data_name(self):
        return "simulated clicks"

    def sizes(self):
        return 64, 32, 32

    def simulate(self, draw, n):
        sample = np.repeat(np.arange(n), draw.integers(1, 4, n))
        time = draw.uniform(0, STEP * BINS, len(sample))
        signal = 0.4 * draw.standard_normal((n, 1, BINS))
        np.add.at(signal, (sample, 0, (time / STEP).astype(int)), 1.5)
        return signal, Events(sample, np.zeros_like(sample), time, n)

    def splits(self, replicate, head):
        made = super().splits(replicate, head)
        inputs, target = made.train.batch(np.arange(len(made.train)))
        some = slice(0, self.labelled)
        labels = EventTarget(target.events[some], STEP)
        unknown = torch.full((len(inputs) - self.labelled, 1), -1)
        rest = EventTarget(None, STEP, known_counts=unknown)
        return dataclasses.replace(
            made,
            train=TensorSplit(inputs[some], labels),
            unlabelled=TensorSplit(inputs[self.labelled :], rest) if len(unknown) else None,
        )

    def augment(self, inputs, target, draw):
        loud = torch.as_tensor(draw.uniform(0.8, 1.2, (len(inputs), 1, 1))).float()
        return inputs * loud, target

    def network(self, head, loss):
        return nn.Sequential(
            nn.Conv1d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv1d(8, 1, 5, padding=2), nn.Sigmoid()
        )
