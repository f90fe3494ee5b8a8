"""``bench surface``: the surfaces of a sweep, from the store."""

from __future__ import annotations

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Out,
    Reference,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    SweepName,
    Trials,
    sweep_changes,
)


def surface(
    sweep: SweepName,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
) -> None:
    """Draw the Nadaraya-Watson surfaces of a sweep: SVG, PNG and CSV. Nothing is trained."""
    from bench import api

    changes = sweep_changes(scale, trials, replicates, sets)
    for path in api.surface(sweep, store=store, reference=reference, out=out, **changes):
        typer.echo(str(path))
