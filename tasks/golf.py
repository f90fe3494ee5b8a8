"""Golf swing sequencing: eight events, each once in a clip, under label misalignment.

Source: thesis §5.6.1, after McNally et al. 2019. Default data are rendered clips of an articulated
figure; with ``root`` the task reads GolfDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from bench.plugin import (
    Ge,
    Loss,
    Splits,
    Symbol,
    TrainSettings,
    Uniform,
    Unit,
    UsageError,
    cosine,
    register_task,
)
from tasks.bases.swing_task import SwingTask
from tasks.labels.noise import standard_draws

if TYPE_CHECKING:
    from torch import nn


@register_task("golf", heads={"events"}, space={"noise": Uniform(0.0, 4.0)}, label_noise=["noise"])
class Golf(SwingTask):
    """Eight events of a golf swing, each once in a clip, found within a thirtieth of the swing.

    Input: frames. Head: `events`, a softmax over the eight events and a background in each frame.
    The detection of an event is its likeliest frame; nothing is thresholded. Accuracy is McNally's
    PCE with its tolerance of a thirtieth of the time from address to impact, at least one frame,
    which is what the thesis's code measures; ``accuracy_1_frame`` is the rule of its text.

    Label noise moves each training label by a normal draw of standard deviation σ, rounded to
    frames. A label that leaves its clip is lost. Two events in one frame are both labelled there.

    Rendered data have ten worlds: replicate r draws all its clips anew (r mod 10), and splits them
    30 : 10 : 60. GolfDB exists once: replicate r tests its fold r mod 4.
    """

    noise: Annotated[
        float, Unit("frame"), Symbol("σ", "label noise"), Ge(0), Field(description="label noise σ")
    ] = 0.0
    direction: Literal["bidirectional", "causal"] = Field(
        "bidirectional", description="the recurrent layer reads both ways, or forward only"
    )

    source: ClassVar[str] = "thesis §5.6.1, McNally et al. 2019"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=450, batch_size=24, lr=cosine(1.2e-2, 1e-4, begin=0.6), validations=4, keep="best"
    )

    def splits(self, replicate: int, head: str = "events") -> Splits:
        """Clips split at random, or by the published folds."""
        from tasks.splits.swing_split import swing_splits

        clips = self.clips(replicate)
        draws = standard_draws(self.plugin_name, replicate, clips.events.size, "normal")
        moved = np.rint(self.noise * draws).astype(np.int64).reshape(clips.events.shape)
        labels = clips.events + moved
        return swing_splits(clips, replicate, self.corpus.parts, labels, self.window)

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.swing_networks import FrameClassifier

        if head != "events":
            raise UsageError(f"golf: the network has head 'events', not '{head}'")
        trunk = self.trunk(causal=self.direction == "causal")
        return FrameClassifier(trunk, len(self.channels), self.window)
