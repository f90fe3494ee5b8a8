"""``bench table``: a table of the papers, or the tables of a sweep, from the store."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    Out,
    Reference,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    TableFormat,
    Trials,
    sweep_changes,
)


def table(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="table-5.5, … or a sweep; see: bench list tables",
            autocompletion=named("tables", "sweeps"),
        ),
    ],
    scale: Scale = "laptop",
    form: TableFormat = "markdown",
    trials: Trials = None,
    replicates: Replicates = None,
    sets: Sets = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
) -> None:
    """Print a table of the papers, or the tables of a sweep. Nothing is trained."""
    from bench import api
    from bench.artefacts.table_files import as_text, write_tables

    changes = sweep_changes(scale, trials, replicates, sets)
    tables = api.table(name, store=store, reference=reference, **changes)
    typer.echo(as_text(tables, form), nl=form != "csv")
    if out is not None:
        write_tables(tables, name, out)
