"""What became of planned trials, in the same words in every artefact.

A frame of outcomes has one row per planned trial: ``trial_id``, ``fate``, ``reason``, metrics as
``metric.…``, times as ``seconds.…`` (s) with the ``hardware`` that they were measured on. A trial
that finished may still be without a number: `with_value` says so for one metric or time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

UNCOUNTED = ("diverged", "failed", "undefined", "elsewhere", "skipped", "stale", "missing")
"""Fates of trials that are in no mean. *undefined* finished without a value, *elsewhere* was timed
on other hardware, *skipped* cannot be run, *stale* ran with another version of a plugin only, and
*missing* was planned and not run."""
FATES = ("finished", *UNCOUNTED)
RUN = UNCOUNTED[:4]
"""Those of which there is a trial with this id, and so something to look at."""
WORDS = {"elsewhere": "timed on other hardware", "missing": "not run"}
"""Where a fate is called otherwise than its name."""


def with_value(outcomes: pd.DataFrame, column: str) -> pd.DataFrame:
    """The outcomes with a column as ``value``, and with what became of each trial's value as fate.

    Times (``seconds.…``) count on the most used hardware only.

    Args:
        column: such as ``metric.f1``; one that is not there has no value.
    """
    nothing = pd.Series(np.nan, index=outcomes.index)
    found = outcomes.assign(value=outcomes.get(column, nothing).astype(float))
    finished = found["fate"] == "finished"
    fate = found["fate"].mask(finished & ~np.isfinite(found["value"]), "undefined")
    if column.startswith("seconds."):
        here = found.loc[fate == "finished", "hardware"].mode()[:1]
        fate = fate.mask((fate == "finished") & ~found["hardware"].isin(here), "elsewhere")
    return found.assign(fate=fate)


def counted(fates: pd.Series[str]) -> dict[str, int]:
    """How many have each fate that occurs, in the order of `FATES`."""
    counts = fates.value_counts()
    return {name: int(counts[name]) for name in FATES if name in counts}


def uncounted_texts(counts: Mapping[str, int], reason: str | None) -> dict[str, str]:
    """What became of trials that are in no mean, in words, by the names of `UNCOUNTED`.

    Args:
        reason: why some were skipped.
    """
    run = any(number for name, number in counts.items() if name != "missing")
    found = {}
    for name in UNCOUNTED:
        number = counts.get(name, 0)
        if number and name == "skipped":
            found[name] = f"skipped: {reason or 'no reason given'}"
        elif number:
            alone = name == "missing" and not run
            found[name] = WORDS[name] if alone else f"{number} {WORDS.get(name, name)}"
    return found


def overall(outcomes: pd.DataFrame) -> pd.Series[str]:
    """Fate of each trial as a whole: *undefined* if no metric that its task ranks has a value.

    Args:
        outcomes: with a column ``valued``: whether such a metric has one.
    """
    return outcomes["fate"].mask(
        (outcomes["fate"] == "finished") & ~outcomes["valued"], "undefined"
    )
