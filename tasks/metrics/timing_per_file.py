"""How late each recording's detections are: a label offset of a recording shows here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tasks.metrics.event_lists import Times

SUSPICIOUS = 0.02
"""Seconds beyond which a median timing error may be the annotation's."""


def timing_per_file(names: Sequence[str], error: Times) -> dict[str, Any]:
    """Median signed timing error of each recording, and those where it is beyond `SUSPICIOUS`.

    Nothing is shifted by it: loops match themselves a beat later, too.

    Args:
        names: ``(pair,)`` recording of each matched stroke.
        error: ``(pair,)`` detected minus true time in seconds.
    """
    each = np.asarray(names, dtype=np.str_)
    medians = {
        str(name): round(float(np.median(error[each == name])), 4) for name in np.unique(each)
    }
    beyond = [name for name, median in medians.items() if abs(median) > SUSPICIOUS]
    return {"median_error": medians, "beyond_20_ms": beyond}
