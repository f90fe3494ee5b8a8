"""The leaderboard of a store: columns, methods, a user's own losses, tuned ones, stale trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bench.artefacts.leaderboard_assembly import leaderboard
from bench.artefacts.outcomes import SweepOutcomes
from bench.execution.trial_record import record
from bench.planning.plan import plan
from bench.planning.trial import PlannedTrial
from bench.plugin import UsageError
from results.leaderboard.board import Entry, Leaderboard
from results.store.trial_store import Store

Write = Callable[..., Path]
LOSSES = [{"name": "noop", "softness": 0.1}, {"name": "noop", "softness": 0.05}]
TASK = {"name": "noop", "noise": {"grid": [0.0, 0.05]}}
SPREAD = (0.0, 0.01, -0.01, 0.005)


@pytest.fixture(autouse=True)
def registered(noop: ModuleType) -> ModuleType:
    return noop


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def append(
    store: Store, planned: PlannedTrial, value: float | None, status: str = "finished", **also: Any
) -> None:
    """What a trial that reported ``value`` leaves."""
    outcome = None
    if status == "finished":
        metrics = {"f1": value, "validation.f1": value}
        seconds = {"train": 2.0, "evaluate": 0.5}
        outcome = SimpleNamespace(metrics=metrics, details={}, curve=[], seconds=seconds, device="")
    made = record(planned.trial, also.pop("sweep", "mine"), status, None, outcome=outcome)
    for name, changed in also.items():
        object.__setattr__(made, name, changed)
    store.append(made)


def fill(store: Store, path: Path, value: Callable[[PlannedTrial], float], **also: Any) -> None:
    """Run a whole sweep."""
    for planned in plan(str(path)).trials:
        append(store, planned, value(planned), **also)


def quality(planned: PlannedTrial) -> float:
    """Softness 0.1 is better by 0.2 ± 0.001; replicates share most of their spread."""
    trial = planned.trial
    own = 0.001 * ((trial.replicate * 7 + round(trial.loss.softness * 100)) % 3)
    return 0.6 + 2 * trial.loss.softness + SPREAD[trial.replicate % 4] + own


def leaderboard_of(store: Store, *sweeps: Path | str) -> Leaderboard:
    return leaderboard(store, SweepOutcomes(store), [str(sweep) for sweep in sweeps])


def entry(board: Leaderboard, label: str, column: str, group: str = "fixed") -> Entry:
    method = next(m for m in board.methods if m.label == label and m.group == group)
    key = next(c.key for c in board.columns if c.label == column)
    return board.entries[method.key, key]


def test_columns_are_task_settings_and_methods_losses(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=3)
    fill(store, path, quality)
    board = leaderboard_of(store, path)
    assert [column.label for column in board.columns] == ["σ = 0 ms", "σ = 50 ms"]
    assert [column.replicates for column in board.columns] == [(0, 1, 2)] * 2
    assert [column.data for column in board.columns] == ["nothing"] * 2
    assert [m.label for m in board.methods] == ["noop (softness=0.1)", "noop (softness=0.05)"]
    assert {m.selection for m in board.methods} == {"as published"}
    best, other = (entry(board, method.label, "σ = 50 ms") for method in board.methods)
    assert best.best
    assert best.complete
    assert other.difference.estimate == pytest.approx(-0.1, abs=0.003)
    assert not other.tied_with_best
    assert board.ranks[board.methods[0].key].estimate == 1.0
    assert best.runs.counts == {"finished": 3}
    assert set(best.runs.trial_ids.values()) <= set(store.statuses())


def test_a_users_own_loss_is_set_beside_the_planned_ones(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=3)
    fill(store, path, quality)
    own = write_sweep("own", task=TASK, loss={"name": "noop", "softness": 0.15}, replicates=3)
    fill(store, own, quality)
    board = leaderboard_of(store, path)
    first = board.methods[0]
    assert (first.label, first.selection) == ("noop (softness=0.15)", "yours")
    assert entry(board, "noop (softness=0.15)", "σ = 0 ms").best


def test_trials_of_other_settings_do_not_count(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    fill(store, path, quality)
    other_noise = write_sweep("a", task={**TASK, "noise": 0.07}, loss=LOSSES[0])
    other_steps = write_sweep("b", task=TASK, loss=LOSSES[0], train={"steps": 11})
    search = write_sweep("c", task=TASK, loss={"name": "noop", "softness": 0.02})
    fill(store, other_noise, lambda _: 0.9)
    fill(store, other_steps, lambda _: 0.9)
    fill(store, search, lambda _: 0.9, sweep="softness-noise")
    board = leaderboard_of(store, path)
    assert len(board.methods) == 2
    assert all(entry.mean.estimate < 0.85 for entry in board.entries.values())


def test_more_replicates_of_a_planned_loss_count(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    more = write_sweep("more", task=TASK, loss=LOSSES[0], replicates=4)
    fill(store, path, quality)
    fill(store, more, quality)
    board = leaderboard_of(store, path)
    assert entry(board, "noop (softness=0.1)", "σ = 0 ms").mean.n == 4
    assert entry(board, "noop (softness=0.05)", "σ = 0 ms").difference.n == 2


def test_what_has_no_number_is_counted(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=4)
    statuses = ["finished", "diverged", "failed"]
    for planned in plan(str(path)).trials:
        if planned.trial.loss.softness == 0.1:
            append(store, planned, quality(planned))
        elif planned.trial.replicate < 3:
            status = statuses[planned.trial.replicate]
            append(store, planned, None, status)
    board = leaderboard_of(store, path)
    found = entry(board, "noop (softness=0.05)", "σ = 0 ms")
    assert found.runs.counts == {"undefined": 1, "diverged": 1, "failed": 1, "missing": 1}
    assert not found.complete
    assert board.incomplete == {board.methods[1].key}


def test_trials_of_another_version_are_stale(
    store: Store, write_sweep: Write, noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    own = write_sweep("own", task=TASK, loss={"name": "noop", "softness": 0.15}, replicates=2)
    fill(store, path, quality)
    fill(store, own, quality)
    monkeypatch.setattr(noop.NoopLoss, "version", "2")
    for planned in plan(str(path)).trials:
        if planned.trial.loss.softness == 0.1:
            append(store, planned, 0.5)
    board = leaderboard_of(store, path)
    current = entry(board, "noop (softness=0.1)", "σ = 0 ms")
    assert (current.stale, current.mean.estimate) == (0, 0.5)
    for label in ("noop (softness=0.05)", "noop (softness=0.15)"):
        old = entry(board, label, "σ = 0 ms")
        assert (old.stale, old.mean.n) == (2, 0)
    assert any("Stale" in note for note in board.notes)


def test_a_loss_that_is_not_loaded_is_noted(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    fill(store, path, quality)
    for planned in plan(str(path)).trials[:1]:
        append(store, planned, 0.9, loss="unknown_loss", trial_id="0123456789abcdef")
    board = leaderboard_of(store, path)
    assert any("unknown_loss" in note for note in board.notes)
    assert entry(board, "unknown_loss", "σ = 0 ms").mean.n == 1


def test_the_tuned_value_of_a_replicate_is_what_its_own_search_chose(
    store: Store, write_sweep: Write
) -> None:
    fixed = write_sweep(task=TASK, loss=LOSSES[1], replicates=3)
    tuned = write_sweep(
        "tuned",
        task={**TASK, "noise": 0.05},
        loss={"name": "noop"},
        search="optuna",
        trials=5,
        initial=3,
        batch=2,
        replicates=3,
    )
    fill(store, fixed, quality)
    names = [str(fixed), str(tuned)]
    while missing := [
        p for p in plan(names[1], results=store).trials if p.trial_id not in store.statuses()
    ]:
        for planned in missing:
            append(store, planned, quality(planned))
    board = leaderboard_of(store, *names)
    study = plan(names[1], results=store).studies[0]
    best = [max(search.trials, key=quality) for search in study.searches]
    found = entry(board, "noop", "σ = 50 ms", group="tuned")
    assert found.runs.tuning is not None
    assert found.runs.tuning.settings == {
        replicate: {"softness": planned.trial.loss.softness}
        for replicate, planned in enumerate(best)
    }
    assert found.runs.values == dict(enumerate(map(quality, best)))
    assert found.runs.trial_ids == {r: planned.trial_id for r, planned in enumerate(best)}
    tuning = found.runs.tuning
    assert (tuning.searched, tuning.search_trials, tuning.core_seconds) == (5, 15, 2.5 * 15)
    assert found.complete
    low, high = stats.t.interval(
        0.95, 2, np.mean(list(map(quality, best))), stats.sem(list(map(quality, best)))
    )
    assert (found.mean.low, found.mean.high) == pytest.approx((low, high))
    assert {m.group for m in board.methods} == {"fixed", "tuned"}


def test_a_search_that_could_choose_nothing_is_counted_and_one_that_goes_on_is_missing(
    store: Store, write_sweep: Write
) -> None:
    """Replicate 0 has a value, all trials of replicate 1 diverged, replicate 2 is not through."""
    search = {"search": "optuna", "trials": 3, "initial": 3, "replicates": 3}
    file = write_sweep(task={**TASK, "noise": 0.05}, loss={"name": "noop"}, **search)
    for planned in plan(str(file)).trials:
        if planned.trial.replicate == 0:
            append(store, planned, quality(planned))
        if planned.trial.replicate == 1:
            append(store, planned, None, "diverged")
    left = [p for p in plan(str(file)).trials if p.trial.replicate == 2]
    for planned in left[1:]:
        append(store, planned, quality(planned))
    found = entry(leaderboard_of(store, file), "noop", "noop", group="tuned")
    assert list(found.runs.values) == [0]
    assert found.runs.counts == {"finished": 1, "diverged": 1, "missing": 1}
    assert found.runs.tuning is not None
    assert (found.runs.tuning.unusable, list(found.runs.tuning.settings)) == (3, [0])
    assert not found.complete


def test_what_a_trial_costs_is_of_one_processor(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    own = write_sweep("own", task=TASK, loss={"name": "noop", "softness": 0.15}, replicates=2)
    fill(store, path, quality, hardware="x", seconds={"train": 2.0, "cpu": 1.5})
    fill(store, own, quality, hardware="y", seconds={"train": 1.0, "cpu": 0.5})
    board = leaderboard_of(store, path)
    found = {m.label: board.costs[m.key, "noop"] for m in board.methods}
    for softness in (0.1, 0.05):
        cost = found[f"noop (softness={softness})"]
        assert (cost.seconds, cost.measured, cost.n) == (1.5, "cpu", 4)
    assert found["noop (softness=0.15)"].reason == "timed on y, most others on x"
    assert any(note.startswith("CPU s a trial: median CPU time") for note in board.notes)


def test_records_without_cpu_time_show_wall_time(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    fill(store, path, quality, hardware="x")
    board = leaderboard_of(store, path)
    assert {(c.seconds, c.measured) for c in board.costs.values()} == {(2.0, "train")}
    assert any("from before CPU time was kept" in note for note in board.notes)


def test_the_board_says_how_often_some_two_equal_losses_are_told_apart(
    store: Store, write_sweep: Write
) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=2)
    fill(store, path, quality)
    (note,) = [note for note in leaderboard_of(store, path).notes if "equal losses" in note]
    assert "in up to 10% of boards of 2 columns (measured with 4 columns: 16 to 18%)" in note


def test_an_empty_store_is_a_usage_error(store: Store, write_sweep: Write) -> None:
    path = write_sweep(task=TASK, loss=LOSSES)
    with pytest.raises(UsageError) as raised:
        leaderboard_of(store, path)
    number = len(plan(str(path)).trials)
    why = f"no finished trial of mine at scale laptop: {number} not run; bench run {path}"
    assert str(raised.value) == f"{store.shown}: {why}"


@pytest.mark.parametrize("form", ["markdown", "latex", "csv", "html", "json"])
def test_the_command_prints_every_format(
    call: Callable[..., Any], store: Store, write_sweep: Write, form: str
) -> None:
    path = write_sweep(task=TASK, loss=LOSSES, replicates=3)
    fill(store, path, quality)
    answer = call("leaderboard", path, "--store", store.url, "--format", form, "--no-reference")
    assert answer.code == 0
    assert "noop" in answer.out
    if form == "json":
        assert len(json.loads(answer.out)["methods"]) == 2


def test_the_command_refuses_what_it_cannot_do(
    call: Callable[..., Any], store: Store, tmp_path: Path
) -> None:
    empty = call("leaderboard", "--store", store.url, "--no-reference", "--scale", "paper")
    assert empty.code == 2
    assert "no finished trial of" in empty.errors[-1]
    none = call("leaderboard", "--store", tmp_path / "none", "--no-reference")
    assert none.code == 2
    assert "no store here" in none.errors[-1]
    wrong = call("leaderboard", "--store", store.url, "--format", "markdwon")
    assert wrong.code == 2
    assert "'markdwon' is not one of 'markdown', 'latex', " in wrong.errors[-1]
