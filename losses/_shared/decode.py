"""Peak picking: reading detections from predictions that are spread over several bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from bench.plugin import Ge, IntUniform, Loss, Unit

if TYPE_CHECKING:
    from torch import Tensor

DEFAULT_PICK_RADIUS = 3
"""Bins; 30 ms at 10 ms a bin, as in onset detection (Böck et al. 2013)."""

PICK_RADII = IntUniform(1, 10)
"""Search space of the radius."""


def pick_peaks(scores: Tensor, radius: int) -> Tensor:
    """``scores (..., time)`` where they are the largest within ``radius`` bins, 0 elsewhere.

    Of equal neighbours the first one is the peak. NaN stays NaN: it is no low score.
    """
    import torch
    from torch.nn.functional import max_pool1d, pad

    if radius == 0 or scores.shape[-1] == 0:
        return scores
    rows = scores.reshape(-1, 1, scores.shape[-1])
    lowest = float("-inf")
    before = max_pool1d(pad(rows, (radius, 0), value=lowest)[..., :-1], radius, stride=1)
    after = max_pool1d(pad(rows, (0, radius), value=lowest)[..., 1:], radius, stride=1)
    peak = (rows > before) & (rows >= after)
    return torch.where(peak | rows.isnan(), rows, 0.0).reshape(scores.shape)


class PeakPicking(Loss):
    """Decoder of losses whose predictions are spread over several bins.

    ``peaks`` keeps local maxima within ``pick_radius`` bins, ``threshold`` all bins.
    """

    decoder: Literal["peaks", "threshold"] = "peaks"
    """Detections: local maxima, or every bin above the threshold."""
    pick_radius: Annotated[int, Unit("bin"), Ge(0)] = DEFAULT_PICK_RADIUS
    """A peak is the largest value within so many bins on either side."""

    @property
    def picks_peaks(self) -> bool:
        return self.decoder == "peaks"

    def decode(self, prediction: Tensor) -> Tensor:
        """Score per bin: the probability, of local maxima only when ``decoder`` is peaks."""
        if self.decoder == "threshold":
            return prediction
        return pick_peaks(prediction, self.pick_radius)
