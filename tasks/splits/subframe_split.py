"""Golf clips of which every δ-th frame is kept, and three ways to fill the gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from bench.plugin import EventTarget, PointTarget
from tasks.data.video.swing_clips import Indices
from tasks.splits.swing_split import SwingSplit, as_input, on_frames

Upsampling = Literal["prediction", "naive", "interpolation"]


@dataclass
class SubframeSplit(SwingSplit):
    """Clips as a `SwingSplit` has them, with gaps in time; labels stay frames of the whole clip.

    Attributes:
        decimation: δ; frames 0, δ, 2δ, … are kept.
        upsampling: ``naive`` repeats each kept frame, ``interpolation`` blends neighbours; with
            ``prediction`` the network sees the kept frames alone.
        head: the targets are points, or events in each frame.
    """

    decimation: int = 1
    upsampling: Upsampling = "prediction"
    head: Literal["points", "events"] = "points"

    def batch(  # type: ignore[override]
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget | PointTarget]:
        """Frames ``(batch, frame, …)`` from -0.5 to 0.5, and labels.

        Events lie on the whole clip's frames, up to the last of the last gap. Points lie in the
        middle of their frames, in frames.
        """
        rows = np.asarray(rows)
        first, size = self.cut(rows, draw)
        kept = self.frames(rows, first, size)[:, :: self.decimation]
        labels = self.labels[rows] - first[:, None]
        if self.head == "points":
            return as_input(kept), _points(labels, size)
        bins = kept.shape[1] * self.decimation
        real = None
        if (size < bins).any():
            real = torch.from_numpy(np.arange(bins) < size[:, None])
        target = EventTarget(torch.from_numpy(on_frames(labels, size, bins)), 1.0, real)
        return self._filled(as_input(kept)), target

    def _filled(self, kept: torch.Tensor) -> torch.Tensor:
        if self.upsampling == "naive":
            return kept.repeat_interleave(self.decimation, 1)
        if self.upsampling == "interpolation":
            return blended(kept, self.decimation)
        return kept


def blended(kept: torch.Tensor, decimation: int) -> torch.Tensor:
    """``(batch, frame * decimation, …)``: kept frames, and mixtures of two of them in between.

    The last frame is repeated, since nothing is known behind it.
    """
    following = torch.cat([kept[:, 1:], kept[:, -1:]], 1)
    share = torch.arange(decimation) / decimation
    share = share.view(1, 1, -1, *(1,) * (kept.dim() - 2))
    return (kept[:, :, None] * (1 - share) + following[:, :, None] * share).flatten(1, 2)


def _points(labels: Indices, size: Indices) -> PointTarget:
    position = torch.from_numpy(labels + 0.5).float()[..., None]
    there = torch.from_numpy((labels >= 0) & (labels < size[:, None]))
    channel = torch.arange(labels.shape[1]).expand(labels.shape)
    return PointTarget(position, there, channel.clone())
