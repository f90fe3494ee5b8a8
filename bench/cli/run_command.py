"""``bench run``: run what is missing of a sweep, then draw what it shows."""

from __future__ import annotations

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Address,
    CheckpointEvery,
    CheckpointFolder,
    Failed,
    Out,
    Replicates,
    Scale,
    Sets,
    StoreUrl,
    SweepName,
    Trials,
    Verbose,
    plugin_files,
    say,
    sweep_changes,
)


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
    checkpoints: CheckpointFolder = None,
    checkpoint_every: CheckpointEvery = 120.0,
    verbose: Verbose = False,
) -> None:
    """Run what is missing of a sweep, then draw what it shows."""
    from bench import api
    from bench.execution.run_settings import RunSettings

    changes = sweep_changes(scale, trials, replicates, sets)
    settings = RunSettings(
        address, failed, tuple(plugin_files()), verbose, checkpoints, checkpoint_every
    )
    ran = api.run_and_draw(sweep, settings, store=store, out=out, say=say, **changes)
    for path in ran.files:
        typer.echo(str(path))
    if ran.summary.failed:
        raise typer.Exit(1)
