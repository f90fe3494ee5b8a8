"""Outcomes of attacks on four pictures, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.attack_metrics import ATTACK_METRICS
from tasks.metrics.attack_outcomes import measures, outcomes, stored

BEFORE = np.zeros((4, 1, 3, 3), np.uint8)
LABEL = np.zeros(4, np.int64)


def brightest_row(images: torch.Tensor) -> torch.Tensor:
    """Three classes: class 0 unless the second or third row is bright."""
    rows = images.sum((1, 3))
    return torch.stack([torch.full_like(rows[:, 0], 0.5), 4 * rows[:, 1], 4 * rows[:, 2]], -1)


def seen(*changes: dict[tuple[int, int], int], allowed: int = 1):
    after = BEFORE.copy()
    for image, change in zip(after, changes, strict=True):
        for (row, column), value in change.items():
            image[0, row, column] = value
    return outcomes(BEFORE, after, LABEL, brightest_row, allowed)


def test_classes_pixels_and_success() -> None:
    two = {(2, 0): 255, (0, 0): 1}
    found = seen({(1, 1): 255}, two, {(0, 2): 255}, {})
    assert found.reached.tolist() == [1, 2, 0, 0]
    assert found.altered.tolist() == [1, 2, 1, 0]
    assert found.changed.tolist() == [True, True, False, False]
    assert found.success.tolist() == [True, False, False, False]
    assert found.per_picture()["altered"] == [1.0, 2.0, 1.0, 0.0]


def test_measures_beside_a_rival() -> None:
    ours = seen({(1, 1): 255}, {(2, 0): 255, (0, 0): 1}, {(1, 0): 255}, {(1, 0): 255})
    rival = seen({(1, 0): 255}, {(2, 0): 255}, {(2, 2): 255}, {})
    found = measures(ours, rival)
    assert found["success_rate"] == 0.75
    assert found["class_changed"] == 1.0
    assert found["pixels_changed"] == 1.25
    assert found["same_class_as_evolution"] == 0.5  # of pictures 0 and 2
    assert found["found_by_evolution_only"] == 0.25
    assert found["missed_by_evolution_only"] == 0.25
    own = torch.tensor([0.5, 4.0, 0.0]).softmax(0)[0].item()
    assert found["true_probability"] == pytest.approx(own, abs=0.01)
    assert [*found, "undecided"] == [metric.name for metric in ATTACK_METRICS]


def test_of_nothing_there_is_no_mean() -> None:
    nothing = seen({}, {}, {}, {})
    found = measures(nothing, nothing)
    assert np.isnan(found["pixels_changed"])
    assert np.isnan(found["same_class_as_evolution"])
    assert found["success_rate"] == 0.0


def test_a_pixel_counts_as_altered_where_its_byte_differs() -> None:
    image = np.arange(256).reshape(1, 1, 16, 16) / 255
    assert (stored(image).ravel() == np.arange(256)).all()
    assert (stored(image + 0.49 / 255).ravel() == np.arange(256)).all()
    more = stored(image + 0.51 / 255).ravel()
    assert (more == np.minimum(np.arange(256) + 1, 255)).all()
    assert stored(np.array([-7.0, 9.0])).tolist() == [0, 255]
