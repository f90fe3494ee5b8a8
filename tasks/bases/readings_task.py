"""Base of tasks with events where it matters how an output is read: every bin, or peaks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Evaluation, Loss, Metric, Split
from tasks.bases.events_task import EventsTask
from tasks.bases.split_output import Inference, infer
from tasks.metrics.detection_scores import mean_f1
from tasks.metrics.event_lists import Events
from tasks.metrics.event_matching import match_events
from tasks.metrics.local_peaks import local_peaks

if TYPE_CHECKING:
    from torch import nn

READINGS: dict[str, str] = {"threshold": "threshold", "peaks": "peak_threshold"}
"""What decides on each reading. Of two equally good on validation data the first is taken."""


def reading_metrics() -> tuple[Metric, ...]:
    """F1 under each reading, beside that of the better one."""
    texts = {"threshold": "every bin above a threshold", "peaks": "local maxima above a threshold"}
    return tuple(
        Metric(f"f1_{name}", "max", 0.0, 1.0, description=f"F1 where {text} are detections")
        for name, text in texts.items()
    )


class ReadingsTask(EventsTask):
    """Every loss's output is read in both ways, and validation data choose between them.

    Losses come with decoders that fit some data and not others: within a few bins of a peak there
    is no second detection, which loses events that follow each other. Here the network's output is
    read as it is where a loss's decoder would pick peaks. Each reading has its own threshold. All
    metrics are those of the reading with the better F1 on validation data; `reading_metrics` are
    those of either.

    Class attributes:
        pick_radius: bins to either side within which a peak is the largest.
    """

    pick_radius: ClassVar[int] = 3

    def predict(self, network: nn.Module, loss: Loss, split: Split) -> Inference:
        """The network's output, before any peaks are picked.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        decode = (lambda output: output) if loss.picks_peaks else loss.decode
        return infer(network, loss, split, self.inference_batch, decode)

    def calibrate(
        self, network: nn.Module | None, loss: Loss, validation: Split
    ) -> dict[str, float]:
        """The best threshold of each reading, and whether peaks are the better one.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, validation)
        truth, scores, times = self._read(validation, found)
        best = {
            name: self.best_threshold(truth, self._scores(scores, name), times) for name in READINGS
        }
        return {
            **{READINGS[name]: threshold for name, (threshold, _) in best.items()},
            "peaks": float(best["peaks"][1] > best["threshold"][1]),
        }

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """As `EventsTask.evaluate`, with the metrics of both readings.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, split)
        truth, scores, times = self._read(split, found)
        detected = {
            name: Events.above(self._scores(scores, name), decoding[decides], times)
            for name, decides in READINGS.items()
        }
        chosen = "peaks" if decoding["peaks"] > 0.5 else "threshold"
        evaluation = self.evaluation(split, found, truth, detected[chosen])
        both = {
            f"f1_{name}": mean_f1(match_events(truth, events, self.tolerance))
            for name, events in detected.items()
        }
        evaluation.metrics.update(self.declared(both))
        evaluation.details["reading"] = chosen
        return evaluation

    def _scores(self, scores: NDArray[np.floating[Any]], reading: str) -> NDArray[np.floating[Any]]:
        """What the threshold of a reading is applied to."""
        return local_peaks(scores, self.pick_radius) if reading == "peaks" else scores
