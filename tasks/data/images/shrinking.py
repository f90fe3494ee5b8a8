"""Pictures at lower resolution, without moving what is in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shrunk(images: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Means over blocks of ``factor`` by ``factor`` pixels of ``(n, height, width)``.

    A point at x lies at x / factor afterwards, exactly: pixel i covers ``[i, i + 1)`` in both. Rows
    and columns at the end that fill no block are left out.
    """
    if factor == 1:
        return images
    n, height, width = images.shape
    rows, columns = height // factor, width // factor
    kept = images[:, : rows * factor, : columns * factor]
    blocks = kept.reshape(n, rows, factor, columns, factor)
    return np.asarray(np.rint(blocks.mean((2, 4), dtype=np.float32)), np.uint8)
