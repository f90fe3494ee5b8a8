"""One join of plan and store: what it says of a trial, every artefact says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.artefacts.leaderboard_assembly import leaderboard
from bench.artefacts.outcomes import SweepOutcomes, join
from bench.artefacts.paper_tables import PaperTable
from bench.artefacts.report_content import assemble
from bench.artefacts.status_facts import describe_plan, plan_lines
from bench.artefacts.sweep_artefacts import sweep_tables
from bench.artefacts.sweep_surfaces import surface_runs
from bench.execution.trial_record import record
from bench.planning.plan import Plan, plan
from bench.planning.trial import PlannedTrial
from bench.specs.paper_table import BlockSpec, ColumnSpec, RowSpec, TableSpec
from bench.specs.sweep import SurfaceView
from results.claims.claim_selection import obstacle, select
from results.store.record import TrialRecord
from results.store.trial_store import Store
from results.tables.fates import WORDS

FATES = ("finished", "diverged", "failed", "undefined", "skipped", "stale", "missing")
NUMBERS = dict(enumerate(FATES, start=1))
"""What is to become of the trial of the task with this ``number``."""


def ended(planned: PlannedTrial, status: str, f1: float | None = None, **also: Any) -> TrialRecord:
    outcome = SimpleNamespace(
        metrics={"f1": f1, "validation.f1": f1},
        details={},
        curve=[],
        seconds={"train": 2.0, "evaluate": 0.5},
        device="cpu",
    )
    reason = None if status == "finished" else f"{status} on purpose"
    made = record(
        planned.trial,
        "mine",
        status,
        reason,
        outcome=outcome if status == "finished" else None,
    )
    return dataclasses.replace(made, **also)


@pytest.fixture
def sweep(noop: ModuleType, write_sweep: Callable[..., Path]) -> Path:
    skipped = next(number for number, fate in NUMBERS.items() if fate == "skipped")
    others = [number for number in NUMBERS if number != skipped]
    return write_sweep(
        task=[
            {"name": "noop", "number": {"grid": others}},
            {"name": "noop", "number": skipped, "behaviour": "skip"},
        ],
        show=[{"table": {"rows": "loss", "columns": "task.number", "value": "f1"}}],
        leaderboard=True,
    )


@pytest.fixture
def store(sweep: Path, noop: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A trial of every fate."""
    store = Store.open(tmp_path / "store")
    by_fate = {NUMBERS[one.trial.task.number]: one for one in plan(str(sweep)).trials}
    store.append(ended(by_fate["finished"], "finished", 0.25))
    store.append(ended(by_fate["diverged"], "diverged"))
    store.append(ended(by_fate["failed"], "failed"))
    store.append(ended(by_fate["undefined"], "finished", None))
    with monkeypatch.context() as patch:
        patch.setattr(noop.Noop, "version", "0.old")
        [old] = [p for p in plan(str(sweep)).trials if NUMBERS[p.trial.task.number] == "stale"]
        store.append(ended(old, "finished", 0.75))
    return store


@pytest.fixture
def planned(sweep: Path) -> Plan:
    return plan(str(sweep))


@pytest.fixture
def outcomes(planned: Plan, store: Store) -> pd.DataFrame:
    return join(planned.trials, store)


def named(counts: dict[str, int]) -> str:
    """The only fate in a cell."""
    [(fate, number)] = counts.items()
    assert number == 1
    return fate


