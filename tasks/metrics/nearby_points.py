"""Several detections of one thing: of those next to each other only the likeliest stays."""

from __future__ import annotations

import numpy as np

from tasks.metrics.point_lists import Points


def without_neighbours(found: Points, radius: float) -> Points:
    """Points without a likelier one of their sample and channel within ``radius``.

    The rule of the authors' corner detector: a point falls to a likelier one, even if that falls,
    too. So what falls does not depend on the threshold. Of equally likely ones the first stays.
    """
    from scipy.spatial import cKDTree

    assert found.score is not None
    if len(found) < 2:
        return found
    group = found.sample * found.channels + found.channel
    apart = np.column_stack([found.position, 4 * radius * group])
    pairs = cKDTree(apart).query_pairs(radius, output_type="ndarray")
    rank = np.empty(len(found), np.int64)
    rank[np.argsort(-found.score, kind="stable")] = np.arange(len(found))
    later = np.where(rank[pairs[:, 0]] > rank[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
    kept = np.ones(len(found), bool)
    kept[later] = False
    return found.take(kept)
