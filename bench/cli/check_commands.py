"""``bench check`` (conformance of a plugin) and ``bench doctor`` (this machine)."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bench.cli.parameters import DEFAULT_STORE, Json, StoreUrl, load_plugins, print_json

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


def doctor(store: StoreUrl = DEFAULT_STORE, json: Json = False) -> None:
    """Say what this machine and installation have, and what is wrong with them."""
    from bench.execution import environment
    from bench.plugin import UsageError, cache_root
    from bench.startup import check_packages
    from results.store.trial_store import Store
    from results.store_error import StoreError

    facts: dict[str, object] = {
        "host": environment.host(),
        "hardware": environment.hardware(),
        "cores": os.cpu_count(),
        "versions": environment.versions(),
        "git_revision": environment.git_revision(),
        "cache": str(cache_root()),
        "store": store,
    }
    problems: list[str] = []
    try:
        check_packages()
    except UsageError as error:
        problems += error.problems
    try:
        facts["trials"] = len(Store.open(store, create=False).statuses())
    except StoreError as error:
        facts["trials"] = 0
        if os.path.exists(store):
            problems.append(str(error))
    import torch

    facts["accelerator"] = (
        torch.cuda.get_device_name() if torch.cuda.is_available() else "none (CPU)"
    )
    facts["problems"] = problems
    if json:
        print_json(facts)
    else:
        for key, value in facts.items():
            typer.echo(f"{key}: {value}")
    if problems:
        raise typer.Exit(2)
