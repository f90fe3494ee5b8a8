"""``bench status``: what a store holds of a sweep, or of all."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    Json,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    Trials,
    print_json,
    sweep_changes,
)


def status(
    sweep: Annotated[
        str | None,
        typer.Argument(help="shipped sweep or FILE.yaml", autocompletion=named("sweeps")),
    ] = None,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Trials by what became of them, sessions and parallel efficiency, from the store alone."""
    from bench import api
    from bench.artefacts.status_facts import plan_lines, store_lines

    changes = sweep_changes(scale, trials, replicates, sets)
    facts = api.status(sweep, store=store, **changes)
    if json:
        print_json(facts)
    else:
        typer.echo("\n".join(store_lines(facts) if sweep is None else plan_lines(facts)))
