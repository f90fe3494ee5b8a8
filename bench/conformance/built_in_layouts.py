"""The layouts of the heads that come with the benchmark.

Labels without locations are there only for losses that say that they need none.
"""

from __future__ import annotations

from bench.conformance.attack_layout import Attacks
from bench.conformance.case import Layout
from bench.conformance.event_layout import Events
from bench.conformance.heatmap_layout import Heatmaps
from bench.conformance.instance_layout import Instances
from bench.conformance.point_layout import Points
from bench.plugin import Loss


def events(loss: type[Loss]) -> list[Layout]:
    """Located events, those with a softness of their own, and counts."""
    counted = not loss.needs_locations
    return [Events("located"), Events("own softness"), *[Events("counts only")] * counted]


def points(loss: type[Loss]) -> list[Layout]:
    """Two dimensions with one channel, one dimension with two."""
    return [Points(dim=2, channels=1), Points(dim=1, channels=2)]


def heatmaps(loss: type[Loss]) -> list[Layout]:
    """Grids of one, two and three axes."""
    return [Heatmaps(dim) for dim in (2, 1, 3)]


def instances(loss: type[Loss]) -> list[Layout]:
    """Labels of instances, and counts."""
    counted = not loss.needs_locations
    return [Instances("labelled"), *[Instances("counts only")] * counted]


def attacks(loss: type[Loss]) -> list[Layout]:
    """Images of one and of three channels."""
    return [Attacks(channels) for channels in (1, 3)]
