"""Numbers that the counting likelihood's kernels and its plain torch operations have in common.

Free of numba, which most calls of the losses do without.
"""

from __future__ import annotations

WEAK = 1e-20
"""Probabilities above it are accurate as computed: what underflowed is below 1e-38 times n."""

FLOOR = 1e-30
"""Probabilities below it are read as it where a logarithm is taken: -log p is at most 69.1."""

MOST_TILT = 85.0
"""Largest |θ|: e^θ stays finite in float32."""

CLOSE = 0.2
DEVIATIONS = 3.0
"""A mean within `CLOSE` + 3 standard deviations of the count leaves it likely, but for a factor of
about e^-5."""
