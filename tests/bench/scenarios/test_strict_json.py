"""Every command that answers in JSON answers in strict JSON, whatever is infinite or undefined."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest
import typer

from bench.cli.main import app
from bench.execution.trial_record import record
from bench.planning.plan import plan
from results.store.trial_store import Store

UNBOUNDED = Path(__file__).parents[1] / "plugins" / "unbounded.py"
INF, NAN = float("inf"), float("nan")


@pytest.fixture
def places(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, write_sweep: Callable[..., Path]
) -> dict[str, Path]:
    """A sweep and its store: NaN and infinite metrics and times, a trial that failed."""
    from bench.plugin import load_file

    load_file(UNBOUNDED)
    monkeypatch.setenv("POINTBENCH_PLUGINS", str(UNBOUNDED))
    sweep = write_sweep(
        task={"name": "undefined", "number": {"grid": [1, 2]}},
        loss=[
            {"name": "unlimited", "temperature": 1.0, "weight": 0.1},
            {"name": "unlimited", "temperature": 1.0, "weight": 0.2},
        ],
        replicates=2,
        leaderboard=True,
    )
    folder = sweep.parent / "store"
    store = Store.open(folder)
    metrics = [{"error": 0.5, "recall": NAN}, {"error": INF, "recall": 0.5}]
    for number, planned in enumerate(plan(str(sweep)).trials):
        if number == 0:
            store.append(record(planned.trial, "mine", "failed", "ValueError: no"))
            continue
        outcome = SimpleNamespace(
            metrics=metrics[number % 2],
            details={"worst": -INF},
            curve=[{"step": 1, "loss": NAN}],
            seconds={"train": NAN, "evaluate": INF},
            device="",
        )
        store.append(record(planned.trial, "mine", "finished", None, outcome=outcome))
    only_failed = Store.open(sweep.parent / "failed")
    for planned in plan(str(sweep)).trials:
        only_failed.append(record(planned.trial, "mine", "failed", "ValueError: no"))
    return {"sweep": sweep, "store": folder, "failed": sweep.parent / "failed"}


def asked(places: dict[str, Path]) -> dict[str, list[list[object]]]:
    """Arguments to try, by command."""
    stores = [["--store", places["store"]], ["--store", places["failed"]]]
    sweep = places["sweep"]
    return {
        "list": [[kind] for kind in ("losses", "tasks", "sweeps", "tables", "claims")],
        "show": [["unlimited"], ["unbounded"], ["softness-noise"], ["table-5.5"], ["claim-8"]],
        "plan": [[sweep, *store] for store in stores],
        "status": [[*what, *store] for what in ([sweep], []) for store in stores],
        "claims": [["8", *stores[0]]],
        "check": [["unlimited"]],
        "doctor": [stores[0]],
        "data list": [[]],
        "reference list": [[]],
        "leaderboard": [[sweep, "--no-reference", *stores[0]]],
        "compare": [["softloc", "soft_localization"]],
        "decide": [["8", "9", "--plan"]],
    }


def answering(of: typer.Typer = app, within: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every command that can answer in JSON, and how it is asked to."""
    for group in of.registered_groups:
        assert group.typer_instance is not None
        yield from answering(group.typer_instance, f"{group.name} ")
    for command in of.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        for parameter, hint in get_type_hints(command.callback).items():
            if parameter == "json":
                yield within + name, ["--json"]
            elif "json" in get_args(hint):
                yield within + name, ["--format", "json"]


def refuse(constant: str) -> None:
    pytest.fail(f"{constant} is not JSON")


def test_every_command_answers_in_strict_json(
    call: Callable[..., Any], places: dict[str, Path]
) -> None:
    ways = dict(answering())
    known = asked(places)
    assert ways.keys() == known.keys(), "a command that answers in JSON is tried here"
    answers = {}
    for name, flags in ways.items():
        for arguments in known[name]:
            answer = call(*name.split(), *arguments, *flags)
            assert answer.out, (name, answer.errors)
            found = json.loads(answer.out, parse_constant=refuse)
            answers.setdefault(name, []).append(found)
    [loss, task, *_] = answers["show"]
    defaults = {option["name"]: option["default"] for option in loss["options"]}
    assert defaults == {"weight": 0.5, "temperature": None}
    assert task["metrics"][0]["range"] == [None, None]
    assert answers["plan"][1]["seconds_per_trial"] is None
    assert answers["plan"][1]["causes"] == [
        {"fate": "failed", "reason": "ValueError: no", "trials": 8}
    ]
    [board] = answers["leaderboard"]
    assert any(None in column for column in cells(board))


def cells(board: Any) -> Iterator[list[Any]]:
    for method in board["methods"]:
        for entry in method["entries"].values():
            yield [*entry["mean"].values(), *entry["difference"].values()]
