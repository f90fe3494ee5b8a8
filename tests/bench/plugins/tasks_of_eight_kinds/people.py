"""One person left out in turn; networks that look back only, or both ways."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from torch import nn

from bench.plugin import (
    EventTarget,
    Ge,
    Splits,
    Symbol,
    TensorSplit,
    TrainDefaults,
    Uniform,
    Unit,
    register_task,
)
from tasks.bases import Events, EventsTask, event_metrics

PEOPLE, EACH, STEP, BINS = 4, 24, 1.0, 30


class Recurrent(nn.Module):
    def __init__(self, both: bool):
        super().__init__()
        self.states = nn.GRU(2, 8, batch_first=True, bidirectional=both)
        self.output = nn.Linear(16 if both else 8, 1)

    def forward(self, signal):
        states, _ = self.states(signal.transpose(1, 2))
        return self.output(states).sigmoid().transpose(1, 2)


@register_task(
    "people", heads={"events"}, space={"noise": Uniform(0.0, 4.0)}, label_noise=["noise"]
)
class People(EventsTask):
    """Puffs of people who each have a baseline; the test person was never seen."""

    source: ClassVar[str] = "thesis §5.6.2, small"
    train = TrainDefaults(steps=40, batch_size=16, lr=0.02, validations=0)
    folds = PEOPLE
    step, bins = STEP, BINS
    metrics = event_metrics()

    tolerance: Annotated[float, Unit("frames"), Ge(0)] = 0.5
    """Frames of a correct puff."""
    direction: Literal["causal", "bidirectional"] = "causal"
    """Whether the network sees what comes after."""
    noise: Annotated[float, Unit("frames"), Symbol("σ", "label noise"), Ge(0)] = 0.0
    """Standard deviation of the label noise."""

    @property
    def data_name(self):
        return "simulated people"

    def simulate(self, draw, n):
        sample = np.repeat(np.arange(n), draw.integers(1, 4, n))
        time = draw.uniform(0, BINS, len(sample))
        signal = 0.3 * draw.standard_normal((n, 2, BINS)) + draw.normal(size=(1, 2, 1))
        np.add.at(signal, (sample, 0, time.astype(int)), 2.0)
        return signal, Events(sample, np.zeros_like(sample), time, n)

    def splits(self, replicate, head):
        import torch

        inputs, truths = [], []
        for person in range(PEOPLE):
            made = self.simulate(self._generator(replicate, f"person {person}"), EACH)
            inputs.append(torch.as_tensor(made[0]).float())
            truths.append(made[1])
        test = replicate % self.folds
        validation = (test + 1) % PEOPLE

        def split(person, events):
            return TensorSplit(inputs[person], self.target(events, head))

        others = [p for p in range(PEOPLE) if p not in (test, validation)]
        noisy = [self.jittered(truths[p], replicate * PEOPLE + p, self.noise) for p in others]
        located = torch.cat([self.target(events, head).events for events in noisy])
        train = TensorSplit(torch.cat([inputs[p] for p in others]), EventTarget(located, STEP))
        return Splits(train, split(validation, truths[validation]), split(test, truths[test]))

    def network(self, head, loss):
        return Recurrent(self.direction == "bidirectional")
