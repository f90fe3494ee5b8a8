"""``bench check``: the conformance suite on a loss or task."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli.parameters import Json, load_plugins, print_json

_MARKS = {True: "pass", False: "FAIL", None: "n/a "}


def check(
    name: Annotated[str, typer.Argument(metavar="PLUGIN", help="a loss or task")],
    json: Json = False,
) -> None:
    """Run the conformance suite on a loss or task, built-in or your own (--plugin FILE)."""
    from bench.conformance import check_loss, check_task
    from bench.plugin import UsageError, nearest
    from bench.plugin.registry import losses, tasks

    load_plugins()
    if name in losses.names():
        results = check_loss(losses.get(name))
    elif name in tasks.names():
        results = check_task(tasks.get(name))
    else:
        known = [*losses.names(), *tasks.names()]
        raise UsageError(f"unknown plugin '{name}'{nearest(name, known)}")
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
