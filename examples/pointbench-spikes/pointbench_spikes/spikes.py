"""Spikes of a neuron in calcium-imaging traces: a task for pointbench is one class, too."""

from typing import Annotated, ClassVar

import numpy as np
import torch
from mir_eval.onset import f_measure
from scipy.signal import lfilter
from torch import nn

from bench.plugin import (
    Evaluation,
    EventTarget,
    Ge,
    Metric,
    Splits,
    Task,
    TensorSplit,
    Uniform,
    Unit,
    predict,
    register_task,
)

STEP, BINS, THRESHOLDS = 0.02, 100, np.linspace(0.05, 0.95, 19)


@register_task(
    "spikes", heads={"events"}, space={"noise": Uniform(0.0, 0.1)}, label_noise=["noise"]
)
class Spikes(Task):
    """When a neuron spikes, F1 within 50 ms.

    Each spike lifts the fluorescence by 1; it decays with a time constant of 0.2 s under camera
    noise. Traces of 2 s hold two spikes on average. Label noise moves spikes in training labels
    only. Validation data choose the threshold.
    """

    source: ClassVar[str] = "simulated, after Vogelstein et al. 2010"
    metrics = (Metric("f1", "max", 0.0, 1.0, description="F1 within 50 ms"),)

    noise: Annotated[float, Unit("s"), Ge(0)] = 0.0
    """Standard deviation σ of the label noise."""
    traces: Annotated[int, Ge(8)] = 512
    """Training traces; validation and test have half as many each."""

    @property
    def data_name(self):
        return "simulated calcium traces"

    def splits(self, replicate, head):
        draw, half = np.random.default_rng(replicate), self.traces // 2
        test, validation = (self._simulate(draw, half, noise=0.0) for _ in range(2))
        return Splits(self._simulate(draw, self.traces, self.noise), validation, test)

    def _simulate(self, draw, traces, noise):
        spikes = draw.random((traces, 1, BINS)) < 0.02
        camera = 0.2 * draw.standard_normal(spikes.shape)
        fluorescence = lfilter([1], [1, -np.exp(-STEP / 0.2)], spikes) + camera
        trace, _, bins = spikes.nonzero()
        moved = np.rint(bins + noise / STEP * draw.standard_normal(len(bins))).astype(int)
        labels = torch.zeros(spikes.shape)
        labels[trace, 0, moved.clip(0, BINS - 1)] = 1
        return TensorSplit(torch.tensor(fluorescence).float(), EventTarget(labels, STEP))

    def network(self, head, loss):
        layers = nn.Conv1d(1, 16, 15, padding=7), nn.ReLU(), nn.Conv1d(16, 1, 15, padding=7)
        return nn.Sequential(*layers, nn.Sigmoid())

    def calibrate(self, network, loss, validation):
        f1 = [self._f1(network, loss, validation, threshold) for threshold in THRESHOLDS]
        return {"threshold": float(THRESHOLDS[np.argmax(f1)])}

    def evaluate(self, network, loss, split, decoding):
        return Evaluation({"f1": self._f1(network, loss, split, decoding["threshold"])})

    def _f1(self, network, loss, split, threshold):
        scores = loss.decode(predict(network, split))
        if not scores.isfinite().all():
            return float("nan")
        places = [mask.nonzero().numpy() for mask in (split.target.events > 0, scores >= threshold)]
        # All traces on one line of time, far apart.
        true, found = (STEP * (place @ np.array([2 * BINS, 0, 1])) for place in places)
        return float(f_measure(true, found, window=0.05)[0]) if len(true) and len(found) else 0.0
