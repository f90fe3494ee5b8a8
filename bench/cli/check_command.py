"""``bench check``: the conformance suite on a loss or task."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.completion import named
from bench.cli.parameters import Json, load_plugins, parse_sets, print_json

Options = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="OPTION=VALUE", help="Option of the plugin: size=small"),
]
_MARKS = {True: "pass", False: "FAIL", None: "n/a "}


def check(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PLUGIN", help="a loss or task", autocompletion=named("losses", "tasks")
        ),
    ],
    sets: Options = None,
    json: Json = False,
) -> None:
    """Run the conformance suite on a loss or task, built-in or your own (--plugin FILE).

    It takes the default options, and the smallest ``size`` of a task that has one.
    """
    from bench import api

    load_plugins()
    results = api.check(name, **parse_sets(sets or []))
    if json:
        print_json([vars(result) for result in results])
    else:
        for result in results:
            head = f" [{result.head}]" if result.head else ""
            typer.echo(f"{_MARKS[result.passed]}  {result.name}{head}")
            if result.message:
                typer.echo("      " + result.message.strip().replace("\n", "\n      "))
    failed = sum(result.passed is False for result in results)
    if not json:
        typer.echo(f"{name}: {len(results)} checks, {failed} failed")
    if failed:
        raise typer.Exit(1)
