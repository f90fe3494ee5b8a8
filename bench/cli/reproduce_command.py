"""``bench reproduce``: tables and figures of the papers by their ids; runs only what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    Address,
    CheckpointEvery,
    CheckpointFolder,
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
    artefacts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID...",
            help="figure-5.8, … or FILE.yaml; see: list tables",
            autocompletion=named("tables"),
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every table and figure")] = False,
    group: Annotated[
        str | None, typer.Option(help="With --all: those of one group only, such as temporal")
    ] = None,
    scale: Scale = "laptop",
    address: Address = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    out: Out = None,
    checkpoints: CheckpointFolder = None,
    checkpoint_every: CheckpointEvery = 120.0,
    verbose: Verbose = False,
) -> None:
    """Make tables and figures of the papers: run what is missing, then render them.

    With --out, several of them get a folder each.
    """
    from bench import api
    from bench.execution.run_settings import RunSettings
    from bench.plugin import UsageError
    from bench.specs.declarations import is_file_name
    from results.tables.table_formats import to_markdown

    load_plugins()
    if everything == bool(artefacts):
        raise UsageError("name tables or figures, or give --all; see: bench list tables")
    if group is not None and not everything:
        raise UsageError("--group narrows --all: bench reproduce --all --group " + group)
    settings = RunSettings(
        address, False, tuple(plugin_files()), verbose, checkpoints, checkpoint_every
    )
    names = api.reproducible(artefacts or (), group, scale=scale)
    failed = 0
    for name in names:
        folder = out
        if out is not None and len(names) > 1:
            folder = out / (Path(name).stem if is_file_name(name) else name)
        made = api.reproduce(
            name, settings, scale=scale, store=store, reference=reference, out=folder, say=say
        )
        for table in made.tables:
            typer.echo(to_markdown(table))
        for path in made.files:
            typer.echo(str(path))
        if made.published:
            say(f"published ({made.source}): {made.published}")
        failed += made.failed
    if failed:
        raise typer.Exit(1)
