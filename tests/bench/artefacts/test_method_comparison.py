"""Two methods of a store, compared in columns, classes and over all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy import stats

from bench.artefacts.method_comparison import compare
from bench.artefacts.outcomes import SweepOutcomes
from bench.execution.trial_record import record
from bench.planning.plan import plan
from bench.plugin import Metric, UsageError, register_task
from results.leaderboard.pair_formats import ShownPair, labelled
from results.store.trial_store import Store

Write = Callable[..., Path]
SOFT, HARD = "noop:softness=0.1", "noop (softness=0.05)"


@pytest.fixture(autouse=True)
def hits(noop: ModuleType) -> type:
    """A task with an F1 for each of two classes, and an error that is no share."""

    @register_task("hits", heads={"events"})
    class Hits(noop.Noop):
        metrics: ClassVar[tuple[Metric, ...]] = (
            Metric("f1", "max", 0.0, 1.0),
            Metric("f1_kick", "max", 0.0, 1.0),
            Metric("f1_snare", "max", 0.0, 1.0),
            Metric("f1_time", "min", 0.0, None, "s"),
            Metric("error", "min", 0.0, None, "px"),
            Metric("recall", "max", 0.0, 1.0),
        )
        ranked: ClassVar[tuple[str, ...]] = ("f1", "error")

    return Hits


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def value(name: str, softness: float, replicate: int) -> float:
    """Numbers without a system, the same at every call."""
    seed = [len(name), round(100 * softness), replicate]
    return float(np.random.default_rng(seed).normal(0.8 + softness, 0.02))


@pytest.fixture
def path(store: Store, write_sweep: Write) -> Path:
    losses = [{"name": "noop", "softness": softness} for softness in (0.1, 0.05)]
    losses.append({"name": "noop", "softness": 0.2})
    made = write_sweep(
        task=[{"name": "hits", "noise": {"grid": [0.0, 0.05]}}, {"name": "noop"}],
        loss=losses,
        replicates=4,
    )
    for planned in plan(str(made)).trials:
        trial = planned.trial
        if trial.loss.softness < 0.2:
            names = [metric.name for metric in trial.task.metrics]
            metrics = {name: value(name, trial.loss.softness, trial.replicate) for name in names}
            outcome = SimpleNamespace(metrics=metrics, details={}, curve=[], seconds={}, device="")
            store.append(record(trial, "mine", "finished", None, outcome=outcome))
    return made


def compared(store: Store, path: Path, *names: str, **options: Any) -> ShownPair:
    return compare(store, SweepOutcomes(store), *names, sweeps=[str(path)], **options)


def test_columns_classes_and_all_columns_are_rows(store: Store, path: Path) -> None:
    shown = compared(store, path, SOFT, HARD, task="hits")
    rows = dict(labelled(shown.pair))
    settings = ["hits, σ = 0 ms", "hits, σ = 50 ms"]
    metrics = ["F1 ↑", "f1_kick ↑", "f1_snare ↑", "error [px] ↓"]
    assert list(rows) == [f"{s}, {m}" for s in settings for m in metrics] + [
        f"all 2 columns, {m}" for m in metrics
    ]
    kick = rows["hits, σ = 0 ms, f1_kick ↑"].posterior
    x = np.array([value("f1_kick", 0.1, r) - value("f1_kick", 0.05, r) for r in range(4)])
    expected = stats.t.sf(0.01, 3, x.mean(), stats.sem(x))
    assert kick.better == pytest.approx(expected)
    assert rows["hits, σ = 0 ms, error [px] ↓"].posterior.rope == 0.0
    assert (shown.first, shown.second) == ("noop (softness=0.1)", "noop (softness=0.05)")


def test_regions_are_given_for_all_metrics_or_for_one(store: Store, path: Path) -> None:
    shown = compared(store, path, SOFT, HARD, task="hits", ropes={"": 0.02, "f1": 0.03})
    found = {one.metric: one.posterior.rope for one in shown.pair.columns}
    assert found == {"F1": 0.03, "f1_kick": 0.02, "f1_snare": 0.02, "error": 0.02}
    assert any("±0.02 px (error)" in note for note in shown.notes)


def test_tasks_of_one_metric_are_pooled(store: Store, path: Path) -> None:
    shown = compared(store, path, SOFT, HARD)
    f1 = next(one for one in shown.pair.overall if one.metric == "F1")
    assert [column.task for column in f1.columns] == ["hits", "hits", "noop"]


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        ((SOFT, SOFT), {}, "are the same row"),
        ((SOFT, "noop"), {}, "'noop' has several rows"),
        ((SOFT, HARD), {"task": "hit"}, "no task 'hit' on the leaderboard; did you mean 'hits'"),
        ((SOFT, HARD), {"ropes": {"f1_kik": 0.1}}, "--rope: unknown metric 'f1_kik'; did you"),
        ((SOFT, HARD), {"ropes": {"f1": -0.1}}, r"is 0 or wider, got -0\.1"),
        ((SOFT, "noop:softness=0.2"), {"task": "noop"}, "no replicate in common on 'noop'"),
    ],
)
def test_what_cannot_be_compared(
    store: Store, path: Path, names: tuple[str, str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        compared(store, path, *names, **options)


def test_the_command(call: Callable[..., Any], store: Store, path: Path) -> None:
    common = ["--sweep", path, "--store", store.url, "--no-reference"]
    answer = call("compare", SOFT, HARD, *common, "--on", "hits", "--rope", "error=2")
    assert answer.code == 0
    assert "| hits, σ = 50 ms, f1\\_snare ↑ |" in answer.out
    found = json.loads(call("compare", SOFT, HARD, *common, "--format", "json").out)
    assert {row["rope"] for row in found["rows"]} == {0.0, 0.01}
    wrong = call("compare", SOFT, HARD, *common, "--rope", "wide")
    assert (wrong.code, wrong.errors) == (
        2,
        ["error: --rope takes NUMBER or METRIC=NUMBER, got 'wide'"],
    )


def test_resampled_data_widen_the_interval_and_are_noted(
    store: Store, path: Path, hits: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = compared(store, path, SOFT, HARD, task="hits")
    monkeypatch.setattr(hits, "resampled", 0.2)
    splits = compared(store, path, SOFT, HARD, task="hits")
    one, other = (shown.pair.columns[0].posterior.difference for shown in (fresh, splits))
    assert (other.high - other.low) / (one.high - one.low) == pytest.approx(np.sqrt(1 + 4 / 4))
    assert not any("Nadeau" in note for note in fresh.notes)
    assert any("one data set: hits (20% tested)" in note for note in splits.notes)
