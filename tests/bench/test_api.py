"""What Python users call: the same as the commands, with objects in place of text."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest

import bench
from bench import api
from bench.execution.run_settings import RunSettings
from bench.execution.trial_record import record
from bench.planning import plan as planning
from bench.planning.plan import plan
from bench.plugin import UsageError
from results.store.trial_store import Store

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def registered(noop: ModuleType) -> ModuleType:
    return noop


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture
def skipping(write_sweep: Write) -> Path:
    """A sweep that runs without Ray: all its trials are skipped."""
    return write_sweep(
        task={"name": "noop", "behaviour": "skip", "number": {"grid": [1, 2]}},
        show=[{"table": {"rows": "loss", "columns": "task.number", "value": "f1"}}],
    )


def fill(path: Path, store: str) -> None:
    """Run a sweep by hand."""
    opened = Store.open(store)
    for number, planned in enumerate(plan(str(path)).trials):
        metrics = {"f1": 0.5 + number / 10, "validation.f1": 0.5}
        outcome = SimpleNamespace(metrics=metrics, details={}, curve=[], seconds={}, device="")
        opened.append(record(planned.trial, path.stem, "finished", None, outcome=outcome))


def test_what_the_package_offers_is_the_api() -> None:
    for name in bench.__all__:
        assert getattr(bench, name) is getattr(api, name)
        assert inspect.getdoc(getattr(api, name))
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        bench.rum  # noqa: B018


def test_run_returns_the_trials(skipping: Path, store: str) -> None:
    trials = bench.run(str(skipping), store=store)
    assert trials["status"].tolist() == ["skipped", "skipped"]
    pd.testing.assert_frame_equal(bench.trials(store), trials)


def test_a_wrong_sweep_leaves_no_store_behind(write_sweep: Write, store: str) -> None:
    path = write_sweep(loss={"name": "noop", "softness": -1})
    with pytest.raises(UsageError, match="softness"):
        bench.run(str(path), store=store)
    assert not Path(store).exists()


def test_a_run_plans_once(skipping: Path, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = planning.plan
    monkeypatch.setattr(
        planning, "plan", lambda *args, **options: made.append(args) or original(*args, **options)
    )
    said: list[str] = []
    for _ in range(2):
        api.run_and_draw(str(skipping), RunSettings(), store=store, say=said.append)
    assert len(made) == 2, "once for each run"
    assert said[0].startswith("mine (laptop): 2 trials, 2 to run; store ")
    assert "mine (laptop): 2 trials, none left to train" in said


def test_what_is_shown_is_drawn_anew_only_when_it_changed(skipping: Path, store: str) -> None:
    first = api.run_and_draw(str(skipping), RunSettings(), store=store)
    summary = next(path for path in first.files if path.name == "summary.md")
    assert "skipped: this trial is skipped on purpose" in summary.read_text()
    summary.write_text("mine")
    again = api.run_and_draw(str(skipping), RunSettings(), store=store)
    assert set(again.files) == set(first.files)
    assert summary.read_text() == "mine"
    other = bench.run(str(skipping), store=store, overrides={"task.number": 7})
    assert len(other) == 1


def test_plan_and_status_are_facts(write_sweep: Write, store: str) -> None:
    path = write_sweep(task={"name": "noop", "number": {"grid": [1, 2]}})
    assert bench.plan(str(path), store=store)["statuses"] == {"missing": 2}
    assert bench.plan(str(path), store=store, replicates=3)["trials"] == 6
    fill(path, store)
    assert bench.status(str(path), store=store)["statuses"] == {"finished": 2}
    assert bench.status(store=store)["sweeps"][0]["statuses"] == {"finished": 2}


def test_tables_and_surfaces_are_objects_and_files(
    write_sweep: Write, store: str, tmp_path: Path
) -> None:
    view = {"x": "task.score", "y": "task.noise", "value": "f1", "bandwidth": [0.3, 0.02]}
    path = write_sweep(
        task={
            "name": "noop",
            "score": {"grid": [0.0, 0.5, 1.0]},
            "noise": {"grid": [0.0, 0.05]},
        },
        show=[
            {"table": {"rows": "loss", "columns": "task.score", "value": "f1"}},
            {"surface": view},
        ],
    )
    fill(path, store)
    [table] = bench.table(str(path), store=store, reference=False)
    assert table.cell("noop", "score = 0").values == (0.5, 0.6)
    out = tmp_path / "out"
    files = bench.surface(str(path), store=store, reference=False, out=out)
    assert {file.name for file in files} == {
        "f1-surface.svg",
        "f1-surface.png",
        "f1-surface.csv",
        "f1-runs.csv",
    }
    runs = pd.read_csv(out / "f1-runs.csv", index_col="trial_id")
    assert sorted(runs["metric.f1"]) == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])


def test_changes_of_a_sweep_are_refused_for_a_papers_table(store: str) -> None:
    with pytest.raises(UsageError, match=r"--replicates changes a sweep, and 'table-5\.5' is a"):
        bench.table("table-5.5", store=store, replicates=2)
    with pytest.raises(UsageError, match=r"unknown table or sweep 'table-5\.6'; did you mean"):
        bench.table("table-5.6", store=store)


def test_the_leaderboard_and_claims_are_objects(write_sweep: Write, store: str) -> None:
    path = write_sweep(replicates=2)
    fill(path, store)
    board = bench.leaderboard([str(path)], store=store, reference=False)
    assert [method.label for method in board.methods] == ["noop"]
    [(claim, verdict)] = bench.claims(["9"], store=store, reference=False)
    assert (claim.id, verdict.verdict) == ("9", "no data")


def test_reproduce_renders_what_is_there(store: str, tmp_path: Path) -> None:
    said: list[str] = []
    made = bench.reproduce("table-5.5", store=store, out=tmp_path / "out", say=said.append)
    assert (made.failed, [table.key for table in made.tables]) == (0, ["table-5.5-d-dtd-random"])
    assert {path.suffix for path in made.files} == {".md", ".tex", ".csv", ".html"}
    assert said == ["drums-noise (laptop): 15 trials, none missing"]


def test_what_can_be_reproduced_is_listed_by_group() -> None:
    temporal = bench.reproducible(group="temporal", scale="smoke")
    assert {"table-5.5", "figure-5.8"} <= set(temporal) <= set(bench.reproducible(scale="smoke"))
    with pytest.raises(UsageError, match="unknown group of tables and figures 'temporl'; did you"):
        bench.reproducible(group="temporl")
