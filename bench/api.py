"""Python's way to what the command line does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from bench.execution import driver
from bench.planning.plan import plan
from bench.plugin import load_file
from bench.startup import check_packages
from results.store.trial_store import Store


def run(
    sweep: str,
    *,
    scale: str = "laptop",
    trials: int | None = None,
    replicates: int | None = None,
    overrides: dict[str, Any] | None = None,
    store: str | Path = "./runs",
    address: str | None = None,
    failed: bool = False,
    plugins: tuple[str | Path, ...] = (),
) -> pd.DataFrame:
    """Run what is missing of a sweep and return its trials, one row each.

    Args:
        sweep: name of a shipped sweep, or a specification file.
        overrides: dotted keys, e.g. ``{"train.steps": 40}``.
        plugins: files that register losses or tasks.

    Raises:
        UsageError: all problems of the specification, before anything starts.
    """
    check_packages()
    files = [Path(path) for path in plugins]
    for path in files:
        load_file(path)
    planned = plan(sweep, scale, trials=trials, replicates=replicates, overrides=overrides)
    opened = Store.open(store)
    driver.run(planned, opened, address=address, failed=failed, plugins=files)
    return opened.load(ids=planned.after(opened).ids)


def trials(store: str | Path = "./runs") -> pd.DataFrame:
    """All trials of a store, one row each."""
    return Store.open(store, create=False).load()
