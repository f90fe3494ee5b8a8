"""Target of the `instances` head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.plugin.on_device import OnDevice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class InstanceTarget(OnDevice):
    """A count, and where a task has them, labels per instance.

    Attributes:
        count: ``(batch,)`` integer.
        labels: ``(batch, n)`` 0/1 labels of the instances, or None.
        mask: ``(batch, n)`` bool, True for real instances; None means all.
    """

    count: Tensor
    labels: Tensor | None = None
    mask: Tensor | None = None
