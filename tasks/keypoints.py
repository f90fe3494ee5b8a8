"""Keypoints of an articulated figure in clutter: one map for each.

Source: Li et al., Localization with Sampling-Argmax. Default data are rendered figures; with
``root`` the task reads COCO (Lin et al. 2014), MTFL (Zhang et al. 2014) or Human3.6M (Ionescu et
al. 2014).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from bench.plugin import (
    Evaluation,
    Loss,
    Metric,
    Place,
    Split,
    Splits,
    TrainSettings,
    UsageError,
    cosine,
    register_task,
)
from tasks.bases import KeypointDetections, KeypointTask, keypoint_metrics
from tasks.data.figures.bodies import KEYPOINTS, TRUNK
from tasks.metrics.error_ranking import rank_correlation
from tasks.metrics.joint_errors import aligned_errors, joint_errors
from tasks.metrics.keypoint_similarity import mean_average_precision, similarity
from tasks.splits.photograph_split import PhotographSplit

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from tasks.data.photographs.keypoint_photographs import KeypointPhotographs, PhotographSource

SIZES = {"tiny": (200, 60, 60), "small": (6000, 500, 3000), "full": (20_000, 1000, 5000)}
"""Figures for training, validation and test."""
SIDES = {"small": 48, "large": 256}
"""Pixels of a rendered image along each side."""
FALLOFF = np.array([0.07, 0.214, 0.124, 0.124, 0.178, 0.178])
"""κ of the rendered keypoints, as shares of √area: twice COCO's σ of ears, hips, wrists, ankles."""
ROOT_AREA = 0.46
"""√area of a person in COCO, about, in statures; a rendered figure's scale."""
IN_SPACE = 1700 * ROOT_AREA
"""The same of somebody 1.7 m tall, in mm: what errors in space are divided by."""
LIMITS = (0.2, 0.1)


