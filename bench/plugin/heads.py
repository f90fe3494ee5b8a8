"""Heads: the forms of network output, the contract between a task's network and a loss.

| head        | prediction                                             | target           |
|-------------|--------------------------------------------------------|------------------|
| `events`    | tensor ``(batch, channel, time)`` of probabilities     | `EventTarget`    |
| `points`    | `PointPrediction`                                      | `PointTarget`    |
| `heatmap`   | tensor ``(batch, keypoint, *grid)`` of logits          | `HeatmapTarget`  |
| `instances` | tensor ``(batch, n)`` of probabilities                 | `InstanceTarget` |

Where a map of the `heatmap` head may hold several points, its target is a `PointTarget`, whose
channels are the maps; `discrete_heatmap` takes both.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Head = Literal["events", "points", "heatmap", "instances"]
HEADS: tuple[str, ...] = get_args(Head)


class _OnDevice:
    """Moves every tensor of a dataclass."""

    def to(self, device: torch.device | str | None = None, **options: Any) -> Self:
        """Copy with all tensors moved by ``torch.Tensor.to``; integers keep their type."""
        moved = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if hasattr(value, "to"):
                keep = "dtype" in options and not value.is_floating_point()
                passed = {k: v for k, v in options.items() if not (keep and k == "dtype")}
                moved[field.name] = value.to(device=device, **passed)
        return dataclasses.replace(self, **moved)  # type: ignore[type-var]


@dataclass(frozen=True)
class EventTarget(_OnDevice):
    """Labelled events on a time grid.

    Attributes:
        events: ``(batch, channel, time)``, number of labelled events in each bin (float), or None
            when only counts are known.
        step: seconds (or the task's own unit of time) per bin.
        mask: ``(batch, time)`` bool, True where a bin exists (False on padding); None means all.
        known_counts: ``(batch, channel)`` integer labels when locations are unknown.
        softness: ``(batch,)`` or ``(batch, channel)`` per-sample softness in the unit of ``step``,
            which replaces the loss's own where given (thesis §5.5.3).
    """

    events: Tensor | None
    step: float = 1.0
    mask: Tensor | None = None
    known_counts: Tensor | None = None
    softness: Tensor | None = None

    @property
    def counts(self) -> Tensor:
        """``(batch, channel)`` integer number of labelled events."""
        if self.known_counts is not None:
            return self.known_counts
        return self.located.sum(-1).round().long()

    @property
    def located(self) -> Tensor:
        """``events``, with padded bins emptied.

        Raises:
            ValueError: the target holds counts only.
        """
        if self.events is None:
            raise ValueError("this loss needs event locations, but the labels are counts only")
        return self.masked(self.events)

    def masked(self, values: Tensor) -> Tensor:
        """``values (batch, channel, time)`` with padded bins set to 0, whatever they hold."""
        if self.mask is None:
            return values
        return values.masked_fill(~self.mask[:, None, :], 0.0)


@dataclass(frozen=True)
class PointPrediction(_OnDevice):
    """Dense offset regression: candidate points with their probabilities.

    Attributes:
        position: ``(batch, n, dim)``, in grid cells (pixels or frames).
        p: ``(batch, n, channel)`` probabilities.
        cell: ``(n, dim)`` lower corner of the cell each candidate lies in, or None when candidates
            may lie anywhere. A candidate never leaves its cell ``[cell, cell + cell_size]``.
        cell_size: side of a cell, in the unit of ``position``.
    """

    position: Tensor
    p: Tensor
    cell: Tensor | None = None
    cell_size: float = 1.0


@dataclass(frozen=True)
class PointTarget(_OnDevice):
    """A padded set of labelled points.

    Attributes:
        position: ``(batch, m, dim)`` in the unit of the prediction.
        mask: ``(batch, m)`` bool, True for real points; padding may hold anything, NaN included.
        channel: ``(batch, m)`` integer class of each point; None when there is one class.
    """

    position: Tensor
    mask: Tensor
    channel: Tensor | None = None


@dataclass(frozen=True)
class HeatmapTarget(_OnDevice):
    """One coordinate per keypoint.

    Attributes:
        position: ``(batch, keypoint, dim)`` in grid cells, axis order as the grid's axes; the
            centre of cell ``i`` has coordinate ``i``.
        mask: ``(batch, keypoint)`` bool, True where the keypoint is labelled; None means all.
    """

    position: Tensor
    mask: Tensor | None = None


@dataclass(frozen=True)
class InstanceTarget(_OnDevice):
    """A count, and where a task has them, labels per instance.

    Attributes:
        count: ``(batch,)`` integer.
        labels: ``(batch, n)`` 0/1 labels of the instances, or None.
        mask: ``(batch, n)`` bool, True for real instances; None means all.
    """

    count: Tensor
    labels: Tensor | None = None
    mask: Tensor | None = None


def zero_count_bias(n: int, zero_mass: float) -> float:
    """Bias of a final sigmoid layer that gives ``Pr(count = 0) = zero_mass`` over ``n`` instances.

    With all probabilities equal to ``p``, ``(1 - p) ** n = zero_mass``; the bias is ``logit(p)``
    (thesis eq 2.14).

    Raises:
        ValueError: ``n < 1`` or ``zero_mass`` outside (0, 1).
    """
    if n < 1 or not 0 < zero_mass < 1:
        raise ValueError(f"needs n >= 1 and 0 < zero_mass < 1, got n={n}, zero_mass={zero_mass}")
    log_q = math.log(zero_mass) / n
    return math.log(-math.expm1(log_q)) - log_q
