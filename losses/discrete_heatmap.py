"""Classical heatmap matching: squared difference of heatmaps at the grid's resolution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from bench.plugin import (
    EventTarget,
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
from losses._shared.decode import DEFAULT_PICK_RADIUS, pick_peaks
from losses._shared.heatmaps import labelled, mean_over_labelled
from losses._shared.numerics import at_least_float32

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def label_heatmap(
    position: Tensor, weight: Tensor, grid: torch.Size, bandwidth: float, upsampling: int
) -> Tensor:
    """Σ_j w_j exp(-|x_j - g|² / λ²) at the centres g of a grid's cells (thesis eq 6.2).

    Args:
        position: ``(batch, m, dim)`` finite, in cells of the original grid.
        weight: ``(batch, channel, m)``, 1 for a label of the channel, else 0.
        grid: shape of the upsampled grid; the centre of its cell g lies at (g + ½) / upsampling.
        bandwidth: λ, in cells of the original grid.

    Returns:
        ``(batch, channel, *grid)``.
    """
    import torch

    names = "defghijk"[: len(grid)]
    factors = []
    for axis, size in enumerate(grid):
        cells = torch.arange(size, dtype=position.dtype, device=position.device)
        centre = (cells + 0.5) / upsampling
        factor = torch.exp(-((position[..., axis, None] - centre) / bandwidth).square())
        # Products below the smallest normal number would take a CPU ten times as long.
        factors.append(factor.masked_fill(factor < torch.finfo(factor.dtype).tiny ** 0.5, 0.0))
    equation = f"bcm,{','.join('bm' + name for name in names)}->bc{names}"
    with torch.autocast(position.device.type, enabled=False):
        heat: Tensor = torch.einsum(equation, weight, *factors)
    return heat


def weights_of_channels(maps: Tensor, target: PointTarget) -> tuple[Tensor, Tensor]:
    """Positions and weights of labels for `label_heatmap`, for ``maps (batch, channel, *grid)``."""
    import torch

    mask = target.mask.bool()
    position = target.position.to(maps.dtype).masked_fill(~mask[..., None], 0.0)
    weight = mask[:, None, :].to(maps.dtype).expand(-1, maps.shape[1], -1)
    if target.channel is not None:
        channels = torch.arange(maps.shape[1], device=maps.device)[:, None]
        weight = weight * (target.channel[:, None, :] == channels)
    return position, weight


def event_heatmap(events: Tensor, bandwidth: float, upsampling: int) -> Tensor:
    """`label_heatmap` of events at the centres of their bins.

    Events are ``(batch, channel, time)``, the result ``(batch, channel, time · upsampling)``.
    Gaussians are cut off at 4.5 λ, where they are below 2e-9.
    """
    import torch
    from torch.nn.functional import conv_transpose1d

    if events.shape[-1] == 0:  # which convolutions refuse
        return events
    reach = math.ceil(4.5 * bandwidth * upsampling)
    offset = torch.arange(2 * reach + upsampling, dtype=events.dtype, device=events.device)
    distance = (offset - reach - (upsampling - 1) / 2) / upsampling
    kernel = torch.exp(-((distance / bandwidth).square()))
    rows = events.flatten(0, 1)[:, None]
    with torch.autocast(events.device.type, enabled=False):
        heat = conv_transpose1d(rows, kernel[None, None], stride=upsampling, padding=reach)
    shape = (*events.shape[:2], events.shape[-1] * upsampling)
    return heat.view(shape)


@register_loss(
    "discrete_heatmap", heads={"events", "heatmap"}, space={"bandwidth": LogUniform(0.5, 8.0)}
)
class DiscreteHeatmap(Loss):
    """Classical heatmap matching on a grid, perhaps finer than the input's.

    Equation:
        L = u^-dim Σ_g (Ĥ_g - Σ_j exp(-|x_j - g|² / λ²))²

    Shapes:
        The cells g are those of a grid u = ``upsampling`` times finer than that of the labels x_j,
        which makes L a Riemann sum of thesis eq 6.3; λ and x_j are in cells (bins) of the labels'
        grid, where cell i covers [i, i + 1). With u > 1 the target holds the size of that grid, and
        maps of another size than u times it are an error. `heatmap` head: Ĥ is the sigmoid of
        ``(batch, keypoint, *grid)`` logits; the loss ``(batch,)`` is the mean over labelled
        keypoints, or, when maps hold several points and the target is a `PointTarget`, the sum over
        its channels. `events` head: Ĥ is the prediction ``(batch, channel, time · u)``, labels lie
        at the centres of their bins, and channels are averaged.

    When to use:
        As the benchmark of `heatmap_matching` (tables 6.2 and 6.5-6.9), or where a cell is fine
        enough. Decoders: ``argmax``, or ``gaussian``, which refines it by the Gaussian through the
        values around it; up to ``peaks`` points per map, each taken off the map before the next.
        Events keep local maxima within ``pick_radius`` bins, and so do maps over one axis, which
        look the same.

    Departures:
        From the authors' code: a three-point fit instead of an iterative one; the sum over cells,
        not the mean.

    Defaults:
        λ = ``bandwidth`` √2 cells: Gaussians of standard deviation one cell, as Deep-STORM's; the
        corner benchmark's have variance 5 px², λ = √10. No upsampling, ``argmax`` and one peak are
        the plain classical method.
    """

    source: ClassVar[str] = "Schroeter, thesis, §6.3.2 and §6.4, eq 6.2"
    version: ClassVar[str] = "2"

    bandwidth: Annotated[float, Unit("cell"), Gt(0)] = math.sqrt(2)
    """λ, width of the Gaussian that stands for a label."""
    upsampling: Annotated[int, Ge(1)] = 1
    """u, cells of the prediction along a cell of the labels' grid."""
    decoder: Literal["argmax", "gaussian"] = "argmax"
    """Of maps: the largest cell, or the top of a Gaussian through the cells around it."""
    peaks: Annotated[int, Ge(1)] = 1
    """Points to look for in a map."""
    pick_radius: Annotated[int, Unit("bin"), Ge(0)] = DEFAULT_PICK_RADIUS
    """Of events: a peak is the largest value within so many bins on either side."""

    @property
    def upsampling_factor(self) -> int:
        """``upsampling``."""
        return self.upsampling

    def __call__(
        self,
        prediction: Tensor,
        target: EventTarget | HeatmapTarget | PointTarget,
        progress: float = 1.0,
    ) -> Tensor:
        if isinstance(target, EventTarget):
            return self._events(prediction, target)
        if isinstance(target, PointTarget):
            return self._points(at_least_float32(prediction).sigmoid(), target)
        logits, position = labelled(prediction, target)
        one = position.new_ones(len(position), 1, 1)
        error = self._error(logits.sigmoid()[:, None], position[:, None], one)
        return mean_over_labelled(error.flatten(), target)

    def _error(self, maps: Tensor, position: Tensor, weight: Tensor) -> Tensor:
        """Loss ``(batch, channel)`` of maps ``(batch, channel, *grid)``."""
        grid = maps.shape[2:]
        goal = label_heatmap(position, weight, grid, self.bandwidth, self.upsampling)
        return (maps - goal).square().flatten(2).sum(-1) / float(self.upsampling ** len(grid))

    def _points(self, maps: Tensor, target: PointTarget) -> Tensor:
        position, weight = weights_of_channels(maps, target)
        return self._error(maps, position, weight).sum(-1)

    def _events(self, prediction: Tensor, target: EventTarget) -> Tensor:
        maps = at_least_float32(prediction)
        goal = event_heatmap(target.located.to(maps.dtype), self.bandwidth, self.upsampling)
        error = maps - goal
        if target.mask is not None:
            padding = ~target.mask.bool().repeat_interleave(self.upsampling, -1)
            error = error.masked_fill(padding[:, None, :], 0.0)
        return error.square().sum(-1).mean(-1) / self.upsampling

    def decode(self, prediction: Tensor) -> Tensor | PointPrediction:
        """Points of `heatmap` logits, or score per bin of `events` probabilities (three axes).

        Points are ``position (batch, keypoint · peaks, dim)``, in cells of the labels' grid, with
        ``p (batch, keypoint · peaks, 1)``, the peaks of a map next to each other in falling order.
        """
        from losses._shared import heatmap_peaks

        if prediction.dim() == 3:
            return pick_peaks(prediction, self.pick_radius * self.upsampling)
        maps = at_least_float32(prediction).sigmoid()
        place, value = heatmap_peaks.find(
            maps.flatten(0, 1),
            self.peaks,
            self.bandwidth * self.upsampling,
            refined=self.decoder == "gaussian",
        )
        place = place / self.upsampling
        batch = len(maps)
        return PointPrediction(place.view(batch, -1, place.shape[-1]), value.reshape(batch, -1, 1))
