"""The command line. Importing this module imports neither torch nor Ray, so help is instant."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bench.commands import (
    artefacts,
    catalogue,
    checks,
    claims,
    data,
    leaderboard,
    mlflow,
    reference,
    report,
    reproduce,
    sweeps,
)
from bench.commands.shared import PLUGINS_VARIABLE

_INTERRUPTED = 130

app = typer.Typer(
    name="bench",
    help="Compare losses for networks that localise points: sweeps, surfaces, tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("list")(catalogue.list_)
app.command()(catalogue.show)
app.command()(sweeps.plan)
app.command()(sweeps.run)
app.command()(sweeps.status)
app.command()(reproduce.reproduce)
app.command()(artefacts.surface)
app.command()(artefacts.table)
app.command()(leaderboard.leaderboard)
app.command()(claims.claims)
app.command()(report.report)
app.command()(checks.check)
app.command()(checks.doctor)
app.add_typer(data.app, name="data")
app.add_typer(mlflow.app, name="mlflow")
app.add_typer(reference.app, name="reference")


@app.callback()
def root(
    plugin: Annotated[
        list[str] | None,
        typer.Option(help="Python file that registers losses or tasks; may be repeated"),
    ] = None,
) -> None:
    """Compare losses for networks that localise points: sweeps, surfaces, tables."""
    from bench.packages import check_packages

    check_packages()
    if plugin:
        os.environ[PLUGINS_VARIABLE] = os.pathsep.join(os.path.abspath(path) for path in plugin)


def main() -> None:
    """Entry point. Exit code 0, 1 (trials failed), 2 (usage) or 130 (interrupted)."""
    try:
        app(standalone_mode=True)
    except (KeyboardInterrupt, SystemExit) as ended:
        if isinstance(ended, SystemExit) and ended.code != _INTERRUPTED:
            raise
        sys.stderr.write("interrupted; finished trials are kept, the same command goes on\n")
        sys.exit(_INTERRUPTED)
    except Exception as error:
        problems = _problems(error)
        if problems is None:
            raise
        for problem in problems:
            sys.stderr.write(f"error: {problem}\n")
        sys.exit(2)


def _problems(error: Exception) -> tuple[str, ...] | None:
    """Lines to show for an error that the user can act on; None for a defect of ours."""
    from bench.plugin.errors import UsageError

    if isinstance(error, UsageError):
        return error.problems
    from results.errors import StoreError  # not before: 'results' may be a user's own file

    if isinstance(error, StoreError):
        return (str(error),)
    return None
