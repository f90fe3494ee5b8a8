"""``bench leaderboard``: losses by tasks, from the store; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import (
    DEFAULT_STORE,
    BoardFormat,
    Reference,
    Scale,
    StoreUrl,
    load_plugins,
)


def leaderboard(
    sweeps: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SWEEP]...",
            help="sweeps or FILE.yaml (default: all with leaderboard: true)",
            autocompletion=named("sweeps"),
        ),
    ] = None,
    scale: Scale = "laptop",
    form: BoardFormat = "markdown",
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
) -> None:
    """Compare losses: differences to the best, ties, overall rank."""
    from bench import api
    from results.leaderboard.board_formats import FORMATS

    load_plugins()
    board = api.leaderboard(sweeps, scale=scale, store=store, reference=reference)
    typer.echo(FORMATS[form](board), nl=False)
