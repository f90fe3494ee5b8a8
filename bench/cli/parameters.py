"""What commands have in common: parameters, output, plugins."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bench.cli.completion import named

if TYPE_CHECKING:
    from bench.api import SweepChanges
    from results.store.trial_store import Store

SweepName = Annotated[
    str,
    typer.Argument(
        metavar="SWEEP", help="shipped sweep or FILE.yaml", autocompletion=named("sweeps")
    ),
]
Scale = Annotated[
    Literal["smoke", "laptop", "paper"],
    typer.Option(help="seconds in all, two CPU cores, or GPUs"),
]
Trials = Annotated[int | None, typer.Option(help="Number of random draws")]
Replicates = Annotated[int | None, typer.Option(help="Replicates of each setting")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the specification: train.steps=40"),
]
StoreUrl = Annotated[
    str,
    typer.Option(
        "--store", envvar="POINTBENCH_STORE", help="Folder or URL where finished trials are kept"
    ),
]
Reference = Annotated[
    bool,
    typer.Option(
        "--reference/--no-reference",
        help="Fill in trials that the store lacks from the results that come with pointbench",
    ),
]
Out = Annotated[Path | None, typer.Option(help="Folder for the files (default: in the store)")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output on stdout")]
Failed = Annotated[bool, typer.Option("--failed", help="Run failed trials again")]
Address = Annotated[
    str | None,
    typer.Option(help="Ray cluster: auto or host:port (default: RAY_ADDRESS, else this machine)"),
]
CheckpointFolder = Annotated[
    str | None,
    typer.Option(
        "--checkpoints",
        metavar="URL",
        help="Folder or URL of unfinished trainings that all workers reach (default: the store)",
    ),
]
CheckpointEvery = Annotated[
    float, typer.Option(min=0.0, help="Seconds between checkpoints of a training, at least")
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show Ray's own output")]
TableFormat = Annotated[
    Literal["markdown", "latex", "csv", "html"], typer.Option("--format", help="Of the tables")
]
BoardFormat = Annotated[
    Literal["markdown", "latex", "csv", "html", "json"],
    typer.Option("--format", help="Of the leaderboard"),
]

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


def open_store(url: str) -> Store:
    """The store of this invocation, which must be there."""
    from results.store.trial_store import Store

    return Store.open(url, create=False)


def sweep_changes(
    scale: str, trials: int | None, replicates: int | None, sets: list[str] | None
) -> SweepChanges:
    """The command line's changes of a sweep, once plugins are loaded: they may be about them."""
    load_plugins()
    return {
        "scale": scale,
        "trials": trials,
        "replicates": replicates,
        "overrides": parse_sets(sets) if sets else None,
    }


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
    """Strict JSON on standard output, and nothing else there: what is undefined is null."""
    from results.store.plain_json import readable_json

    sys.stdout.write(readable_json(value) + "\n")


def say(text: str = "") -> None:
    """A line for a person, on standard error."""
    sys.stderr.write(text + "\n")
