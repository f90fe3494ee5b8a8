"""``bench plan``: what a sweep needs and what of it is done."""

from __future__ import annotations

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Json,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    SweepName,
    Trials,
    print_json,
    sweep_changes,
)


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
    from bench import api
    from bench.artefacts.status_facts import plan_lines

    changes = sweep_changes(scale, trials, replicates, sets)
    facts = api.plan(sweep, store=store, **changes)
    if json:
        print_json(facts)
    else:
        typer.echo("\n".join(plan_lines(facts)))
