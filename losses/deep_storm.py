"""Deep-STORM: a sparse map on a finer grid, compared with the labels when both are blurred."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from bench.plugin import (
    Ge,
    Gt,
    HeatmapTarget,
    LogUniform,
    Loss,
    PointPrediction,
    PointTarget,
    Unit,
    register_loss,
)
from losses._shared.heatmaps import labelled, mean_over_labelled
from losses._shared.numerics import at_least_float32
from losses.discrete_heatmap import label_heatmap, weights_of_channels

if TYPE_CHECKING:
    from torch import Tensor


REACH = 4.5
"""Widths from the centre of a Gaussian to its end, where it is below 2e-9."""


def blurred(maps: Tensor, width: float) -> Tensor:
    """Convolution of ``maps (batch, channel, *grid)`` with ``exp(-|x|² / width²)``, 0 outside.

    The Gaussian ends at `REACH` along each axis; numbers too small to be normal would take a CPU
    ten times as long.

    Args:
        width: in cells of the maps.
    """
    import torch

    for axis in range(2, maps.dim()):
        cells = torch.arange(maps.shape[axis], dtype=maps.dtype, device=maps.device)
        distance = (cells[:, None] - cells) / width
        kernel = torch.exp(-distance.square()).masked_fill(distance.abs() > REACH, 0.0)
        maps = (maps.movedim(axis, -1) @ kernel).movedim(-1, axis)
    return maps


@register_loss(
    "deep_storm",
    heads={"heatmap"},
    space={"bandwidth": LogUniform(0.1, 4.0), "weight": LogUniform(0.01, 2.0)},
)
class DeepStorm(Loss):
    """Deep-STORM's loss: blurred spikes against blurred labels, and ℓ1 to make spikes sparse.

    Equation:
        L = u^-dim Σ_g [((G ∗ s)_g - Σ_j G(x_j - g))² + β s_g]
        G(x) = exp(-|x|² / λ²),  s = σ(z)

    Shapes:
        z are the network's logits ``(batch, keypoint, *grid)``, on a grid that is
        u = ``upsampling`` times finer than that of the labels x_j, which with u > 1 the target
        holds; g are the centres of its cells, s spikes, in molecules; λ and x_j are in cells of the
        labels' grid. The loss ``(batch,)`` is the mean over labelled keypoints, or the sum over
        channels where maps hold several points and the target is a `PointTarget`.

    When to use:
        As the benchmark of `heatmap_matching` in table 6.2, with upsampling 8. The decoder looks in
        G ∗ s for up to ``peaks`` points per map, each taken off the map before the next.

    Departures:
        The published network has a linear output, in which negative values are set to 0 at test
        time; here spikes are sigmoids of logits, at most one molecule a cell. Gaussians of the
        publication end 3 standard deviations away, and labels are rounded to cells of the fine grid
        before they are blurred. Spikes there are 50 a molecule, and the mean over cells is taken,
        not the sum; the ratio of both terms is the same. What it makes of an image is an image:
        reading points from it is ours.

    Defaults:
        λ = ``bandwidth`` √2 cells: Gaussians of standard deviation one cell; the published ones,
        with ``upsampling`` 8, are √2 / 8. β = ``weight`` 0.197: heat maps of 100 G / 2π and spikes
        of 50 a molecule, compared with ℓ1 at weight 1, make β = 50 (2π / 100)².
    """

    source: ClassVar[str] = "Nehme et al. 2018, Deep-STORM, and its code; thesis table 6.2"

    bandwidth: Annotated[float, Unit("cell"), Gt(0)] = math.sqrt(2)
    """λ, width of the Gaussian that blurs spikes and labels."""
    weight: Annotated[float, Ge(0)] = 0.197
    """β, weight of the ℓ1 norm."""
    upsampling: Annotated[int, Ge(1)] = 1
    """u, cells of the prediction along a cell of the labels' grid."""
    peaks: Annotated[int, Ge(1)] = 1
    """Points to look for in a map."""

    @property
    def upsampling_factor(self) -> int:
        """``upsampling``."""
        return self.upsampling

    def __call__(
        self, prediction: Tensor, target: HeatmapTarget | PointTarget, progress: float = 1.0
    ) -> Tensor:
        if isinstance(target, PointTarget):
            logits = at_least_float32(prediction)
            position, weight = weights_of_channels(logits, target)
            return self._error(logits, position, weight).sum(-1)
        logits, place = labelled(prediction, target)
        one = place.new_ones(len(place), 1, 1)
        error = self._error(logits[:, None], place[:, None], one)
        return mean_over_labelled(error.flatten(), target)

    def _error(self, logits: Tensor, position: Tensor, weight: Tensor) -> Tensor:
        """Loss ``(batch, channel)`` of logits ``(batch, channel, *grid)``."""
        grid = logits.shape[2:]
        goal = label_heatmap(position, weight, grid, self.bandwidth, self.upsampling)
        spikes = logits.sigmoid()
        error = (blurred(spikes, self.bandwidth * self.upsampling) - goal).square()
        terms = error + self.weight * spikes
        return terms.flatten(2).sum(-1) / float(self.upsampling ** len(grid))

    def decode(self, prediction: Tensor) -> PointPrediction:
        """Points of blurred spikes, as those of `discrete_heatmap`; scores are at most 1."""
        from losses._shared import heatmap_peaks

        width = self.bandwidth * self.upsampling
        maps = blurred(at_least_float32(prediction).sigmoid(), width)
        place, value = heatmap_peaks.find(maps.flatten(0, 1), self.peaks, width, refined=False)
        place = place / self.upsampling
        batch = len(maps)
        return PointPrediction(
            place.view(batch, -1, place.shape[-1]), value.clamp(max=1.0).view(batch, -1, 1)
        )