def test_every_artefact_names_the_same_fate(
    sweep: Path, planned: Plan, store: Store, outcomes: pd.DataFrame
) -> None:
    numbers = list(NUMBERS)

    [table] = sweep_tables(planned, outcomes)
    cells = {n: table.cell("noop", f"number = {n}") for n in numbers}
    assert {n: named(cell.counts) for n, cell in cells.items()} == NUMBERS

    spec = TableSpec(
        id="table-5.5",
        title="t",
        source="s",
        sweeps=["mine"],
        columns=[ColumnSpec(label="F1", metric="f1")],
        blocks=[
            BlockSpec(
                section="D-DTD random",
                rows=[RowSpec(label=str(n), where={"task.number": n}) for n in numbers],
            )
        ],
    )
    [paper] = PaperTable(spec, "laptop", (planned,)).fill(outcomes)
    assert {n: named(paper.cell(str(n), "F1").counts) for n in numbers} == NUMBERS

    board = leaderboard(store, SweepOutcomes(store), [str(sweep)])
    found = {
        next(n for n in numbers if f"number = {n}" in column.label): named(entry.runs.counts)
        for column in board.columns
        for (_, key), entry in board.entries.items()
        if key == column.key
    }
    assert found == NUMBERS

    chosen = {n: select(outcomes, {"task.number": n}, "f1") for n in numbers}
    assert {n: one.trials["fate"].item() for n, one in chosen.items()} == NUMBERS

    facts = describe_plan(planned, outcomes, store)
    assert facts["statuses"] == dict.fromkeys(FATES, 1)
    assert facts["skip_reasons"] == {"this trial is skipped on purpose": 1}

    [page] = [page for page in assemble(store, sweeps=[str(sweep)]).sweeps if page.name == "mine"]
    assert page.statuses == dict.fromkeys(FATES, 1)
    assert page.reasons == facts["skip_reasons"]
    listed = dict(zip(page.listing.trial_ids, page.listing.statuses, strict=True))
    numbered = {one.trial_id: one.trial.task.number for one in planned.trials}
    assert {numbered[name]: fate for name, fate in listed.items()} == {
        n: fate for n, fate in NUMBERS.items() if fate not in ("skipped", "stale", "missing")
    }

    view = SurfaceView(x="task.number", y="task.score", value="f1")
    assert surface_runs(planned, view, outcomes)["task.number"].tolist() == [1]


def test_and_in_the_same_words(planned: Plan, store: Store, outcomes: pd.DataFrame) -> None:
    [table] = sweep_tables(planned, outcomes)
    status = "\n".join(plan_lines(describe_plan(planned, outcomes, store)))
    for number, fate in NUMBERS.items():
        words = WORDS.get(fate, fate)
        assert f"1 {words}" in status
        text = table.text("noop", f"number = {number}")
        told = obstacle(select(outcomes, {"task.number": number}, "f1"), least=1)
        if fate == "finished":
            assert (text, told) == ("0.250 (n=1)", None)
        elif fate == "skipped":
            assert text == told == "skipped: this trial is skipped on purpose"
        elif fate == "missing":
            assert text == told == words
        else:
            assert text == f"1 {words}"
            assert told == f"of 1 trials 1 {words}"


def test_outcomes_say_what_intervals_and_convergence_need(
    planned: Plan, store: Store, noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = join(planned.trials, store)
    assert set(plain["resampled"]) == {0.0}
    assert set(plain["sparse"]) == {False}
    monkeypatch.setattr(noop.Noop, "resampled", 0.2)
    monkeypatch.setattr(noop.NoopLoss, "sparse", True, raising=False)
    found = join(planned.trials, store)
    assert set(found["resampled"]) == {0.2}
    assert set(found["sparse"]) == {True}
    [table] = sweep_tables(planned, found)
    assert {cell.resampled for cell in table.cells.values()} == {0.2}


def test_without_a_store_nothing_has_run(planned: Plan) -> None:
    outcomes = join(planned.trials, None)
    assert outcomes["trial_id"].tolist() == planned.ids
    assert set(outcomes["fate"]) == {"missing", "skipped"}
    assert not outcomes["stored"].any()


def test_what_is_stored_counts_before_the_plan(planned: Plan, store: Store) -> None:
    """A trial that a task skips today, but that finished once under the same id, has finished."""
    [skipped] = [one for one in planned.trials if one.skip_reason]
    store.append(ended(skipped, "finished", 0.5))
    outcomes = join(planned.trials, store).set_index("trial_id")
    assert outcomes.loc[skipped.trial_id, "fate"] == "finished"
    assert outcomes.loc[skipped.trial_id, "metric.f1"] == 0.5


def test_a_plan_without_trials_has_no_outcomes(store: Store) -> None:
    outcomes = join([], store)
    assert len(outcomes) == 0
    assert {"trial_id", "fate", "reason", "valued"} <= set(outcomes)


def test_outcomes_of_sweeps_have_shared_trials_once(
    sweep: Path, planned: Plan, store: Store, write_sweep: Callable[..., Path]
) -> None:
    other = write_sweep("other", task={"name": "noop", "number": {"grid": [1, 2, 99]}})
    both = SweepOutcomes(store).combined([str(sweep), str(other)])
    assert len(both) == len(planned.trials) + 1
    assert not both["trial_id"].duplicated().any()
    assert np.isnan(both.set_index("task.number").loc[99, "metric.f1"])
