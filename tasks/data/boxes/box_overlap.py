"""How much two boxes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def box_overlap(ours: Tensor, theirs: Tensor) -> Tensor:
    """Intersection over union of each of ours with each of theirs.

    Args:
        ours: ``(…, n, 4)``: left, top, right, bottom.
        theirs: ``(…, m, 4)``.

    Returns:
        ``(…, n, m)`` in [0, 1]; 0 where both boxes are empty.
    """
    a, b = ours.unsqueeze(-2), theirs.unsqueeze(-3)
    sides = (a[..., 2:].minimum(b[..., 2:]) - a[..., :2].maximum(b[..., :2])).clamp(min=0)
    common = sides[..., 0] * sides[..., 1]
    total = _area(a) + _area(b) - common
    return common / total.clamp(min=1e-12)


def _area(boxes: Tensor) -> Tensor:
    sides = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0)
    return sides[..., 0] * sides[..., 1]
