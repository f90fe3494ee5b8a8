"""``bench doctor``: what this machine and installation have, and what is wrong with them."""

from __future__ import annotations

import os

import typer

from bench.cli.parameters import DEFAULT_STORE, Json, StoreUrl, print_json


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
