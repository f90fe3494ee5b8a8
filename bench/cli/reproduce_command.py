"""``bench reproduce``: a table or figure of the papers by its id; runs only what is missing."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Address,
    Out,
    Reference,
    Scale,
    StoreUrl,
    Verbose,
    load_plugins,
    plugin_files,
    say,
)


def reproduce(
    artefact: Annotated[
        str, typer.Argument(metavar="ID", help="figure-5.8, … or FILE.yaml; see: list tables")
    ],
    scale: Scale = "laptop",
    address: Address = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
    verbose: Verbose = False,
) -> None:
    """Make a table or figure of the papers: run what is missing, then render it."""
    from bench import api
    from bench.execution.run_settings import RunSettings
    from results.tables.table_formats import to_markdown

    load_plugins()
    settings = RunSettings(address, plugins=tuple(plugin_files()), verbose=verbose)
    made = api.reproduce(
        artefact, settings, scale=scale, store=store, reference=reference, out=out, say=say
    )
    for table in made.tables:
        typer.echo(to_markdown(table))
    for path in made.files:
        typer.echo(str(path))
    if made.published:
        say(f"published ({made.source}): {made.published}")
    if made.failed:
        raise typer.Exit(1)
