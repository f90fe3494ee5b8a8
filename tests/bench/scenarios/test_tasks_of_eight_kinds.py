"""Eight small tasks of all kinds, written as somebody new would, through every command."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.execution.trial_record import execute
from bench.planning.plan import plan
from bench.plugin import load_file
from results.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

KINDS = Path(__file__).parents[1] / "plugins" / "tasks_of_eight_kinds"
FILES = sorted(KINDS.glob("*.py"))
NAMES = [file.stem for file in FILES]


def table(rows: str, columns: str, *values: str) -> dict[str, Any]:
    return {"table": {"rows": rows, "columns": columns, "values": list(values)}}


SWEEPS: dict[str, dict[str, Any]] = {
    "spots": {
        "task": {"name": "spots", "noise": {"grid": [0.0, 1.0]}},
        "loss": [
            {"name": "heatmap_matching", "regularizer": "none", "as": "matching"},
            {"name": "count_mse"},
        ],
        "show": [table("loss", "task.noise", "f1_1px", "f1_0_5px")],
    },
    "landmarks": {
        "task": {"name": "landmarks"},
        "loss": [{"name": "soft_argmax"}, {"name": "expected_error"}],
        "show": [table("loss", "task", "error")],
    },
    "crowds": {
        "task": {"name": "crowds"},
        "loss": [{"name": "count_mse"}, {"name": "count_huber", "delta": {"grid": [0.5, 2.0]}}],
        "show": [table("loss", "loss.delta", "accuracy", "rmse")],
    },
    "one_point": {
        "task": {"name": "one_point"},
        "loss": [{"name": "heatmap_matching", "weight": {"grid": [0.05, 0.2]}}],
        "train": {"steps": {"grid": [40, 200]}},
        "show": [table("train.steps", "loss.weight.start", "f1_0_1cell", "steps")],
    },
    "few_labels": {
        "task": {"name": "few_labels", "labelled": {"grid": [8, 16]}},
        "loss": [
            {"name": "count_consistency", "supervised": "cross_entropy"},
            {"name": "cross_entropy"},
        ],
        "show": [table("loss", "task.labelled", "f1")],
    },
    "people": {
        "task": {"name": "people", "direction": {"grid": ["causal", "bidirectional"]}},
        "loss": [{"name": "cross_entropy"}, {"name": "label_smoothing_se", "softness": 2.0}],
        "show": [table("task.direction", "loss", "f1")],
    },
    "swings": {
        "task": {"name": "swings"},
        "loss": [{"name": "cross_entropy"}],
        "train": {"lr": {"schedule": "cosine", "start": {"grid": [0.05, 0.1]}, "end": 0.001}},
        "show": [table("train.lr.start", "loss", "f1", "timing_distance")],
    },
    "pixels": {
        "task": {"name": "pixels"},
        "loss": [{"name": "sparse_perturbation"}, {"name": "largest_weight"}],
        "show": [table("loss", "task", "success", "pixels")],
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POINTBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bench(call: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """``bench`` with the eight files, and a specification for each task beside it."""
    monkeypatch.setenv("POINTBENCH_PLUGINS", os.pathsep.join(map(str, FILES)))
    for name, sweep in SWEEPS.items():
        file = folder / f"{name}.yaml"
        content = {"name": f"mine-{name}", "title": name, "replicates": 2, **sweep}
        file.write_text(json.dumps(content | {"leaderboard": True}))
    return call


def fill(name: str) -> Store:
    """All trials of a sweep, trained in this process."""
    for file in FILES:
        load_file(file)
    store = Store.open("runs")
    known = store.statuses()
    planned = plan(f"{name}.yaml")
    for one in planned.trials:
        if one.trial_id not in known:
            assert one.skip_reason is None
            store.append(execute(one.trial, planned.sweep.name))
    return store


def test_every_file_is_short_and_has_a_sweep() -> None:
    assert sorted(SWEEPS) == NAMES
    assert len(NAMES) == 8
    for file in FILES:
        lines = [line for line in file.read_text().splitlines() if line.strip()]
        assert 25 <= len(lines) <= 90, file


@pytest.mark.parametrize("name", NAMES)
def test_each_passes_its_checks(bench: Callable, name: str) -> None:
    answer = bench("check", name)
    assert answer.code == 0, answer.out


@pytest.mark.parametrize("name", NAMES)
def test_each_is_planned_run_and_shown(bench: Callable, name: str) -> None:
    before = bench("plan", f"{name}.yaml")
    assert before.code == 0, before.errors
    assert "not run" in before.out
    store = fill(name)
    records = list(store.records())
    assert {record.status for record in records} == {"finished"}, records[0].reason
    after = bench("status", f"{name}.yaml")
    assert f"{len(records)} finished" in after.out

    [shown] = [entry["table"] for entry in SWEEPS[name]["show"]]
    for form in ("markdown", "latex", "html", "csv"):
        answer = bench("table", f"{name}.yaml", "--format", form)
        assert answer.code == 0, answer.errors
        assert "not run" not in answer.out
    assert answer.out.count("\n") > len(shown["values"])
    board = bench("leaderboard", f"{name}.yaml", "--format", "json")
    assert board.code == 0, board.errors
    entries = json.loads(board.out)
    assert {column["task"] for column in entries["columns"]} == {name}
    assert not any(method["incomplete"] for method in entries["methods"])
    ran = bench("run", f"{name}.yaml")  # fails when Ray is started: nothing is missing
    assert ran.code == 0, ran.errors
    assert "none left to train" in ran.errors[0]


def test_methods_go_by_their_name_and_metrics_by_their_direction(bench: Callable) -> None:
    fill("spots")
    text = bench("table", "spots.yaml").out
    assert "| matching |" in text
    assert "σ = 1 px" in text
    fill("landmarks")
    board = json.loads(bench("leaderboard", "landmarks.yaml", "--format", "json").out)
    [column] = board["columns"]
    assert (column["metric"], column["direction"], column["unit"]) == ("error", "min", "cell")
    means = [method["entries"][column["key"]]["mean"]["estimate"] for method in board["methods"]]
    assert means == sorted(means), "the least error is the best"


def test_a_surface_is_drawn_of_any_metric(bench: Callable, folder: Path) -> None:
    sweep = {
        "name": "mine-surface",
        "task": {"name": "spots", "noise": {"uniform": [0.0, 1.0]}},
        "loss": {"name": "count_mse"},
        "train": {"lr": {"log_uniform": [0.005, 0.05]}, "steps": 20},
        "trials": 6,
        "show": [
            {
                "surface": {
                    "x": "train.lr.start",
                    "y": "task.noise",
                    "value": "f1_1px",
                    "bandwidth": [0.02, 0.4],
                }
            }
        ],
    }
    (folder / "surface.yaml").write_text(json.dumps(sweep))
    fill("surface")
    answer = bench("surface", "surface.yaml", "--out", "drawn")
    assert answer.code == 0, answer.errors
    assert {Path(line).suffix for line in answer.out.split()} == {".svg", ".png", ".csv"}


def test_claims_and_the_report_take_them_in(bench: Callable, folder: Path) -> None:
    for name in ("landmarks", "pixels"):
        fill(name)
    claims = bench("claims")
    assert claims.code == 0, claims.errors
    report = bench("report", "landmarks.yaml", "pixels.yaml", "--out", "site")
    assert report.code == 0, report.errors
    pages = "".join(path.read_text() for path in (folder / "site").rglob("*.html"))
    assert "mine-landmarks" in pages
    assert "largest_weight" in pages


@pytest.mark.cluster
def test_ray_trains_them_from_their_files(commands: Any, bench: Callable, folder: Path) -> None:
    file = folder / "pixels.yaml"
    arguments = ("--plugin", KINDS / "pixels.py", "run", file, "--store", commands.store)
    answer = commands.run(*arguments)
    assert answer.code == 0, answer.errors
    store = Store.open(commands.store, create=False)
    assert set(store.statuses().values()) == {"finished"}
    [own, *_] = store.records()
    assert own.versions["task_source"]