@register_task("keypoints", heads={"heatmap"}, space={})
class Keypoints(KeypointTask):
    """Head, hip, hands and feet of a figure, one map each, in clutter and partly hidden.

    Input: an image around one figure. Head: `heatmap`, cells of 4 × 4 pixels; a keypoint outside of
    the image is not labelled, a hidden one is. Left and right are the figure's own: a face and a
    tie, if they can be made out, tell its front from its back.

    `ap` is COCO's average precision of predictions ranked by how sure they are (mean plus largest
    peak of a figure's maps). Errors are shares of the figure's scale, √area for COCO. `calibration`
    is Spearman's correlation of peaks with accuracy over all keypoints, `calibration_spread` that
    of the maps' standard deviation, negative.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    images: Literal["small", "large"] = Field(
        "small", description="48 pixels along each side, or 256 as published"
    )
    architecture: Literal["compact", "published"] = Field(
        "compact", description="network: a small one for two cores, or ResNet-50 with upsampling"
    )
    corpus: Literal["coco", "mtfl", "human36m"] = Field(
        "coco", description="what lies in the folder of root"
    )
    root: Annotated[str | None, Place()] = Field(None, description="folder of original data")
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    source: ClassVar[str] = "Li et al., Sampling-Argmax"
    limits: ClassVar[tuple[float, ...]] = LIMITS
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=500, batch_size=32, lr=cosine(2e-2, 3e-5, begin=0.3), validations=1
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("ap", "max", 0.0, 1.0, description="mean average precision, similarity .50 to .95"),
        *keypoint_metrics(LIMITS),
        Metric(
            "calibration", "max", -1.0, 1.0, description="rank correlation of peaks and accuracy"
        ),
        Metric(
            "calibration_spread",
            "max",
            -1.0,
            1.0,
            description="rank correlation of narrow maps and accuracy",
        ),
        Metric(
            "mpjpe",
            "min",
            0.0,
            None,
            "mm",
            description="mean error of joints in space, pelvis on pelvis (Human3.6M)",
            digits=1,
            optional=True,
        ),
        Metric(
            "pa_mpjpe",
            "min",
            0.0,
            None,
            "mm",
            description="the same after the best similarity transform",
            digits=1,
            optional=True,
        ),
    )

    @property
    def photographs(self) -> PhotographSource | None:
        """The original data set, if any."""
        if self.root is None:
            return None
        from tasks.splits.original_keypoints import SOURCES

        return SOURCES[self.corpus](Path(self.root), self.allow_partial, self.images == "large")

    @property
    def data_name(self) -> str:
        return "rendered figures" if self.photographs is None else self.photographs.name

    def data_key(self) -> dict[str, Any]:
        """What determines the data: the generator, or the files read."""
        if self.photographs is not None:
            return self.photographs.key()
        from tasks.data.figures.scenes import GENERATOR

        return {"generator": GENERATOR, "size": self.size, "images": self.images}

    def check_data(self) -> None:
        """Check the original files, if any.

        Raises:
            UsageError: files are missing or not as published.
        """
        if self.photographs is not None:
            self.photographs.check()

    def prepare(self, directory: Path, world: int) -> None:
        """Keep the annotation of original data; figures are rendered anew in every trial."""
        if self.photographs is not None:
            self.photographs.prepare(directory)

    def sizes(self) -> tuple[int, int, int]:
        return SIZES[self.size]

    def simulate(self, draw: np.random.Generator, n: int) -> tuple[Any, NDArray[np.float64]]:
        """Images ``(n, 1, side, side)`` and positions in cells."""
        from tasks.data.figures.scenes import draw_scenes

        scenes = draw_scenes(draw, n, SIDES[self.images])
        return scenes.images, scenes.position

    def splits(self, replicate: int, head: str = "heatmap") -> Splits:
        """Scenes drawn anew, or the published parts; a part of the training data validates."""
        if self.photographs is None:
            return super().splits(replicate, head)
        return self.photographs.splits(self.prepared(), self._generator(replicate, "validation"))

    def scales(self, split: Split, truth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Those of the original, or √area of a person whose trunk is as long."""
        if isinstance(split, PhotographSplit):
            return split.scale
        trunk = np.linalg.norm(truth[:, 0] - truth[:, 1], axis=-1)
        return np.asarray(trunk * (ROOT_AREA / TRUNK))

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.keypoint_networks import Compact, Published

        if head != "heatmap":
            raise UsageError(f"keypoints: the network has head 'heatmap', not '{head}'")
        found = self.photographs
        if found is None:
            channels, keypoints, layers, depth = 1, len(KEYPOINTS), 50, 1
        else:
            channels, keypoints, layers, depth = 3, len(found.falloff), found.layers, found.depth
        if self.architecture == "compact":
            return Compact(channels, keypoints, depth)
        return Published(channels, keypoints, layers, depth)

    def errors(
        self, split: Split, found: NDArray[np.float64], truth: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """As the base; in space, of joints as far as they are from the pelvis."""
        if isinstance(split, PhotographSplit) and split.views is not None:
            return joint_errors(split.in_space(found), split.views.joint) / IN_SPACE
        return super().errors(split, found, truth)

    def measures(self, found: KeypointDetections, split: Split) -> dict[str, float]:
        """Those of the base, average precision and what the maps know of their errors."""
        falloff = FALLOFF if self.photographs is None else self.photographs.falloff
        score, there = sureness(found.score), found.labelled
        similar = similarity(found.errors, there, falloff)
        ap, space = None, {"mpjpe": float("nan"), "pa_mpjpe": float("nan")}
        if isinstance(split, PhotographSplit):
            ap = split.average_precision(found.position, score)
            if split.views is not None:
                aligned = aligned_errors(split.in_space(found.position), split.views.joint)
                space["mpjpe"] = float(found.errors.mean() * IN_SPACE)
                space["pa_mpjpe"] = float(aligned.mean())
        return {
            "ap": mean_average_precision(similar, score) if ap is None else ap,
            **super().measures(found, split),
            "calibration": rank_correlation(found.score[there], found.errors[there]),
            "calibration_spread": rank_correlation(-found.spread[there], found.errors[there]),
            **space,
        }

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """As the base; what an original data set left out stands in the details.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        found = super().evaluate(network, loss, split, decoding)
        if isinstance(split, PhotographSplit):
            found.details.update(split.notes)
            found.details.update(by_group(found, split.photographs))
        return found


def by_group(found: Evaluation, photographs: KeypointPhotographs) -> dict[str, Any]:
    """Mean error of each group, such as a head's pose, where there are several."""
    labelled = photographs.labelled.sum(1)
    error, group = np.array(found.samples["error"]), photographs.group
    kinds = np.unique(group)
    if len(kinds) < 2:
        return {}
    means = {str(k): float(error[group == k].sum() / labelled[group == k].sum()) for k in kinds}
    return {"error_by_group": means}


def sureness(peaks: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(sample,)`` mean plus largest peak of a figure's maps, the score in the authors' code."""
    return np.asarray(peaks.mean(1) + peaks.max(1))
