"""Running a job with lines for a person: what there is to do, and what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.execution.driver import Job, Summary, prepare_data
from bench.execution.run_settings import RunSettings
from bench.planning.earlier_results import StoredResults
from bench.planning.next_command import alarm
from bench.planning.plan import Plan
from bench.planning.plan_size import size_text, trials_text
from results.store.trial_source import REFERENCE, open_source
from results.store.trial_store import Store


def run_and_tell(job: Job, say: Callable[[str], None]) -> Summary:
    """Prepare data on this machine, if trials run here, then run the job.

    Args:
        say: takes each line.
    """
    planned, store = job.plan, job.store.shown
    name, total = planned.sweep.name, size_text(len(planned.trials), planned.unplanned)
    if not job.missing:
        say(f"{name} ({planned.scale}): {total}, none left to train")
    else:
        say(f"{name} ({planned.scale}): {total}, {len(job.missing)} to run; store {store}")
        if job.settings.address is None and not os.environ.get("RAY_ADDRESS"):
            started = time.monotonic()
            prepare_data(job.missing)
            if time.monotonic() - started > 1:
                say(f"data prepared in {time.monotonic() - started:.0f} s")
    summary = job.run()
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.statuses.items()))
    say(f"{name}: {summary.run} run in {summary.seconds:.0f} s; in the store: {counts}")
    if summary.mirror_problem:
        say(f"{summary.mirror_problem}; later: bench mlflow sync --store {store}")
    missed = alarm(summary.plan, summary.statuses)
    if missed:
        say(f"{name}: {missed}")
    return summary


def run_plan(
    planned: Plan, store: str, settings: RunSettings, say: Callable[[str], None]
) -> Summary:
    """Run what is missing of a plan, as far as the store's results take it."""
    opened = Store.open(store)
    results = StoredResults(opened, again=settings.failed)
    return run_and_tell(Job(planned.after(results), opened, results, settings), say)


def run_unknown(
    plans: Sequence[Plan],
    settings: RunSettings,
    store: str,
    reference: bool,
    say: Callable[[str], None],
) -> int:
    """Run what neither the store nor the reference has; returns how many trials failed."""
    failed = 0
    borrowing = reference and Store.exists(REFERENCE)
    known = open_source(store, reference).statuses() if borrowing else {}
    for planned in plans:
        missing = tuple(one for one in planned.trials if one.trial_id not in known)
        if missing:
            failed += run_plan(replace(planned, trials=missing), store, settings, say).failed
        else:
            there = trials_text(len(planned.trials))
            say(f"{planned.sweep.name} ({planned.scale}): {there}, none missing")
    return failed
