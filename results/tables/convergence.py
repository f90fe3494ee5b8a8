"""Trials that have not converged: losses that rely on sparse outputs, whose outputs are not.

A counting loss reads events off the output only once its probabilities are near 0 or 1. A trial
reports as metric ``undecided`` the share of its probability mass that lies in (.05, .95).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

UNDECIDED = "undecided"
"""Name of the metric."""
SPARSE = "sparse"
"""Column of the outcomes: whether the trial's loss relies on sparse outputs."""
MARK = "°"
NOTE = f"{MARK}: not converged: more than half of the probability mass is undecided."
_MOST = 0.5


def unconverged(shares: Iterable[float]) -> bool:
    """Whether trials with these undecided shares have not converged, by their mean.

    Args:
        shares: NaN for trials that did not report it.
    """
    known = [share for share in shares if share == share]
    return bool(known) and float(np.mean(known)) > _MOST


def undecided_shares(trials: pd.DataFrame) -> pd.Series[float]:
    """Undecided share of each trial; NaN where its loss needs no sparse output, or none is known.

    Args:
        trials: outcomes, which have the two columns above where anybody knows.
    """
    shares = trials.get(f"metric.{UNDECIDED}", pd.Series(np.nan, index=trials.index))
    sparse = trials.get(SPARSE, pd.Series(False, index=trials.index))
    return shares.astype(float).where(sparse.fillna(False).astype(bool))
