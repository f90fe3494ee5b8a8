"""Numbers that plugins report: plain ones, of NumPy, or arrays and tensors without axes."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain_number(what: str, value: Any) -> float:
    """A single number as float, NaN and infinities included.

    Args:
        what: names the value in errors, such as ``metric 'f1'``.

    Raises:
        TypeError: a bool, an array with axes, or no number at all.
    """
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{what} is a bool ({value}), not a number")
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # an array or tensor
        return plain_number(what, value.item())
    shape = f" of shape {tuple(value.shape)}" if hasattr(value, "shape") else f" ({value!r:.60})"
    raise TypeError(f"{what} is a {type(value).__name__}{shape}, not a number")
