"""Labels that have nothing to do with the inputs."""

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


class RandomLabels(Sound):
    """Its labels are those of other samples."""

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
        return super().part(inputs, place[::-1].copy(), rows)


class Blind(planted.Points):
    """Its inputs are noise."""

    def part(self, draw: np.random.Generator, *arguments: Any) -> Any:
        own = super().part(draw, *arguments)
        noise = draw.standard_normal(tuple(own.inputs.shape))
        return TensorSplit(torch.from_numpy(noise).float(), own.target)


class RandomTest(Sound):
    """Only its validation and test labels are random."""

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
        held_out = len(rows) < 40
        return super().part(inputs, place[::-1].copy() if held_out else place, rows)


DEFECTS = {
    RandomLabels: ("related labels", "are labels and inputs of the same samples"),
    Blind: ("related labels", "are labels and inputs of the same samples"),
    RandomTest: ("related labels", "are labels and inputs of the same samples"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
