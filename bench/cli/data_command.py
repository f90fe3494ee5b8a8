"""``bench data``: what data each task uses, prepared now, verified."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from bench.cli.completion import named
from bench.cli.parameters import Json, Sets, load_plugins, parse_sets, print_json, say

app = typer.Typer(no_args_is_help=True, help="What data each task uses.")

TaskName = Annotated[str, typer.Argument(metavar="TASK", autocompletion=named("tasks"))]
Root = Annotated[str | None, typer.Option(help="Folder of the original data set")]


@app.command("list")
def list_(json: Json = False) -> None:
    """Name and version of each task's default data, and whether this machine has them."""
    from bench.plugin import cache_root
    from bench.plugin.registry import tasks

    load_plugins()
    rows = []
    for name in tasks.names():
        task = tasks.get(name)()
        folder = cache_root() / "data" / f"{name}-{task.data_version}"
        rows.append(
            {
                "task": name,
                "data": task.data_name,
                "version": task.data_version,
                "prepared": folder.is_dir(),
                "folder": str(folder),
            }
        )
    if json:
        print_json(rows)
        return
    for row in rows:
        state = "prepared" if row["prepared"] else "not prepared yet"
        typer.echo(f"{row['task']}  {row['data']} {row['version']}  {state}: {row['folder']}")


@app.command()
def prepare(task: TaskName, root: Root = None, sets: Sets = None) -> None:
    """Prepare a task's data on this machine; trials do it by themselves when it is missing."""
    chosen = _task(task, root, sets)
    chosen.check_data()
    started = time.monotonic()
    folder = chosen.prepared()
    say(f"ready in {time.monotonic() - started:.1f} s")
    typer.echo(str(folder))


@app.command()
def verify(task: TaskName, root: Root = None, sets: Sets = None) -> None:
    """Check that a task's data are there and complete, and say which they are."""
    chosen = _task(task, root, sets)
    chosen.check_data()
    splits = chosen.splits(0, min(chosen.heads))
    typer.echo(
        f"{task}: {chosen.data_name} {chosen.data_version}, replicate 0 has "
        f"{len(splits.train)} training, {len(splits.validation)} validation and "
        f"{len(splits.test)} test samples"
    )


def _task(name: str, root: str | None, sets: list[str] | None) -> Any:
    from bench.plugin import create_task

    load_plugins()
    options = parse_sets(sets or [])
    if root is not None:
        options["root"] = root
    return create_task(name, **options)
