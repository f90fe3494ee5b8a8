"""Methods of the leaderboard: losses by name, several metrics, heads that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pandas as pd
import pytest

from bench.artefacts.leaderboard_assembly import leaderboard
from bench.artefacts.leaderboard_columns import planned_settings
from bench.artefacts.leaderboard_labels import label_methods
from bench.artefacts.leaderboard_methods import fixed_methods
from bench.artefacts.leaderboard_runs import Endings, MethodRuns
from bench.artefacts.leaderboard_yours import Yours, your_trials
from bench.artefacts.outcomes import SweepOutcomes, join
from bench.execution.trial_record import record
from bench.planning.plan import Plan, plan
from bench.planning.trial import PlannedTrial
from bench.plugin import Metric, UsageError, register_task
from results.leaderboard.board_formats import to_markdown
from results.store.trial_store import Store

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def two_metrics(noop: ModuleType) -> type:
    """A task that ranks two metrics, one of them an error that may be undefined."""

    @register_task("pair", heads={"events"})
    class Pair(noop.Noop):
        metrics: ClassVar[tuple[Metric, ...]] = (
            Metric("f1", "max"),
            Metric("count", None),
            Metric("error", "min", unit="ms", digits=1, optional=True),
            Metric("undecided", None, 0.0, 1.0, optional=True),
        )
        ranked: ClassVar[tuple[str, ...]] = ("f1", "error")

    @register_task("dots", heads={"points"})
    class Dots(noop.Noop):
        """Takes another head than `Noop`."""

    return Pair


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def append(store: Store, planned: PlannedTrial, **metrics: float | None) -> None:
    outcome = SimpleNamespace(metrics=metrics, details={}, curve=[], seconds={}, device="")
    store.append(record(planned.trial, "mine", "finished", None, outcome=outcome))


def named(planned: Plan, name: Callable[[PlannedTrial], str | None]) -> Plan:
    return replace(planned, trials=tuple(replace(p, method=name(p)) for p in planned.trials))


def methods_of(store: Store, *plans: Plan, yours: bool = False) -> list[MethodRuns]:
    outcomes = join([p for one in plans for p in one.trials], store)
    settings = planned_settings(plans)
    own = your_trials(settings, set(outcomes["trial_id"]), store) if yours else None
    nobody = Yours(outcomes.iloc[:0], [], [])
    rows = outcomes if own is None else pd.concat([outcomes, own.outcomes])
    return fixed_methods(plans, own or nobody, settings, Endings(rows))


def test_every_ranked_metric_has_a_column(store: Store, write_sweep: Write) -> None:
    losses = [{"name": "noop", "softness": value} for value in (0.1, 0.05)]
    path = write_sweep(task={"name": "pair"}, loss=losses, replicates=3)
    for one in plan(str(path)).trials:
        soft = one.trial.loss.softness
        spread = 0.01 * one.trial.replicate
        undefined = soft == 0.05 and one.trial.replicate == 2
        append(
            store,
            one,
            f1=soft + spread,
            count=7,
            error=None if undefined else 100 * soft + 1 + spread,
        )
    board = leaderboard(store, SweepOutcomes(store), [str(path)])
    assert [(c.metric, c.direction, c.unit, c.digits) for c in board.columns] == [
        ("F1", "max", "", 3),
        ("error", "min", "ms", 1),
    ]
    soft, hard = (f"noop (softness={value})" for value in (0.1, 0.05))
    keys = {method.label: method.key for method in board.methods}
    f1, error = board.columns
    assert board.entries[keys[soft], f1.key].best
    assert board.entries[keys[soft], error.key].best, "the other lacks a replicate"
    assert board.entries[keys[hard], error.key].runs.counts == {"finished": 2, "undefined": 1}
    assert board.incomplete == {keys[hard]}
    text = to_markdown(board)
    assert "| pair, F1 ↑ | pair, error \\[ms\\] ↓ |" in text
    assert "11.0 ±0.0, best" in text


def test_a_named_method_has_settings_of_its_own_for_each_task(
    store: Store, write_sweep: Write
) -> None:
    first = plan(str(write_sweep("a", loss={"name": "noop", "softness": 0.1}, replicates=2)))
    second = plan(
        str(write_sweep("b", task={"name": "pair"}, loss={"name": "noop", "softness": 0.2}))
    )
    plans = [named(one, lambda _: "SoftLoc") for one in (first, second)]
    for one in [*first.trials, *second.trials]:
        append(store, one, f1=0.5, error=1.0)
    [method] = methods_of(store, *plans)
    assert (method.name, method.loss) == ("SoftLoc", "noop")
    assert method.options == {"nan_from": 2.0}, "what both have in common"
    assert sorted(len(runs.values) for runs in method.runs.values()) == [1, 1, 2]
    [labelled] = label_methods([method])
    assert labelled.label == "SoftLoc"


def test_more_replicates_count_for_the_named_method(store: Store, write_sweep: Write) -> None:
    few = write_sweep("few", replicates=2)
    planned = named(plan(str(few)), lambda _: "SoftLoc")
    for one in plan(str(few), replicates=4).trials:
        append(store, one, f1=0.5)
    [method] = methods_of(store, planned, yours=True)
    [runs] = method.runs.values()
    assert sorted(runs.values) == [0, 1, 2, 3]


def test_a_name_for_two_losses_of_one_setting_is_an_error(store: Store, write_sweep: Write) -> None:
    losses = [{"name": "noop", "softness": value} for value in (0.1, 0.05)]
    planned = plan(str(write_sweep(loss=losses)))
    with pytest.raises(UsageError, match="'as: SoftLoc' stands for several losses or options on"):
        methods_of(store, named(planned, lambda _: "SoftLoc"))
    names = {0.1: "SoftLoc", 0.05: None}
    found = methods_of(store, named(planned, lambda one: names[one.trial.loss.softness]))
    assert [method.name for method in found] == ["SoftLoc", None]


def test_a_loss_of_another_head_is_inapplicable_and_not_incomplete(
    store: Store, write_sweep: Write
) -> None:
    events = write_sweep("a", replicates=2)
    points = write_sweep("b", task={"name": "dots"}, loss={"name": "noop_points"}, replicates=2)
    for path in (events, points):
        for one in plan(str(path)).trials:
            append(store, one, f1=0.5 + 0.1 * one.trial.replicate)
    board = leaderboard(store, SweepOutcomes(store), [str(events), str(points)])
    assert board.incomplete == frozenset()
    reasons = {entry.runs.reason for entry in board.entries.values()} - {None}
    assert reasons == {
        "noop takes events, dots offers points",
        "noop_points takes points, noop offers events",
    }
    assert [board.ranks[method.key].n for method in board.methods] == [1, 1]
    assert any("where its task cannot use it" in note for note in board.notes)


def test_a_loss_that_the_task_skips_is_not_incomplete(store: Store, write_sweep: Write) -> None:
    tasks: list[dict[str, Any]] = [{"name": "noop"}, {"name": "noop", "behaviour": "skip"}]
    path = write_sweep(task=tasks, replicates=2)
    for one in plan(str(path)).trials:
        if one.skip_reason is None:
            append(store, one, f1=0.5)
    board = leaderboard(store, SweepOutcomes(store), [str(path)])
    assert board.incomplete == frozenset()
    assert "skipped: this trial is skipped on purpose" in to_markdown(board)


@pytest.mark.parametrize("own", [False, True])
def test_losses_that_need_sparse_outputs_are_marked_until_they_have_them(
    store: Store,
    write_sweep: Write,
    noop: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
) -> None:
    """In every planned loss and in one's own, which is at a setting of the board."""
    monkeypatch.setattr(noop.NoopLoss, "sparse", True, raising=False)
    losses = [{"name": "noop", "softness": value} for value in (0.1, 0.05)]
    path = write_sweep(task={"name": "pair"}, loss=losses, replicates=2)
    beside = write_sweep("own", task={"name": "pair"}, loss={"name": "noop", "softness": 0.2})
    planned = [*plan(str(path)).trials, *(plan(str(beside)).trials if own else ())]
    for one in planned:
        soft, spread = one.trial.loss.softness, 0.01 * one.trial.replicate
        append(store, one, f1=soft + spread, error=1.0 + spread, undecided=0.4 + soft + spread)
    board = leaderboard(store, SweepOutcomes(store), [str(path)])
    labels = {method.key: method.label for method in board.methods}
    marked = {labels[key] for (key, _), entry in board.entries.items() if entry.unconverged}
    expected = {"noop (softness=0.1)"} | ({"noop (softness=0.2)"} if own else set())
    assert marked == expected
    assert any("not converged" in note for note in board.notes)
    monkeypatch.setattr(noop.NoopLoss, "sparse", False)
    board = leaderboard(store, SweepOutcomes(store), [str(path)])
    assert not any(entry.unconverged for entry in board.entries.values())
    assert not any("not converged" in note for note in board.notes)
