"""Spikes of a neuron in calcium-imaging traces: a task for pointbench is one class, too."""

from typing import Annotated, ClassVar

import numpy as np
from scipy.signal import lfilter
from torch import nn

from bench.plugin import Ge, Uniform, Unit, register_task
from tasks.bases import Events, EventsTask


@register_task(
    "spikes", heads={"events"}, space={"noise": Uniform(0.0, 0.1)}, label_noise=["noise"]
)
class Spikes(EventsTask):
    """When a neuron spikes, F1 within 50 ms.

    Each spike lifts the fluorescence by 1; it decays with a time constant of 0.2 s under camera
    noise. Traces of 2 s hold two spikes on average. Label noise moves spikes in training labels
    only. Validation data choose the threshold.
    """

    source: ClassVar[str] = "simulated, after Vogelstein et al. 2010"
    step: ClassVar[float] = 0.02
    bins: ClassVar[int] = 100

    noise: Annotated[float, Unit("s"), Ge(0)] = 0.0
    """Standard deviation σ of the label noise."""
    traces: Annotated[int, Ge(8)] = 512
    """Training traces; validation and test have half as many each."""

    @property
    def data_name(self):
        return "simulated calcium traces"

    def sizes(self):
        return self.traces, self.traces // 2, self.traces // 2

    def simulate(self, draw, n):
        spikes = draw.random((n, 1, self.bins)) < 0.02
        camera = 0.2 * draw.standard_normal(spikes.shape)
        fluorescence = lfilter([1], [1, -np.exp(-self.step / 0.2)], spikes) + camera
        trace, channel, column = spikes.nonzero()
        return fluorescence, Events(trace, channel, (column + 0.5) * self.step, n)

    def training_labels(self, truth, replicate):
        return self.jittered(truth, replicate, self.noise)

    def network(self, head, loss):
        layers = nn.Conv1d(1, 16, 15, padding=7), nn.ReLU(), nn.Conv1d(16, 1, 15, padding=7)
        return nn.Sequential(*layers, nn.Sigmoid())
