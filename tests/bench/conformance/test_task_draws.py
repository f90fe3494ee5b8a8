"""Levels of label noise that are not drawn in common."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class OwnDraws(Sound):
    """Each level of noise has draws of its own."""

    def noisy(self, place: np.ndarray, replicate: int) -> np.ndarray:
        key = [3, replicate, int(1e6 * self.noise)]
        draws = np.random.default_rng(key).standard_normal(len(place))
        if self.kind == "binary":
            draws = np.sign(draws)
        return np.abs(np.rint(place + self.noise * draws)).astype(int) % planted.BINS


class OwnDrawsOfPoints(planted.Points):
    """The same where labels have places between cells."""

    def part(self, draw: Any, count: int, noise: float, head: str) -> Any:
        own = super().part(draw, count, 0.0, head)
        moves = np.random.default_rng(int(1e6 * noise)).standard_normal((count, 2, 2))
        moved = own.target.position + noise * torch.from_numpy(moves).float()
        return TensorSplit(own.inputs, planted.PointTarget(moved, own.target.mask))


DEFECTS = {
    OwnDraws: ("common draws", "'noise': labels move .* must scale the same standard draws"),
    OwnDrawsOfPoints: ("common draws", "'noise': labels move .* must scale"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
