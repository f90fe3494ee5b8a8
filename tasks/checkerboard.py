"""Corners of checkerboards, as exact as a camera's calibration asks for.

Source: thesis §6.4.2 and C.2. Boards are rendered; the views of one board by one camera, on which
agreement across resolutions and calibration are measured, are rendered, too, or photographs that
``root`` holds: ROCHADE's (Placht et al. 2014), or OpenCV's stereo pair.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bench.plugin import (
    Evaluation,
    Loss,
    Metric,
    Place,
    PointPrediction,
    Split,
    Splits,
    TrainSettings,
    UsageError,
    cosine,
    register_task,
)
from tasks.bases import CorpusTask, PointsTask
from tasks.data.images.board_corpora import BoardCorpus, PhotographedBoards, RenderedBoards
from tasks.data.images.board_detectors import DETECTORS
from tasks.metrics.corner_scores import CORNER_METRICS, by_occlusion, view_scores, without_views
from tasks.metrics.detection_scores import scores_of_channels
from tasks.metrics.nearby_points import without_neighbours

if TYPE_CHECKING:
    from torch import nn

    from tasks.bases import Inference, PointMatches, Points
    from tasks.data.images.board_sets import BoardSet
    from tasks.splits.board_split import BoardSplit

COUNTS = {
    "tiny": (160, 40, 40, 4),
    "small": (1200, 150, 300, 20),
    "full": (20_000, 500, 1000, 100),
}
"""Pictures for training, validation and test, and views."""
DRAWS = {"tiny": 2, "small": 10, "full": 40}
"""Sets of views that the camera is calibrated on."""
TOLERANCE = 3.0
"""Pixels from a corner to a right detection."""
APART = 2.0
"""Pixels within which only the likeliest of several detections stays."""
PIXELS = 2**21
"""That the network sees at once in evaluation."""


@register_task("checkerboard", heads={"points", "heatmap"})
class Checkerboard(CorpusTask, PointsTask):
    """Inner corners of checkerboards of any size, before clutter and under anything that blurs.

    Input: a grey picture. Head `points`: a candidate in each cell of 4 × 4 pixels. Head `heatmap`:
    one map with a cell for each pixel, from losses that look for several points in a map. Positions
    are ``(x, y)`` in pixels. Of detections within 2 pixels of each other the likeliest stays.

    F1, precision, recall and `deviation`, the mean distance of right detections, are those on
    rendered boards, within 3 pixels. The rest is measured on views of one board by one camera:
    `displacement` from the corners of the whole view to those of the view shrunk by δ, boards found
    whole there, and how well a camera calibrated on these explains them; all in pixels of the whole
    view.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of rendered data")
    downsampling: Literal[2, 4, 6] = Field(2, description="δ: by how much views are shrunk")
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: a small one for two cores, or the published one"
    )
    camera: Literal["rendered", "uEye", "GoPro", "Mesa", "left", "right"] = Field(
        "rendered",
        description="of the views: a rendered one, one of ROCHADE, or one of OpenCV's stereo pair",
    )
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of the photographs of a real camera"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept some of the photographs"
    )

    source: ClassVar[str] = "thesis §6.4.2 and C.2"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=500, batch_size=8, lr=cosine(8e-3, 1e-4, begin=0.4), validations=0
    )
    tolerances: ClassVar[tuple[float, ...]] = (TOLERANCE,)
    unit: ClassVar[str] = "px"
    ranked: ClassVar[tuple[str, ...]] = ("f1", "deviation")
    metrics: ClassVar[tuple[Metric, ...]] = CORNER_METRICS

    @property
    def corpus(self) -> BoardCorpus:
        """Where boards and views come from."""
        rendered = RenderedBoards(COUNTS[self.size])
        if self.camera == "rendered":
            return rendered
        return PhotographedBoards(rendered, Path(self.root or "."), self.camera, self.allow_partial)

    def check_data(self) -> None:
        """Check the photographs, if any.

        Raises:
            UsageError: camera and folder do not fit, or files are missing or not as published.
        """
        if (self.root is None) != (self.camera == "rendered"):
            raise UsageError(
                f"checkerboard: camera '{self.camera}' "
                + ("needs 'root', the folder of its photographs" if self.root is None else
                   "reads no 'root'; choose the camera whose photographs lie there")
            )  # fmt: skip
        super().check_data()

    def data_key(self) -> dict[str, Any]:
        """What determines the boards, and the photographs read."""
        return {"format": 1, **self.corpus.key()}

    def prepare(self, directory: Path, world: int) -> None:
        """Render the boards and render or read the views."""
        self.corpus.write(directory, world)

    def splits(self, replicate: int, head: str = "points") -> Splits:
        """The boards of the replicate's world; the views are tested alone."""
        from tasks.data.images.board_corpora import PARTS
        from tasks.data.images.board_sets import read_boards

        folder = self.prepared(self.world(replicate))
        train, validation, test = (read_boards(folder / f"{part}.npz") for part in PARTS)
        notes = folder / "notes.txt"
        lines = tuple(notes.read_text(encoding="utf-8").splitlines()) if notes.exists() else ()
        views = read_boards(folder / "views.npz")
        shown = self._split(test)
        return Splits(
            self._split(train),
            self._split(validation),
            dataclasses.replace(shown, views=views, notes=lines),
        )

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks import corner_networks as networks

        makers = {
            ("points", "compact"): networks.compact_points,
            ("points", "thesis"): networks.thesis_points,
            ("heatmap", "compact"): networks.compact_map,
            ("heatmap", "thesis"): networks.thesis_map,
        }
        if (head, self.architecture) not in makers:
            raise UsageError(f"checkerboard: heads are 'points' and 'heatmap', not '{head}'")
        return makers[head, self.architecture]()

    def skip(self, loss: Loss) -> str | None:
        """Another task's baseline, counts alone, a single point of a map, and finer maps."""
        name = loss.plugin_name
        if not loss.trains:
            return None if name in DETECTORS else f"{name} detects no corners"
        if not loss.needs_locations:
            return f"{name} learns from counts, which say nothing of the place in a cell"
        if "points" in loss.heads:
            return None
        if not hasattr(loss, "peaks"):
            return f"{name} reads a single point from a map, a board has many corners"
        if loss.upsampling_factor > 1:
            return f"{name} asks for finer maps than the network has"
        return None

    def baseline(self, name: str, split: Split) -> PointPrediction:
        """Corners of a detector, one picture after the other."""
        from tasks.splits.board_split import BoardSplit, padded_points

        assert isinstance(split, BoardSplit)
        boards, detect = split.boards, DETECTORS[name]
        patterns = [(int(columns), int(rows)) for columns, rows in boards.pattern]
        found = [detect(*one) for one in zip(boards.images, patterns, strict=True)]
        return padded_points(found)

    def predict(self, network: nn.Module, loss: Loss, split: Split) -> Inference:
        """As the base does, with fewer pictures at once where they are large."""
        from tasks.bases.split_output import infer
        from tasks.splits.board_split import BoardSplit

        assert isinstance(split, BoardSplit)
        height, width = split.boards.images.shape[1:]
        return infer(network, loss, split, max(1, PIXELS // (height * width)))

    def evaluate(
        self, network: nn.Module | None, loss: Loss, split: Split, decoding: dict[str, float]
    ) -> Evaluation:
        """Corners of the rendered boards and, of the test, of the views.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        from tasks.splits.board_split import BoardSplit

        assert isinstance(split, BoardSplit)
        found = super().evaluate(network, loss, split, decoding)
        values, details = by_occlusion(found.samples, split.boards.occluded)
        more = self._views(network, loss, split, decoding["threshold"])
        details |= more.details
        if not loss.trains:
            import cv2

            details["opencv"] = cv2.__version__
        return dataclasses.replace(
            found,
            metrics={**found.metrics, **values, **more.metrics},
            details={**found.details, **details},
        )

    def measures(self, matches: dict[float, PointMatches]) -> dict[str, float]:
        match = matches[TOLERANCE]
        scores, distance = scores_of_channels(match), match.distance
        return {
            "f1": float(scores.f1.mean()),
            "precision": float(scores.precision.mean()),
            "recall": float(scores.recall.mean()),
            "deviation": float(distance.mean()) if len(distance) else float("nan"),
        }

    def _split(self, boards: BoardSet) -> BoardSplit:
        """Boards with the target of either head."""
        from tasks.splits.board_split import BoardSplit, corners_of

        return BoardSplit(boards, self.target(corners_of(boards), "points"))

    def _detected(self, outputs: list[Any], lowest: float) -> Points:
        return without_neighbours(super()._detected(outputs, lowest), APART)

    def _views(
        self, network: nn.Module | None, loss: Loss, split: BoardSplit, threshold: float
    ) -> Evaluation:
        """What the views of a split say; all undefined without any."""
        from tasks.data.images.board_sets import at_resolution
        from tasks.splits.board_split import corners_of

        views = split.views
        if views is None:
            return Evaluation(without_views())
        seen = [
            self.infer(network, loss, self._split(at_resolution(views, factor)))
            for factor in (1, self.downsampling)
        ]
        full, low = (self._detected(one.outputs, threshold) for one in seen)
        low = dataclasses.replace(low, position=low.position * self.downsampling)
        columns, rows = views.pattern[0].tolist()
        height, width = views.images.shape[1:]
        values, details = view_scores(
            full, low, corners_of(views), (columns, rows), (width, height), DRAWS[self.size]
        )
        values["ms_per_image"] = 1000 * seen[0].seconds
        return Evaluation(values, {**details, "notes": list(split.notes)})
