"""An `EventTarget` says how long its bins are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from bench.plugin import EventTarget


def test_a_target_needs_a_step() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'step'"):
        EventTarget(torch.zeros(1, 1, 3))  # type: ignore[call-arg]


@pytest.mark.parametrize("step", [0, -0.01, float("nan"), float("inf"), None, "10 ms"])
def test_a_step_is_a_length(step: Any) -> None:
    with pytest.raises(ValueError, match=r"step, the length of a bin .* must be a positive number"):
        EventTarget(torch.zeros(1, 1, 3), step=step)
    with pytest.raises(ValueError, match="must be a positive number"):
        EventTarget.from_times([[[0.1]]], step, 3)


def test_numbers_of_other_libraries_are_lengths() -> None:
    assert EventTarget(None, np.float32(0.5)).step == 0.5
