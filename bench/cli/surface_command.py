"""``bench surface``: the surfaces of a sweep, from the store."""

from __future__ import annotations

import math
from typing import Annotated, Literal

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
    say,
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
    bandwidth: Annotated[
        str | None,
        typer.Option(
            metavar="auto|X,Y",
            help="Instead of the sweep's: along x and y, or chosen by leave-one-setting-out",
        ),
    ] = None,
    out: Out = None,
) -> None:
    """Draw the Nadaraya-Watson surfaces of a sweep: SVG, PNG and CSV. Nothing is trained."""
    from bench import api

    changes = sweep_changes(scale, trials, replicates, sets)
    files = api.surface(
        sweep,
        store=store,
        reference=reference,
        bandwidth=None if bandwidth is None else _bandwidth(bandwidth),
        out=out,
        say=say,
        **changes,
    )
    for path in files:
        typer.echo(str(path))


def _bandwidth(text: str) -> tuple[float, float] | Literal["auto"]:
    from bench.plugin import UsageError

    if text == "auto":
        return "auto"
    try:
        x, y = map(float, text.split(","))
    except ValueError:
        x = y = math.nan
    if not (0 < x < math.inf and 0 < y < math.inf):
        raise UsageError(
            f"--bandwidth is 'auto' or two numbers above 0 such as 0.01,0.02: '{text}'"
        )
    return x, y
