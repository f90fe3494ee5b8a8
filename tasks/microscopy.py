"""Molecules under a microscope, several in a pixel, localised to a quarter of one.

Source: thesis §6.4.1, after Nehme et al. 2018 and Sage et al. 2015. Default data are simulated
filaments of blinking molecules; with ``root`` the task reads the published stacks.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bench.plugin import (
    Evaluation,
    Ge,
    Le,
    Loss,
    Metric,
    Place,
    PointTarget,
    Splits,
    TrainSettings,
    Unit,
    UsageError,
    cosine,
    register_task,
)
from tasks.bases import CorpusTask, PointsTask, point_metrics
from tasks.metrics.molecule_scores import (
    FIXED,
    TOLERANCES,
    molecule_metrics,
    picture,
    tool_scores,
)

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from tasks.bases import Inference, Points
    from tasks.data.molecules.molecule_corpora import MoleculeCorpus
    from tasks.splits.molecule_split import MoleculeSplit


@register_task("microscopy", heads={"points", "heatmap"}, space={}, label_noise=())
class Microscopy(CorpusTask, PointsTask):
    """Molecules that blink on filaments, found within 25 and 50 nm in pixels of 100 nm.

    Input: a frame between its own least and largest value, on the scale of the training data. Head
    `points`: two candidates in each pixel. Head `heatmap`: a map as fine as the pixels, or finer by
    the loss's ``upsampling``. Training sees windows of frames, in one of eight symmetries;
    validation and test see whole frames. Validation data choose one threshold by mean F1 over both
    tolerances.

    Points are paired one to one, as many as possible and then as near as possible; `tool_jaccard_…`
    pair by increasing distance, which is the rule of the challenge's tool and of the thesis, and
    those that end in ``_thesis`` and ``_code`` do so at the thresholds .3 of its text and .1 of its
    code. All are of totals over frames.
    """

    size: Literal["tiny", "full"] = Field("full", description="amount of simulated data")
    architecture: Literal["compact", "thesis"] = Field(
        "compact", description="network: a small one for two cores, or the published one"
    )
    window: Annotated[int, Unit("px"), Ge(8), Le(64)] = Field(
        26, description="side of the windows to train on"
    )
    symmetries: bool = Field(True, description="show windows in the eight symmetries of a square")
    rendering: bool = Field(False, description="keep what is found in ten test frames")
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of the published stacks of Deep-STORM and the EPFL challenge"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept stacks of other sizes than published"
    )

    source: ClassVar[str] = "thesis §6.4.1, tables 6.2-6.4"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=1200, batch_size=16, lr=cosine(3e-3, 1e-4, begin=0.5), validations=1
    )
    tolerances: ClassVar[tuple[float, ...]] = TOLERANCES
    unit: ClassVar[str] = "nm"
    cell: ClassVar[float] = 100.0
    metrics: ClassVar[tuple[Metric, ...]] = molecule_metrics(point_metrics(TOLERANCES, "nm"))
    ranked: ClassVar[tuple[str, ...]] = ("jaccard_25nm", "jaccard_50nm")
    inference_batch: ClassVar[int] = 4

    @property
    def corpus(self) -> MoleculeCorpus:
        """Where the frames come from."""
        from tasks.data.molecules.molecule_corpora import DeepStormDemo, SimulatedMolecules

        if self.root is not None:
            return DeepStormDemo(Path(self.root), self.allow_partial)
        return SimulatedMolecules(self.size)

    def data_key(self) -> dict[str, Any]:
        return {**self.corpus.key(), "window": self.window}

    def prepare(self, directory: Path, world: int) -> None:
        """Read the published stacks, if any, and keep them as arrays."""
        self.corpus.write(directory)

    def splits(self, replicate: int, head: str = "points") -> Splits:
        """Windows of training frames; whole frames for validation and test."""
        from tasks.splits.molecule_split import molecule_split, whole_frames, windows

        draws = [self._generator(replicate, part) for part in ("train", "validation", "test")]
        place = None if self.root is None else self.prepared()
        (train, validation, test), notes = self.corpus.stacks(place, draws)
        corner = windows(train, draws[0], self.corpus.per_frame, self.window)
        target = partial(self.target, head=head)
        first = molecule_split(train, corner, self.window, None, target)
        return Splits(
            first,
            whole_frames(validation, first.scale, target),
            whole_frames(test, first.scale, target, notes),
        )

    def augment(
        self, inputs: Tensor, target: PointTarget, draw: np.random.Generator
    ) -> tuple[Tensor, PointTarget]:
        """A symmetry of the square for each window."""
        from tasks.data.molecules.symmetries import turned

        return turned(inputs, target, draw) if self.symmetries else (inputs, target)

    def network(self, head: str, loss: Loss) -> nn.Module:
        from tasks.networks import microscopy_networks as networks

        if head == "points":
            return networks.Candidates(self.architecture)
        if head != "heatmap":
            raise UsageError(f"microscopy: heads are 'points' and 'heatmap', not '{head}'")
        if loss.upsampling_factor == 1:
            return networks.PixelMap(self.architecture)
        if self.architecture == "thesis":
            return networks.DeepStormNetwork(loss.upsampling_factor)
        return networks.CompactFineMap(loss.upsampling_factor)

    def skip(self, loss: Loss) -> str | None:
        """Maps hold many molecules; counts alone do not say where in a pixel one is."""
        name = loss.plugin_name
        if "heatmap" in loss.heads and getattr(loss, "peaks", 1) == 1:
            return f"{name} looks for one point in a map, which holds many molecules"
        if "points" in loss.heads and not loss.needs_locations:
            return f"{name} learns from counts, which do not say where in a pixel a molecule is"
        return None

    def evaluation(
        self,
        split: MoleculeSplit,  # type: ignore[override]
        found: Inference,
        truth: Points,
        detected: Points,
    ) -> Evaluation:
        """As the base does; also by the tool's rule, at published thresholds, and the time."""
        made = super().evaluation(split, found, truth, detected)
        candidates = self._detected(found.outputs, min(FIXED.values()))
        made.metrics.update(tool_scores(truth, detected, candidates))
        made.metrics["ms_per_image"] = 1e3 * found.network_seconds
        made.details["notes"] = list(split.notes)
        if self.rendering:
            made.details["rendering"] = picture(truth, detected, self.cell)
        return made
