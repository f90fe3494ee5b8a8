"""``bench show``: what a loss, task, sweep, table or claim is."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from bench.cli.completion import Kind, named
from bench.cli.parameters import Json, load_plugins, print_json


def show(
    name: Annotated[
        str,
        typer.Argument(
            help="a loss, task, sweep, table or claim", autocompletion=named(*get_args(Kind))
        ),
    ],
    kind: Annotated[
        Kind | None, typer.Option(help="which is meant, where a name stands for several things")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a loss, task or sweep is: equation, options with units and ranges, source."""
    from bench.catalogue.kinds import KINDS
    from bench.plugin import UsageError, nearest

    load_plugins()
    kinds = list(KINDS.values()) if kind is None else [KINDS[kind]]
    for candidate in kinds:
        if name in candidate.names():
            entry = candidate.entry(name)
            if json:
                print_json(entry)
            else:
                typer.echo(candidate.page(entry), nl=False)
            return
    known = [known for candidate in kinds for known in candidate.names()]
    raise UsageError(f"unknown name '{name}'{nearest(name, known)}")
