"""Golf swing events from every δ-th frame: offsets between frames, and three rivals.

Source: thesis §6.4.3 and C.3, after McNally et al. 2019. Data as in `tasks.golf`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from bench.plugin import Loss, Splits, TrainSettings, Unit, UsageError, cosine, register_task
from tasks.bases.swing_task import SwingTask

if TYPE_CHECKING:
    from torch import nn


@register_task("golf_subframe", heads={"points", "events"})
class GolfSubframe(SwingTask):
    """Eight events of a golf swing from every δ-th frame, as precise as with all of them.

    Head `points`: for each kept frame and event a probability and an offset up to the next kept
    frame. Head `events`: δ probabilities for each kept frame, or one for each of as many frames as
    the whole clip has, the gaps being filled with repeated or blended ones. Positions, bins and
    tolerance are in frames of the whole clip. The detection of an event is its likeliest point or
    frame.

    Accuracy and data are those of `golf`, without label noise.
    """

    decimation: Annotated[
        Literal[1, 2, 4, 8, 16],
        Unit("frame"),
        Field(description="δ: every δ-th frame is kept"),
    ] = 1
    upsampling: Literal["prediction", "naive", "interpolation"] = Field(
        "prediction",
        description="the network sees kept frames alone and predicts the gap behind each, or sees "
        "them repeated, or blended",
    )

    source: ClassVar[str] = "thesis §6.4.3 and C.3, McNally et al. 2019"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=900, batch_size=24, lr=cosine(1.2e-2, 1e-4, begin=0.6), validations=4, keep="best"
    )

    def skip(self, loss: Loss) -> str | None:
        """Points need no frames in between; counts alone teach nothing, each being one."""
        name = loss.plugin_name
        if not loss.needs_locations:
            return f"{name} learns from counts, and each event happens once in every clip"
        if "points" in loss.heads and self.upsampling != "prediction":
            return f"{name} predicts points in the gaps: frames need no upsampling"
        return None

    def splits(self, replicate: int, head: str = "points") -> Splits:
        """Clips split as those of `golf`."""
        from tasks.splits.subframe_split import SubframeSplit
        from tasks.splits.swing_split import swing_splits

        clips = self.clips(replicate)
        parts = swing_splits(clips, replicate, self.corpus.parts, clips.events, self.window)
        kept = {"decimation": self.decimation, "upsampling": self.upsampling, "head": head}
        made = [SubframeSplit(**vars(part), **kept) for part in vars(parts).values() if part]  # type: ignore[arg-type]
        return Splits(*made)

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.swing_networks import FrameClassifier, PointRegressor

        trunk, classes = self.trunk(causal=False), len(self.channels)
        if head == "points":
            return PointRegressor(trunk, classes, self.window, self.decimation)
        if head != "events":
            raise UsageError(f"golf_subframe: heads are 'points' and 'events', not '{head}'")
        each = self.decimation if self.upsampling == "prediction" else 1
        return FrameClassifier(trunk, classes, self.window, each)
