"""Objects counted by what box proposals add to the count, after Trott et al. 2018.

Source: thesis §3.3 (raw counting performance and sparsity) and §7.3.3 (learned suppression, which
it announces and leaves to others).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Ge,
    InstanceTarget,
    Le,
    Loss,
    Metric,
    Split,
    TrainSettings,
    cosine,
    register_task,
)
from tasks.bases import CountTask, Inference, count_metrics
from tasks.metrics.count_errors import CountErrors

if TYPE_CHECKING:
    from torch import Tensor, nn

SIZES = {"full": (4000, 1000, 3000), "tiny": (64, 32, 32)}
"""Scenes for training, validation and test."""
NEGLIGIBLE = 0.01
"""Contributions below it count as none in `sparsity`."""
SHOWN = 0.5
"""Overlap from which a box shows an object, and probability from which a box is a detection."""


@dataclass(frozen=True)
class BoxTruth:
    """What is known of scenes.

    Attributes:
        target: counts, and for each object that has one its best box.
        overlap: ``(n, PROPOSALS, OBJECTS)`` of boxes with the objects to be counted, else 0.
    """

    target: InstanceTarget
    overlap: NDArray[np.float64]


@register_task("box_counting", heads={"instances"})
class BoxCounting(CountTask):
    """Scenes with redundant boxes: how many objects of the kind that is asked for are there?

    Input: 36 boxes of a simulated detector with their corners, twelve noisy numbers that say what
    each shows, and the kind that is asked for. Several boxes show one object, some show nothing,
    some objects have none. Output: what each box adds to the count. Labels are counts alone.

    Metrics: accuracy and error of rounded counts, how sparse the contributions are, and how well
    single boxes find objects (average precision and F1 at an overlap of .5).
    """

    rescoring: Literal["none", "learned", "greedy"] = Field(
        "none",
        description="boxes are scored alone, beside those that overlap them, or alone with greedy "
        "non-maximum suppression behind",
    )
    suppression: Annotated[
        float,
        Ge(0),
        Le(1),
        Field(description="overlap beyond which greedy suppression removes a box"),
    ] = 0.4
    noise: Annotated[
        float, Ge(0), Field(description="noise of what a box shows, in sides of a prototype")
    ] = 0.3
    architecture: Literal["small", "wide"] = Field(
        "small", description="32 units in a layer, or the 512 of the published scorer"
    )
    size: Literal["full", "tiny"] = Field("full", description="number of scenes")

    source: ClassVar[str] = "thesis §3.3 and §7.3.3, Trott et al. 2018"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=1500, batch_size=32, lr=cosine(5e-3, 1e-4, begin=0.5), validations=3
    )
    ranked: ClassVar[tuple[str, ...]] = ("accuracy", "rmse")
    metrics: ClassVar[tuple[Metric, ...]] = (
        *count_metrics(),
        Metric(
            "sparsity", "max", 0.0, 1.0,
            description=f"share of boxes that add less than {NEGLIGIBLE} to the count",
        ),
        Metric("ap", "max", 0.0, 1.0, description="average precision of boxes at an overlap of .5"),
        Metric("f1", "max", 0.0, 1.0, description="F1 of boxes of at least one half, likewise"),
    )  # fmt: skip

    @property
    def data_name(self) -> str:
        return "simulated boxes"

    def data_key(self) -> dict[str, Any]:
        """What determines the scenes, which are drawn anew each time."""
        return {"generator": 1, "size": self.size, "noise": self.noise}

    def sizes(self) -> tuple[int, int, int]:
        return SIZES[self.size]

    def simulate(self, draw: np.random.Generator, n: int) -> tuple[Any, BoxTruth]:
        import torch

        from tasks.data.boxes.box_overlap import box_overlap
        from tasks.data.boxes.box_scenes import KINDS, scenes

        made = scenes(draw, n, self.noise)
        question = np.repeat(np.eye(KINDS)[made.asked, None], made.boxes.shape[1], 1)
        inputs = np.concatenate([made.boxes, made.appearance, question], -1)
        objects = np.where(made.wanted[..., None], made.objects, 0.0)
        overlap = box_overlap(torch.from_numpy(made.boxes), torch.from_numpy(objects)).numpy()
        count = torch.from_numpy(made.wanted.sum(1))
        labels = torch.from_numpy(_best_boxes(overlap).astype(np.float32))
        return inputs.astype(np.float32), BoxTruth(InstanceTarget(count, labels), overlap)

    def target(self, truth: Any, head: str) -> Any:
        """Counts; which boxes are right is for oracles alone."""
        return truth.target

    def network(self, head: str, loss: Loss) -> nn.Module:
        from tasks.data.boxes.box_scenes import APPEARANCE, KINDS, PROPOSALS
        from tasks.networks.box_networks import BoxRescorer, BoxScorer, GreedyScorer

        features, width = APPEARANCE + KINDS, 32 if self.architecture == "small" else 512
        if self.rescoring == "none":
            return BoxScorer(PROPOSALS, features, width)
        if self.rescoring == "greedy":
            return GreedyScorer(PROPOSALS, features, width, self.suppression)
        return BoxRescorer(PROPOSALS, features, width, neighbours=6)

    def evaluated(self, found: Inference, split: Split) -> Evaluation:
        """Metrics of counts and of boxes.

        ``details["contributions"]`` holds, for the first scenes, what their boxes add, the largest
        first.
        """
        from tasks.metrics.box_precision import match_boxes

        counted = super().evaluated(found, split)
        p = found.unpadded(0.0).astype(np.float64)
        truth: BoxTruth = split.truth  # type: ignore[attr-defined]
        matched = match_boxes(p, truth.overlap, truth.target.count.numpy(), SHOWN)
        metrics = {"ap": matched.average_precision, "f1": matched.f1(SHOWN)}
        details = {**counted.details, "contributions": _contributions(p, truth.target.count)}
        return replace(counted, metrics={**counted.metrics, **metrics}, details=details)

    def measures(self, errors: CountErrors, p: NDArray[np.float64]) -> dict[str, float]:
        """With the share of boxes that add all but nothing."""
        return {**super().measures(errors, p), "sparsity": float((p < NEGLIGIBLE).mean())}


def _best_boxes(overlap: NDArray[np.float64]) -> NDArray[np.bool_]:
    """``(n, PROPOSALS)`` one box for each object that a box shows: the one that fits best."""
    from tasks.metrics.box_precision import match_boxes

    return match_boxes(overlap.max(2), overlap, (overlap.max(1) > 0).sum(1), SHOWN).right


def _contributions(p: NDArray[np.float64], count: Tensor) -> dict[str, dict[str, list[float]]]:
    """What boxes add in the first scene of each of some counts, as series."""
    series = {}
    for number in (2, 4, 6):
        scenes = np.flatnonzero(count.numpy() == number)
        if len(scenes):
            values = np.sort(p[scenes[0]])[::-1]
            series[f"{number} objects"] = {
                "x": [float(rank) for rank in range(1, len(values) + 1)],
                "y": [round(float(value), 5) for value in values],
            }
    return series
