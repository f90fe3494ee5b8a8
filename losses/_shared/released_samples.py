"""What the authors' code of sampling-argmax does beyond its equations, along one axis of a map.

Two departures, apart from each other. *Weights at places*: a draw ŷ_i = y_i + ε_i takes part with
the map's weight where it fell, not with that of the cell it came from, and the weights are
normalised again. *Sign gradient*: by a weight û_i, the sample Σ_i û_i ŷ_i has the derivative
2 sign(ŷ_i - Ŷ) in place of ŷ_i: only the side of the sample on which a draw lies still counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import pad

Integral = Callable[[Tensor, Tensor], Tensor]
"""Samples ``(samples, maps)`` from weights and drawn places, both ``(samples, maps, size)``."""

_AMPLITUDE = 2.0
"""Length of the sign gradient in cells."""


def integral(
    basis: Literal["uniform", "triangular", "gaussian"],
    weights: Literal["cell", "place"],
    gradient: Literal["exact", "sign"],
) -> Integral | None:
    """How weights and places become samples; None for eq 12 as it stands.

    Raises:
        ValueError: an unknown choice.
    """
    if weights not in ("cell", "place"):
        raise ValueError(f"weights must be cell or place, got {weights!r}")
    if gradient not in ("exact", "sign"):
        raise ValueError(f"gradient must be exact or sign, got {gradient!r}")
    # Within a cell the uniform basis is flat: the map's weight at the place is the cell's own.
    moved = weights == "place" and basis != "uniform"
    if not moved and gradient == "exact":
        return None
    weigh = _on_gaussians if basis == "gaussian" else _between_cells

    def combined(weight: Tensor, place: Tensor) -> Tensor:
        if moved:
            weight = _normalised(weigh(weight, place))
        return (_by_side if gradient == "sign" else _mean)(weight, place)

    return combined


def _mean(weight: Tensor, place: Tensor) -> Tensor:
    return (weight * place).sum(-1)


def _by_side(weight: Tensor, place: Tensor) -> Tensor:
    """`_mean` in value, with the sign gradient.

    A second derivative is that of this gradient: the sides, constant almost everywhere, stay.
    """
    exact = _mean(weight, place).detach()
    side = torch.where(place < exact[..., None], -_AMPLITUDE, _AMPLITUDE)
    sloped = (weight * side).sum(-1)
    return sloped + (exact - sloped).detach()


def _between_cells(weight: Tensor, place: Tensor) -> Tensor:
    """Weights interpolated linearly between centres of cells, 0 one cell beyond the grid."""
    offset = _offset(place).clamp(-1, 1)  # rounding may carry a draw just out of its triangle
    padded = pad(weight, (1, 1))
    beside = torch.where(offset < 0, padded[..., :-2], padded[..., 2:])
    return weight + (beside - weight) * offset.abs()


def _on_gaussians(weight: Tensor, place: Tensor) -> Tensor:
    """Weights times exp(-2ε²), as in the authors' code; the basis density is exp(-ε²/2)."""
    return weight * (-2 * _offset(place).square()).exp()


def _offset(place: Tensor) -> Tensor:
    """ε: how far each draw fell from the centre of its cell."""
    return place - torch.arange(place.shape[-1], dtype=place.dtype, device=place.device) - 0.5


def _normalised(weight: Tensor) -> Tensor:
    return weight / weight.sum(-1, keepdim=True).clamp_min(torch.finfo(weight.dtype).tiny)
