"""Commands that train nothing: answers on standard output, and nothing but JSON with ``--json``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML


@pytest.fixture
def ask(call: Callable) -> Callable[..., Any]:
    """What a command answers with ``--json``."""

    def run(*arguments: object) -> Any:
        answer = call(*arguments, "--json")
        assert (answer.code, answer.errors) == (0, [])
        return json.loads(answer.out)

    return run


def test_losses_and_tasks_are_listed(ask: Callable, call: Callable) -> None:
    losses = {entry["name"]: entry for entry in ask("list", "losses")}
    assert losses["softloc"]["heads"] == ["events"]
    assert losses["noop"]["space"] == {"softness": {"uniform": [0.0, 0.2]}}
    tasks = {entry["name"]: entry for entry in ask("list", "tasks")}
    assert tasks["drums"]["metrics"][0]["name"] == "f1"
    lines = call("list", "tasks").out.splitlines()
    assert len(lines) == len(tasks)
    assert any(line.startswith("noop") and "Reports `score`" in line for line in lines)


def test_sweeps_and_what_they_reproduce_are_listed(ask: Callable) -> None:
    assert "softness-noise" in {entry["name"] for entry in ask("list", "sweeps")}
    tables = {entry["name"]: entry["sweeps"] for entry in ask("list", "tables")}
    assert tables["figure-5.8"] == ["softness-noise"]
    assert tables["table-5.5"] == ["drums-noise"]


def test_the_version_is_told_by_the_module_too() -> None:
    command = [sys.executable, "-m", "bench", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"pointbench {version('pointbench')}\n"


def test_wrong_names_get_suggestions(call: Callable) -> None:
    for arguments, message in (
        (("show", "softlok"), "unknown name 'softlok'; did you mean 'softloc'?"),
        (("check", "softlok"), "unknown plugin 'softlok'; did you mean 'softloc'?"),
        (
            ("reproduce", "figure-5.9"),
            "unknown table or figure 'figure-5.9'; did you mean 'figure-5.8'?",
        ),
        (
            ("reproduce", "--all", "--group", "temporl"),
            "unknown group of tables and figures 'temporl'; did you mean 'temporal'?",
        ),
        (
            ("reproduce", "table-5.5", "--all"),
            "name tables or figures, or give --all; see: bench list tables",
        ),
        (("reproduce",), "name tables or figures, or give --all; see: bench list tables"),
        (
            ("reproduce", "table-5.5", "--group", "temporal"),
            "--group narrows --all: bench reproduce --all --group temporal",
        ),
        (("surface", "drums-noise"), "sweep 'drums-noise' declares no surface under 'show'"),
    ):
        answer = call(*arguments)
        assert (answer.code, answer.out) == (2, "")
        assert answer.errors == [f"error: {message}"]


def test_a_plugin_is_shown_with_units_ranges_and_source(call: Callable, ask: Callable) -> None:
    text = call("show", "softloc").out
    assert text.startswith("loss softloc  [events]\n")
    assert "softness: float, s, >= 0, default 0.1" in text
    assert "Source: Schroeter, thesis" in text
    options = {option["name"]: option for option in ask("show", "noop")["options"]}
    assert options["softness"]["unit"] == "s"


def test_a_sweep_is_shown_as_its_file(call: Callable) -> None:
    shown = YAML(typ="safe").load(call("show", "softness-noise").out)
    assert shown["trials"] == 210


def test_a_plan_tells_what_is_done(
    ask: Callable, call: Callable, write_sweep: Callable, tmp_path: Path
) -> None:
    tasks = [{"name": "noop", "behaviour": "skip"}, {"name": "noop", "number": {"grid": [1, 2]}}]
    file, store = write_sweep(task=tasks), ("--store", tmp_path / "store")
    facts = ask("plan", file, *store)
    assert (facts["trials"], facts["statuses"]) == (3, {"skipped": 1, "missing": 2})
    assert facts["skip_reasons"] == {"this trial is skipped on purpose": 1}
    assert facts["seconds_left"] is None
    text = call("plan", file, *store).out
    assert "3 trials: 2 not run, 1 skipped" in text
    assert "time: unknown until a first trial has finished" in text


def test_status_tells_what_a_store_holds(
    ask: Callable, call: Callable, write_sweep: Callable, tmp_path: Path
) -> None:
    file = write_sweep(task={"name": "noop", "behaviour": "skip", "number": {"grid": [1, 2]}})
    store = ("--store", tmp_path / "store")
    ran = call("run", file, *store)
    assert ran.code == 0
    assert ask("status", file, *store)["statuses"] == {"skipped": 2}
    everything = ask("status", *store)
    assert everything["trials"] == 2
    [entry] = everything["sweeps"]
    assert (entry["sweep"], entry["statuses"]) == ("mine", {"skipped": 2})
    again = call("run", file, *store)
    assert again.errors[0] == "mine (laptop): 2 trials, none left to train"


def test_doctor_knows_this_machine(ask: Callable, tmp_path: Path) -> None:
    facts = ask("doctor", "--store", tmp_path / "none")
    assert facts["problems"] == []
    assert {"python", "pointbench", "torch", "ray"} <= set(facts["versions"])
    assert facts["cores"] >= 1
    assert not (tmp_path / "none").exists()


def test_data_of_each_task(ask: Callable, call: Callable) -> None:
    rows = {row["task"]: row for row in ask("data", "list")}
    assert rows["noop"]["data"] == "nothing"
    wrong = call("data", "verify", "noop", "--root", "/nowhere")
    assert wrong.code == 2
    assert wrong.errors == ["error: noop: option 'root': folder '/nowhere' does not exist"]
    right = call("data", "verify", "noop")
    assert "40 training, 8 validation and 8 test samples" in right.out
