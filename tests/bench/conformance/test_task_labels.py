"""Labels of all heads as numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from bench.conformance.task_labels import form, label_count, positions
from bench.plugin import EventTarget, HeatmapTarget, InstanceTarget, PointTarget

EVENTS = torch.tensor([[[0.0, 1.0, 1.0]], [[1.0, 0.0, 0.0]]])
PLACES = torch.tensor([[[0.5, 1.5], [2.0, 3.0]]])
SOME = torch.tensor([[True, False]])


@pytest.mark.parametrize(
    ("target", "count", "places"),
    [
        (EventTarget(EVENTS, 0.01), [[2], [1]], [[1.0], [2.0], [0.0]]),
        (EventTarget(None, 0.01, known_counts=torch.tensor([[2]])), [[2]], None),
        (PointTarget(PLACES, SOME), [1], [[0.5, 1.5]]),
        (HeatmapTarget(PLACES), [2], [[0.5, 1.5], [2.0, 3.0]]),
        (HeatmapTarget(PLACES, SOME), [1], [[0.5, 1.5]]),
        (InstanceTarget(torch.tensor([3])), [3], None),
    ],
)
def test_number_and_places_of_labels(target: Any, count: Any, places: Any) -> None:
    assert label_count(target).tolist() == count
    found = positions(target)
    assert (found if found is None else found.tolist()) == places


def test_counts_have_another_form_than_places() -> None:
    counts = EventTarget(None, 0.01, known_counts=torch.tensor([[2], [1]]))
    assert form(EventTarget(EVENTS, 0.01)) == form(EventTarget(0 * EVENTS, 0.01))
    assert form(EventTarget(EVENTS, 0.01)) != form(counts)
