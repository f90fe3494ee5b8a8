"""Which forms of data a loss must take, by head."""

from __future__ import annotations

from bench.conformance.case import Layout
from bench.conformance.event_cases import Events
from bench.conformance.heatmap_cases import Heatmaps
from bench.conformance.instance_cases import Instances
from bench.conformance.point_cases import Points
from bench.plugin import Loss


def layouts(loss: type[Loss], head: str) -> list[Layout]:
    """All layouts of ``head``; labels without locations only where the loss says it needs none."""
    counted = not loss.needs_locations
    if head == "events":
        return [Events("located"), Events("own softness"), *[Events("counts only")] * counted]
    if head == "instances":
        return [Instances("labelled"), *[Instances("counts only")] * counted]
    if head == "points":
        return [Points(dim=2, channels=1), Points(dim=1, channels=2)]
    return [Heatmaps(dim) for dim in (2, 1, 3)]
