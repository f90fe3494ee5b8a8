"""The command line. Importing this module imports neither torch nor Ray, so help is instant."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from typing import Annotated

import typer

from bench.cli import (
    check_command,
    claims_command,
    compare_command,
    data_command,
    decide_command,
    doctor_command,
    leaderboard_command,
    list_command,
    mlflow_command,
    plan_command,
    reference_command,
    report_command,
    reproduce_command,
    run_command,
    show_command,
    status_command,
    surface_command,
    table_command,
    trials_command,
)
from bench.cli.endings import notices_end
from bench.cli.parameters import PLUGINS_VARIABLE

_INTERRUPTED = 130

app = typer.Typer(
    name="bench",
    help="Compare losses for networks that localise points: sweeps, surfaces, tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("list")(list_command.list_)
app.command()(show_command.show)
app.command()(plan_command.plan)
app.command()(run_command.run)
app.command()(status_command.status)
app.command()(reproduce_command.reproduce)
app.command()(surface_command.surface)
app.command()(table_command.table)
app.command()(leaderboard_command.leaderboard)
app.command()(compare_command.compare)
app.command()(claims_command.claims)
app.command()(decide_command.decide)
app.command()(report_command.report)
app.command()(check_command.check)
app.command()(doctor_command.doctor)
app.add_typer(data_command.app, name="data")
app.add_typer(mlflow_command.app, name="mlflow")
app.add_typer(reference_command.app, name="reference")
app.add_typer(trials_command.app, name="trials")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pointbench {importlib.metadata.version('pointbench')}")
        raise typer.Exit


@app.callback()
def root(
    plugin: Annotated[
        list[str] | None,
        typer.Option(help="Python file that registers losses or tasks; may be repeated"),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say the version and exit", callback=_say_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Compare losses for networks that localise points: sweeps, surfaces, tables."""
    from bench.startup import check_packages

    check_packages()
    if plugin:
        os.environ[PLUGINS_VARIABLE] = os.pathsep.join(os.path.abspath(path) for path in plugin)


def main() -> None:
    """Entry point. Exit code 0, 1 (trials failed), 2 (usage) or 130 (interrupted)."""
    try:
        with notices_end():
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
    from results.store_error import StoreError  # not before: 'results' may be a user's own file

    if isinstance(error, StoreError):
        return (str(error),)
    return None
