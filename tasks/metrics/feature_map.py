"""A picture of features in the plane: t-SNE (van der Maaten and Hinton 2008)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Series = dict[str, dict[str, list[float]]]


def embedded(features: NDArray[np.floating], labels: NDArray[np.int64]) -> Series:
    """Points in the plane by class, ``{"digit 0": {"x": […], "y": […]}, …}``, to a tenth.

    The same features give the same picture. Axes mean nothing, and neither does a reflection.

    Args:
        features: ``(n, depth)``, at least 2 of them.
        labels: ``(n,)`` class of each.
    """
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(features) - 1) / 3)
    place = TSNE(2, perplexity=perplexity, init="pca", random_state=0).fit_transform(
        np.asarray(features, np.float64)
    )
    return {
        f"digit {digit}": {
            axis: [round(float(value), 1) for value in place[labels == digit, column]]
            for column, axis in enumerate("xy")
        }
        for digit in np.unique(labels)
    }
