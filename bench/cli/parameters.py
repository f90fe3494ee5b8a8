"""What commands have in common: options, output, the store."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bench.planning.plan import Plan
    from results.store.trial_source import TrialSource
    from results.store.trial_store import Store

Scale = Annotated[str, typer.Option(help="smoke (seconds), laptop (default) or paper (GPUs)")]
StoreUrl = Annotated[
    str,
    typer.Option(
        "--store", envvar="POINTBENCH_STORE", help="Folder or URL where finished trials are kept"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the specification: train.steps=40"),
]
Trials = Annotated[int | None, typer.Option(help="Number of random draws")]
Replicates = Annotated[int | None, typer.Option(help="Replicates of each setting")]
Reference = Annotated[
    bool,
    typer.Option(
        "--reference/--no-reference",
        help="Fill in trials that the store lacks from the results that come with pointbench",
    ),
]
Out = Annotated[Path | None, typer.Option(help="Folder for the files (default: in the store)")]

DEFAULT_STORE = "./runs"
PLUGINS_VARIABLE = "POINTBENCH_PLUGINS"


def plugin_files() -> list[Path]:
    """Files given by ``--plugin`` (or by ``POINTBENCH_PLUGINS``)."""
    value = os.environ.get(PLUGINS_VARIABLE, "")
    return [Path(part) for part in value.split(os.pathsep) if part]


def load_plugins() -> None:
    """Check the four packages, then import the plugin files of this invocation."""
    from bench.plugin import load_file
    from bench.startup import check_packages

    check_packages()
    for path in plugin_files():
        load_file(path)


def open_store(url: str, create: bool = False) -> Store:
    """The store of this invocation."""
    from results.store.trial_store import Store

    return Store.open(url, create=create)


def existing_store(url: str) -> Store | None:
    """The store of this invocation, or None when there is none yet; none is made."""
    from results.store.trial_store import Store

    return Store.open(url, create=False) if Store.exists(url) else None


def open_source(url: str, reference: bool) -> TrialSource:
    """The trials that artefacts are made of: the store, and beneath it the reference results."""
    from results.store.trial_source import open_source

    return open_source(url, reference)


def make_plan(
    sweep: str,
    scale: str,
    trials: int | None = None,
    replicates: int | None = None,
    sets: list[str] | None = None,
) -> Plan:
    """Plan of a sweep with the command line's changes."""
    from bench.planning.plan import plan

    load_plugins()
    return plan(
        sweep, scale, trials=trials, replicates=replicates, overrides=parse_sets(sets or [])
    )


def parse_sets(sets: list[str]) -> dict[str, Any]:
    """``["train.steps=40"]`` as ``{"train.steps": 40}``; values are YAML.

    Raises:
        UsageError: an entry without ``=``, or a value that is not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from bench.plugin import UsageError

    values: dict[str, Any] = {}
    problems = []
    for text in sets:
        key, separator, value = text.partition("=")
        if not separator or not key:
            problems.append(f"--set needs KEY=VALUE, got '{text}'")
            continue
        try:
            values[key] = YAML(typ="safe").load(value)
        except YAMLError:
            problems.append(f"--set {key}: '{value}' is not a YAML value")
    if problems:
        raise UsageError(problems)
    return values


def print_json(value: Any) -> None:
    """JSON on standard output, and nothing else there."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def say(text: str = "") -> None:
    """A line for a person, on standard error."""
    sys.stderr.write(text + "\n")
