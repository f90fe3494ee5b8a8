"""``bench plan``, ``run`` and ``status``."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Json,
    Out,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    Trials,
    existing_store,
    make_plan,
    open_store,
    plugin_files,
    print_json,
    say,
)

if TYPE_CHECKING:
    from bench.execution.driver import Summary
    from bench.planning.plan import Plan
    from results.store.trial_store import Store

SweepName = Annotated[str, typer.Argument(metavar="SWEEP", help="shipped sweep or FILE.yaml")]
Failed = Annotated[bool, typer.Option("--failed", help="Run failed trials again")]
Address = Annotated[
    str | None,
    typer.Option(help="Ray cluster: auto or host:port (default: RAY_ADDRESS, else this machine)"),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show Ray's own output")]


def plan(
    sweep: SweepName,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Say what a sweep needs and what of it is done. Nothing is trained."""
    from bench.artefacts.status_facts import describe_plan, plan_lines

    planned = make_plan(sweep, scale, trials, replicates, sets)
    facts = describe_plan(planned, existing_store(store))
    if json:
        print_json(facts)
        return
    for line in plan_lines(facts):
        typer.echo(line)


def run(
    sweep: SweepName,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    failed: Failed = False,
    sets: Sets = None,
    address: Address = None,
    store: StoreUrl = DEFAULT_STORE,
    out: Out = None,
    verbose: Verbose = False,
) -> None:
    """Run what is missing of a sweep, then draw what it shows."""
    planned = make_plan(sweep, scale, trials, replicates, sets)
    opened = open_store(store, create=True)
    summary = run_missing(planned, opened, address, verbose, failed=failed)
    _show(planned.after(opened), opened, out, changed=summary.run > 0)
    if summary.failed:
        raise typer.Exit(1)


def status(
    sweep: Annotated[str | None, typer.Argument(help="shipped sweep or FILE.yaml")] = None,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Trials by status, sessions and parallel efficiency, from the store alone."""
    from bench.artefacts.status_facts import describe_plan, describe_store, plan_lines, store_lines

    opened = open_store(store)
    if sweep is None:
        facts = describe_store(opened)
        lines = store_lines(facts)
    else:
        facts = describe_plan(make_plan(sweep, scale, trials, replicates, sets), opened)
        lines = plan_lines(facts)
    if json:
        print_json(facts)
        return
    for line in lines:
        typer.echo(line)


def run_missing(
    planned: Plan, store: Store, address: str | None, verbose: bool, *, failed: bool = False
) -> Summary:
    """Run what the store lacks of a plan (with ``failed``, failures again) and say what came."""
    from bench.artefacts.status_facts import trials_text
    from bench.execution import driver
    from bench.planning.earlier_results import StoredResults

    results = StoredResults(store, again=failed)
    planned = planned.after(results)
    missing = driver.missing_trials(planned, results.ended)
    name, total = planned.sweep.name, trials_text(len(planned.trials), planned.unplanned)
    if not missing:
        say(f"{name} ({planned.scale}): all {total} are done, nothing to train")
    else:
        say(f"{name} ({planned.scale}): {total}, {len(missing)} to run; store {store.shown}")
        if address is None and not os.environ.get("RAY_ADDRESS"):
            started = time.monotonic()
            driver.prepare_data(planned)
            if time.monotonic() - started > 1:
                say(f"data prepared in {time.monotonic() - started:.0f} s")
    summary = driver.run(
        planned, store, address=address, failed=failed, plugins=plugin_files(), verbose=verbose
    )
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.statuses.items()))
    say(f"{name}: {summary.run} run in {summary.seconds:.0f} s; in the store: {counts}")
    if summary.mirror_problem:
        say(f"{summary.mirror_problem}; later: bench mlflow sync --store {store.shown}")
    if summary.failed:
        say(f"{summary.failed} trials failed; run them again with --failed")
    return summary


def _show(planned: Plan, store: Store, out: Path | None, changed: bool) -> None:
    """Draw what the sweep shows, unless nothing changed since it was drawn."""
    from bench.artefacts.sweep_artefacts import existing, render

    drawn = [] if changed else existing(planned, store, out)
    for path in drawn or render(planned, store, out):
        typer.echo(str(path))
