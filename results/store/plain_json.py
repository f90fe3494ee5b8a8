"""JSON that every reader accepts: no NaN, no infinity, no NumPy types."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def plain_json(value: Any) -> str:
    """`value` as compact JSON in ASCII; numbers that are not finite become null.

    Raises:
        TypeError: something that JSON cannot hold (named by its type).
    """
    return _dumped(value, separators=(",", ":"))


def readable_json(value: Any) -> str:
    """The same on indented lines, in the characters that it has."""
    return _dumped(value, indent=2, ensure_ascii=False)


def _dumped(value: Any, **form: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False, default=_plain, **form)
    except ValueError:  # a NaN or an infinity somewhere: rare, so searched for only now
        return json.dumps(without_nan(value), allow_nan=False, default=_plain, **form)


def _plain(value: object) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} cannot be kept as JSON: {value!r}")


def without_nan(value: Any) -> Any:
    """`value` with plain numbers, and None for those that are not finite."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(entry) for entry in value]
    return value
