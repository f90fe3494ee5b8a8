"""``bench surface`` and ``bench table``: artefacts from the store; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.commands.shared import (
    DEFAULT_STORE,
    Out,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    Trials,
    make_plan,
    open_store,
)

SweepName = Annotated[str, typer.Argument(metavar="SWEEP", help="shipped sweep or FILE.yaml")]
Format = Annotated[str, typer.Option("--format", help="markdown, latex, csv or html")]


def surface(
    sweep: SweepName,
    scale: Scale = "laptop",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    out: Out = None,
) -> None:
    """Draw the Nadaraya-Watson surfaces of a sweep: SVG, PNG and CSV."""
    from bench.artefacts import render_surfaces
    from bench.plugin import UsageError

    planned = make_plan(sweep, scale, trials, replicates, sets)
    if not any(view.surface for view in planned.sweep.show):
        raise UsageError(f"sweep '{planned.sweep.name}' declares no surface under 'show'")
    for path in render_surfaces(planned, open_store(store), out):
        typer.echo(str(path))


def table(
    sweep: SweepName,
    scale: Scale = "laptop",
    form: Format = "markdown",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
) -> None:
    """Print the tables of a sweep."""
    from bench.artefacts import table_texts
    from bench.plugin import UsageError, nearest
    from results.table_formats import FORMATS

    if form not in FORMATS:
        raise UsageError(f"unknown format '{form}'{nearest(form, FORMATS)}")
    planned = make_plan(sweep, scale, trials, replicates, sets)
    if not any(view.table for view in planned.sweep.show):
        raise UsageError(f"sweep '{planned.sweep.name}' declares no table under 'show'")
    for text in table_texts(planned, open_store(store), form):
        typer.echo(text)
