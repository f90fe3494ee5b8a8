"""``bench leaderboard``: losses by tasks, from the store; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    Reference,
    Scale,
    StoreUrl,
    load_plugins,
    open_source,
)

Sweeps = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SWEEP]...", help="sweeps or FILE.yaml (default: all with leaderboard: true)"
    ),
]
Format = Annotated[str, typer.Option("--format", help="markdown, latex, csv, html or json")]


def leaderboard(
    sweeps: Sweeps = None,
    scale: Scale = "laptop",
    form: Format = "markdown",
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
) -> None:
    """Compare losses: differences to the best, ties, overall rank."""
    from bench.artefacts.leaderboard_assembly import leaderboard as make_leaderboard
    from bench.plugin import UsageError, nearest
    from results.leaderboard.board_formats import FORMATS

    if form not in FORMATS:
        raise UsageError(f"unknown format '{form}'{nearest(form, FORMATS)}")
    load_plugins()
    board = make_leaderboard(open_source(store, reference), scale, sweeps)
    typer.echo(FORMATS[form](board), nl=False)
