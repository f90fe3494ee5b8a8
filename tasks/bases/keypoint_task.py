"""Base of tasks with the `heatmap` head and one point per map: joints, landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.plugin import Evaluation, HeatmapTarget, Loss, Metric, Split
from tasks.bases.localization_task import LocalizationTask
from tasks.bases.split_output import Inference, infer
from tasks.labels.noise import NoiseKind, standard_draws
from tasks.metrics.keypoint_errors import normalized_errors, share, within
from tasks.metrics.map_spread import map_spread

if TYPE_CHECKING:
    from torch import Tensor, nn

Positions = NDArray[np.float64]


def _pck(limit: float) -> str:
    return f"pck_{limit:g}".replace(".", "_")


def keypoint_metrics(limits: tuple[float, ...], unit: str = "") -> tuple[Metric, ...]:
    """Mean error and PCK at each limit, such as ``pck_0_1``.

    Args:
        unit: of errors, empty where they are shares of a scale.
    """
    error = "mean distance over labelled keypoints"
    correct = [
        Metric(_pck(limit), "max", 0.0, 1.0, description=f"share of errors up to {limit:g} {unit}")
        for limit in limits
    ]
    return Metric("error", "min", 0.0, None, unit, error), *correct


class KeypointTask(LocalizationTask):
    """One point per map: how far each is from its keypoint.

    Errors are Euclidean distances in cells, divided by the `scale` of their sample. There is no
    threshold: a decoder's first point of each map counts, whatever its score.

    `simulate` returns inputs and positions ``(n, keypoint, dim)`` in cells, NaN where a keypoint is
    not labelled. Metrics: those of `keypoint_metrics`, and what `measures` adds; a task reports the
    ones that it declares.

    Class attributes:
        limits: errors up to which a keypoint is right; per-sample counts are those of the first.
    """

    limits: ClassVar[tuple[float, ...]] = (1.0,)
    metrics: ClassVar[tuple[Metric, ...]] = keypoint_metrics((1.0,), "cell")

    def scale(self, truth: Positions) -> Positions:
        """``(sample,)`` lengths in cells that errors are divided by; default 1 cell.

        Args:
            truth: ``(sample, keypoint, dim)``.
        """
        return np.ones(len(truth))

    def target(self, truth: Positions, head: str) -> Any:
        """Positions and which of them are labelled."""
        import torch

        labelled = np.isfinite(truth).all(-1)
        mask = None if labelled.all() else torch.from_numpy(labelled)
        return HeatmapTarget(torch.from_numpy(truth.astype(np.float32)), mask)

    def jittered(
        self, truth: Positions, replicate: int, noise: float, kind: NoiseKind = "normal"
    ) -> Positions:
        """Positions moved by label noise of level ``noise`` along each axis.

        The draws are common to all losses and levels (`tasks.labels.noise`).
        """
        draws = standard_draws(self.plugin_name, replicate, truth.size, kind)
        return np.asarray(truth + noise * draws.reshape(truth.shape))

    def scales(self, split: Split, truth: Positions) -> Positions:
        """As `scale`; where lengths do not follow from keypoints, a task takes them from a split.

        Args:
            truth: of the split, ``(sample, keypoint, dim)``.
        """
        return self.scale(truth)

    def errors(self, split: Split, found: Positions, truth: Positions) -> Positions:
        """``(sample, keypoint)`` distances over the scales of a split.

        Args:
            found, truth: ``(sample, keypoint, dim)`` cells.
        """
        return normalized_errors(found, truth, self.scales(split, truth))

    def predict(self, network: nn.Module, loss: Loss, split: Split) -> Inference:
        """Decoded output of a network, with the spread of each of its maps.

        Raises:
            NotFinite: the output is NaN or infinite.
        """

        def decode(output: Tensor) -> MapReading:
            point = loss.decode(output)
            return MapReading(point.position, point.p, map_spread(output))

        return infer(network, loss, split, self.inference_batch, decode)

    def detect(self, network: nn.Module | None, loss: Loss, split: Split) -> KeypointDetections:
        """Where each keypoint of a split is found, how surely, and where it is.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.infer(network, loss, split)
        truth = np.concatenate([target.position.numpy() for target in found.targets]).astype(float)
        labelled = np.concatenate([_labelled(target) for target in found.targets])
        position, p = (
            np.concatenate([getattr(output, name).numpy() for output in found.outputs])
            for name in ("position", "p")
        )
        count, keypoints, dim = truth.shape
        first = position.reshape(count, keypoints, -1, dim)[:, :, 0].astype(np.float64)
        score = p.reshape(count, keypoints, -1)[:, :, 0].astype(np.float64)
        spread = np.zeros_like(score)
        if isinstance(found.outputs[0], MapReading):
            spread = np.concatenate([output.spread.numpy() for output in found.outputs])
        errors = self.errors(split, first, truth)
        return KeypointDetections(first, truth, labelled, errors, score, spread, found.seconds)

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Metrics, and per sample: right and wrong keypoints, labelled ones, sum of errors.

        A wrong keypoint is both a false detection and a missed truth.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = self.detect(network, loss, split)
        right = within(found.errors, found.labelled, self.limits[0]).sum(1)
        wrong = found.labelled.sum(1) - right
        return Evaluation(
            self.declared(self.measures(found, split)),
            {"samples": len(found.truth), "keypoints": int(found.labelled.sum())},
            {"per_sample": found.seconds},
            {
                "tp": right.tolist(),
                "fp": wrong.tolist(),
                "fn": wrong.tolist(),
                "error": np.where(found.labelled, found.errors, 0.0).sum(1).tolist(),
            },
        )

    def measures(self, found: KeypointDetections, split: Split) -> dict[str, float]:
        """Values of metrics by name, declared or not; a task overrides it to add its own.

        Args:
            split: where the detections were made.
        """
        errors, labelled = found.errors, found.labelled
        return {
            "error": float(errors[labelled].mean()) if labelled.any() else float("nan"),
            **{
                _pck(limit): share(within(errors, labelled, limit), labelled)
                for limit in self.limits
            },
        }


@dataclass(frozen=True)
class MapReading:
    """What was read from maps: a `PointPrediction`, and their spreads.

    Attributes:
        position: ``(batch, keypoint · peaks, dim)``.
        p: ``(batch, keypoint · peaks, 1)`` scores.
        spread: ``(batch, keypoint)`` standard deviation of each map's softmax, in its cells.
    """

    position: Tensor
    p: Tensor
    spread: Tensor


@dataclass(frozen=True)
class KeypointDetections:
    """One detection for each keypoint, beside its truth.

    Attributes:
        position, truth: ``(sample, keypoint, dim)`` cells; truth may hold anything where it is
            unlabelled.
        labelled: ``(sample, keypoint)`` where an error means something.
        errors: ``(sample, keypoint)`` distances over the sample's scale.
        score: ``(sample, keypoint)`` of the decoder.
        spread: ``(sample, keypoint)`` of the map; 0 for a method that trains nothing.
        seconds: per sample, for network and decoder.
    """

    position: Positions
    truth: Positions
    labelled: NDArray[np.bool_]
    errors: Positions
    score: Positions
    spread: Positions
    seconds: float


def _labelled(target: HeatmapTarget) -> NDArray[np.bool_]:
    shape = tuple(target.position.shape[:2])
    return np.ones(shape, bool) if target.mask is None else target.mask.bool().numpy()
