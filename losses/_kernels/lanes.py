"""Between rows of a matrix and lanes of vectors: transposing copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from losses._kernels.compiling import Array, compiled
from losses._kernels.simd import LANES, TILE, prefetch, transpose


@compiled
def gather(matrix: Array, rows: Array, n: int, lanes: Array) -> None:
    """``lanes[t, lane] = matrix[rows[lane], t]``, both flat, rows of length ``n``."""
    if n < TILE:
        for lane in range(LANES):
            for t in range(n):
                lanes[t * LANES + lane] = matrix[rows[lane] * n + t]
        return
    source, target = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    for first in range(0, n, TILE):
        start = min(first, n - TILE)  # the last square overlaps the one before
        for group in range(0, LANES, TILE):
            for i in range(TILE):
                source[i] = rows[group + i] * n + start
                target[i] = (start + i) * LANES + group
            transpose(matrix, source, lanes, target)


@compiled
def scatter(lanes: Array, rows: Array, n: int, matrix: Array) -> None:
    """``matrix[rows[lane], t] = lanes[t, lane]``, both flat, rows of length ``n``."""
    if n < TILE:
        for lane in range(LANES):
            for t in range(n):
                matrix[rows[lane] * n + t] = lanes[t * LANES + lane]
        return
    source, target = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    for first in range(0, n, TILE):
        start = min(first, n - TILE)
        for group in range(0, LANES, TILE):
            for i in range(TILE):
                source[i] = (start + i) * LANES + group
                target[i] = rows[group + i] * n + start
            transpose(lanes, source, matrix, target)


@compiled
def fetch(matrix: Array, rows: Array, n: int) -> None:
    """Start to bring rows of length ``n`` closer, for `scatter` to find them there."""
    line = 64 // matrix.itemsize
    for lane in range(LANES):
        first = rows[lane] * n
        for i in range(first, first + n, line):
            prefetch(matrix, i)


@compiled
def aligned(size: int, kind: Any) -> Array:
    """Uninitialised flat array that starts on a cache line, so that no vector straddles two."""
    values = np.empty(size + 64, kind)
    first = (-(values.ctypes.data // values.itemsize)) % (64 // values.itemsize)
    return values[first : first + size]
