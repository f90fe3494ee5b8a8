"""Base of tasks with the `points` head, or with maps that may hold several points."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from bench.plugin import Evaluation, Loss, Metric, Split
from tasks.bases.localization_task import LocalizationTask
from tasks.bases.point_conversions import from_predictions, from_targets, to_target
from tasks.labels.noise import NoiseKind, reflect, standard_draws
from tasks.metrics.detection_scores import scores_of_channels
from tasks.metrics.point_lists import Points
from tasks.metrics.point_matching import PAIRINGS, PointMatches, f1_by_threshold, match_points
from tasks.metrics.thresholds import THRESHOLDS, best_threshold

if TYPE_CHECKING:
    from torch import nn

    from tasks.bases.split_output import Inference


def _label(tolerance: float, unit: str) -> str:
    return f"{tolerance:g}{unit}".replace(".", "_")


def point_metrics(tolerances: tuple[float, ...], unit: str) -> tuple[Metric, ...]:
    """F1, Jaccard index, precision, recall and error at each tolerance, such as ``f1_25nm``."""
    texts = {
        "f1": "F1",
        "jaccard": "Jaccard index",
        "precision": "share of detections that are right",
        "recall": "share of points that are found",
    }
    found = [
        Metric(
            f"{name}_{_label(t, unit)}", "max", 0.0, 1.0, description=f"{text} within {t:g} {unit}"
        )
        for t in tolerances
        for name, text in texts.items()
    ]
    found += [
        Metric(
            f"rmse_{_label(t, unit)}",
            "min",
            0.0,
            None,
            unit,
            f"root mean square distance of matched points, within {t:g} {unit}",
            optional=True,
        )
        for t in tolerances
    ]
    return tuple(found)


class PointsTask(LocalizationTask):
    """Points in space: which candidates are detections, and which of these are right.

    One threshold for all channels and tolerances is chosen on validation data by mean F1.

    `simulate` returns inputs and `Points`, in the unit of the tolerances. Metrics: those of
    `point_metrics`, and what `measures` adds; a task reports the ones that it declares.

    Class attributes:
        channels: names of the classes of points.
        tolerances: distances up to which a detection is right; per-sample counts are those of the
            first.
        unit: of tolerances and positions.
        cell: side of a cell of the input grid in that unit.
        pairing: rule of matching, as many as possible or by increasing distance
            (`tasks.metrics.point_matching`).
    """

    channels: ClassVar[tuple[str, ...]] = ("point",)
    tolerances: ClassVar[tuple[float, ...]] = (1.0,)
    unit: ClassVar[str] = "cell"
    cell: ClassVar[float] = 1.0
    pairing: ClassVar[Literal["optimal", "nearest"]] = "optimal"
    metrics: ClassVar[tuple[Metric, ...]] = point_metrics((1.0,), "cell")

    def target(self, truth: Points, head: str) -> Any:
        """Padded sets of points, in cells."""
        return to_target(truth, self.cell)

    def jittered(
        self,
        truth: Points,
        replicate: int,
        noise: float,
        kind: NoiseKind = "normal",
        extent: ArrayLike = np.inf,
    ) -> Points:
        """Points moved by label noise of level ``noise`` along each axis.

        The draws are common to all losses and levels (`tasks.labels.noise`).

        Args:
            extent: sides of the field that points are folded back into.
        """
        draws = standard_draws(self.plugin_name, replicate, truth.position.size, kind)
        moved = truth.position + noise * draws.reshape(truth.position.shape)
        sides = np.asarray(extent, np.float64)
        return replace(truth, position=reflect(moved, sides) if np.isfinite(sides).all() else moved)

    def calibrate(
        self, network: nn.Module | None, loss: Loss, validation: Split
    ) -> dict[str, float]:
        """The threshold with the best mean F1 on validation data.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, validation)
        truth = self._truth(found.targets)
        candidates = self._detected(found.outputs, THRESHOLDS[0])
        pairing = PAIRINGS[self.pairing]
        return {
            "threshold": best_threshold(
                f1_by_threshold(truth, candidates, self.tolerances, pairing)
            )
        }

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics, and per sample: correct, false and missed points, and sums of squared errors.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, split)
        truth = self._truth(found.targets)
        detected = self._detected(found.outputs, decoding["threshold"])
        return self.evaluation(split, found, truth, detected)

    def evaluation(
        self, split: Split, found: Inference, truth: Points, detected: Points
    ) -> Evaluation:
        """What `evaluate` returns; a task overrides it to compare points in further ways.

        Args:
            found: the decoded output, of which ``detected`` are the points above the threshold.
        """
        pairing = PAIRINGS[self.pairing]
        matches = {t: match_points(truth, detected, t, pairing) for t in self.tolerances}
        first = matches[self.tolerances[0]]
        counts = {"tp": first.tp, "fp": first.fp, "fn": first.fn}
        return Evaluation(
            self.declared(self.measures(matches)),
            {"samples": len(split), "points": len(truth), "detections": len(detected)},
            {"per_sample": found.seconds},
            {
                **{name: count.sum(1).tolist() for name, count in counts.items()},
                "squared_error": first.squares_per_sample().tolist(),
            },
        )

    def measures(self, matches: dict[float, PointMatches]) -> dict[str, float]:
        """Values of metrics by name, declared or not; a task overrides it to add its own.

        Args:
            matches: by tolerance.
        """
        values = {}
        for tolerance, match in matches.items():
            label = _label(tolerance, self.unit)
            scores, squares = scores_of_channels(match), match.distance**2
            for name in ("f1", "jaccard", "precision", "recall"):
                values[f"{name}_{label}"] = float(getattr(scores, name).mean())
            rmse = float(np.sqrt(squares.mean())) if len(squares) else float("nan")
            values[f"rmse_{label}"] = rmse
        return values

    def _truth(self, targets: list[Any]) -> Points:
        return from_targets(targets, self.cell, len(self.channels))

    def _detected(self, outputs: list[Any], lowest: float) -> Points:
        return from_predictions(outputs, lowest, self.cell, len(self.channels))
