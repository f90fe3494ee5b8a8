"""``bench compare``: two losses, by columns of the leaderboard and over all; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.parameters import (
    DEFAULT_STORE,
    BoardFormat,
    Reference,
    Scale,
    StoreUrl,
    load_plugins,
)

_Name = Annotated[
    str,
    typer.Argument(
        metavar="LOSS", help="row of the leaderboard: softloc, cross_entropy:decoder=peaks, …"
    ),
]


def compare(
    first: _Name,
    second: _Name,
    task: Annotated[
        str | None, typer.Option("--on", metavar="TASK", help="Only in this task's columns")
    ] = None,
    rope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[METRIC=]NUMBER",
            help="Differences up to this are equivalent (default: 0.01 for shares); repeatable",
        ),
    ] = None,
    sweeps: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep", help="Sweep or FILE.yaml (default: all with leaderboard: true); repeatable"
        ),
    ] = None,
    scale: Scale = "laptop",
    form: BoardFormat = "markdown",
    store: StoreUrl = DEFAULT_STORE,
    reference: Reference = True,
) -> None:
    """Compare two losses: differences, and how probably one is better, as good, or worse."""
    from bench import api
    from results.leaderboard.pair_formats import FORMATS

    load_plugins()
    shown = api.compare(
        first,
        second,
        task=task,
        sweeps=sweeps,
        ropes=_ropes(rope or []),
        scale=scale,
        store=store,
        reference=reference,
    )
    typer.echo(FORMATS[form](shown), nl=False)


def _ropes(given: list[str]) -> dict[str, float]:
    """``["0.02", "MAD=0.5"]`` by metric; the first is for all, under an empty name.

    Raises:
        UsageError: something else than a number.
    """
    from bench.plugin import UsageError

    found = {}
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"--rope takes NUMBER or METRIC=NUMBER, got '{text}'") from None
    return found
