"""Where the trials behind an artefact come from, in a sentence or a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from bench.plugin import Task


def borrowed_note(trials: pd.DataFrame) -> Iterator[str]:
    """Says how many of the trials are reference results, if any are.

    Args:
        trials: outcomes (`bench.artefacts.outcomes.join`); those that no store has do not count.
    """
    stored = trials[trials["stored"]]
    borrowed = stored[stored["borrowed"]]
    if len(borrowed):
        made = sorted({f"pointbench {v}" for v in borrowed["versions.pointbench"].dropna()})
        where = sorted(set(borrowed["hardware"]))
        yield (
            f"{len(borrowed)} of {len(stored)} trials are reference results "
            f"({', '.join(made)}; {', '.join(where)})."
        )


def data_names(trials: pd.DataFrame, tasks: Iterable[Task]) -> str:
    """The data that the trials ran on; those of the tasks where none has run."""
    return ", ".join(
        sorted(set(trials["data_name"].dropna())) or sorted({task.data_name for task in tasks})
    )
