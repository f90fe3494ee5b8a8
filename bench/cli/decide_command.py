"""``bench decide``: add replicates where a claim is open, until there is a verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    Address,
    CheckpointEvery,
    CheckpointFolder,
    Failed,
    Json,
    Reference,
    Scale,
    StoreUrl,
    Verbose,
    load_plugins,
    plugin_files,
    print_json,
    say,
)


def decide(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CLAIM]...",
            help="8, 8a or claim-8; default: all",
            autocompletion=named("claims"),
        ),
    ] = None,
    most: Annotated[int, typer.Option(help="Replicates of a cell at most")] = 20,
    scale: Scale = "laptop",
    only_plan: Annotated[
        bool, typer.Option("--plan", help="Train nothing; say what the next looks wait for")
    ] = False,
    failed: Failed = False,
    address: Address = None,
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
    json: Json = False,
    checkpoints: CheckpointFolder = None,
    checkpoint_every: CheckpointEvery = 120.0,
    verbose: Verbose = False,
) -> None:
    """Add replicates to the cells of open claims until each has a verdict or is given up."""
    from bench import api
    from bench.artefacts.claim_decisions import table, to_json
    from bench.execution.run_settings import RunSettings

    load_plugins()
    settings = RunSettings(
        address, failed, tuple(plugin_files()), verbose, checkpoints, checkpoint_every
    )
    decided = api.decide(
        names or (),
        settings,
        scale=scale,
        most=most,
        store=store,
        reference=reference,
        only_plan=only_plan,
        say=say,
    )
    if json:
        print_json([to_json(one) for one in decided.decisions])
    else:
        typer.echo("\n".join(table(decided.decisions)))
    if decided.failed:
        raise typer.Exit(1)
