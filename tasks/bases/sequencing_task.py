"""Base of tasks whose classes of events happen once each in a clip: sequencing, PCE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bench.plugin import Evaluation, Loss, Metric, PointPrediction, Split
from tasks.bases.localization_task import LocalizationTask
from tasks.bases.split_output import Inference, infer
from tasks.metrics.correct_events import Frames, correct_events, likeliest, scaled_tolerance
from tasks.metrics.sparsity import UNDECIDED

if TYPE_CHECKING:
    from torch import nn

    from tasks.splits.swing_split import SwingSplit


def sequencing_metrics(*channels: str) -> tuple[Metric, ...]:
    """Accuracy by the scaled rule, at one frame, and by class."""
    texts = {
        "accuracy": "events found within a thirtieth of the swing, at least one frame (PCE)",
        "accuracy_1_frame": "events found within one frame, however slow the swing is filmed",
        **{f"accuracy_{name}": f"accuracy of {name.replace('_', ' ')}" for name in channels},
    }
    return (
        *(Metric(name, "max", 0.0, 1.0, description=text) for name, text in texts.items()),
        UNDECIDED,
    )


class SequencingTask(LocalizationTask):
    """Each class of event once in a clip: its likeliest place is the detection.

    Nothing is thresholded or calibrated. Splits are those of `tasks.splits.swing_split`: a clip may
    be longer than another, then it is seen alone, from its first frame to its last.

    Class attributes:
        channels: names of the classes.
    """

    channels: ClassVar[tuple[str, ...]]

    def predict(self, network: nn.Module, loss: Loss, split: SwingSplit) -> Inference:  # type: ignore[override]
        """Decoded output, of many clips at once only where all are equally long."""
        alike = len(set(split.length.tolist())) == 1
        return infer(network, loss, split, self.inference_batch if alike else 1)

    def found_frames(self, outputs: list[Any]) -> Frames:
        """``(clip, class)`` frame of each class's likeliest place, of decoded outputs.

        A point lies in the frame whose cell holds it.
        """
        return np.concatenate([_likeliest_frames(output) for output in outputs])

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics, and events found and missed in each clip.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, split)
        frames, truth = self.found_frames(found.outputs), split.truth  # type: ignore[attr-defined]
        length = split.swing_length  # type: ignore[attr-defined]
        right = correct_events(frames, truth, scaled_tolerance(length))
        near = correct_events(frames, truth, np.ones_like(length))
        hits = right.sum(1)
        return Evaluation(
            self.declared(
                {
                    "accuracy": float(right.mean()),
                    "accuracy_1_frame": float(near.mean()),
                    **{
                        f"accuracy_{name}": float(share)
                        for name, share in zip(self.channels, right.mean(0), strict=True)
                    },
                    UNDECIDED.name: found.mass.undecided,
                }
            ),
            {
                "samples": len(split),
                "events": truth.size,
                "tolerance_of_one_frame": int((scaled_tolerance(length) == 1).sum()),
                "clips_left_out": split.clips.left_out,  # type: ignore[attr-defined]
            },
            {"per_sample": found.seconds},
            {"tp": hits.tolist(), "fn": (truth.shape[1] - hits).tolist()},
        )


def _likeliest_frames(output: Any) -> Frames:
    if not isinstance(output, PointPrediction):
        return likeliest(output.numpy())
    best = likeliest(output.p.numpy().transpose(0, 2, 1))
    place = np.take_along_axis(output.position.numpy()[..., 0], best, 1)
    return np.asarray(np.floor(place), np.int64)
