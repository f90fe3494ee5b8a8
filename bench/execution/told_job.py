"""Running a job with lines for a person: what there is to do, and what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from bench.execution.driver import Job, Summary, prepare_data
from bench.planning.next_command import alarm
from bench.planning.plan_size import size_text


def run_and_tell(job: Job, say: Callable[[str], None]) -> Summary:
    """Prepare data on this machine, if trials run here, then run the job.

    Args:
        say: takes each line.
    """
    planned, store = job.plan, job.store.shown
    name, total = planned.sweep.name, size_text(len(planned.trials), planned.unplanned)
    if not job.missing:
        say(f"{name} ({planned.scale}): all {total} are done, nothing to train")
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
