"""Numbers as text for people: a true minus sign, a dash for what is unknown."""

from __future__ import annotations

import math


def fixed(value: float, digits: int) -> str:
    """``digits`` decimals; empty for NaN."""
    return "" if math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def signed(value: float, digits: int) -> str:
    """The same with its sign."""
    return "" if math.isnan(value) else f"{value:+.{digits}f}".replace("-", "−")


def short(value: float | None, digits: int = 3) -> str:
    """``digits`` significant ones, without exponents where they can be avoided."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    decimals = max(0, digits - whole)
    return f"{value:.{decimals}f}".replace("-", "−")
