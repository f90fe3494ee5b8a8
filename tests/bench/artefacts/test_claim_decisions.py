"""`bench decide` without Ray: what it trains, where it stops, and that it goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import bench
from bench.execution import told_job
from bench.execution.run_settings import RunSettings
from bench.execution.trial_record import record
from bench.planning.plan import Plan, plan
from bench.plugin import UsageError
from results.store.trial_store import Store

GAIN = {1: 0.03, 2: 0.008, 3: 0.0}
"""By how much the first loss is better, by the task's number."""
SD = 0.0068
"""Of one trial, so that of a difference it is 0.0096."""


def value(trial: Any) -> float:
    digest = hashlib.sha256(trial.trial_id.encode()).digest()
    noise = np.random.default_rng(list(digest)).normal(0, SD)
    better = trial.loss.softness == 0.2
    return 0.5 + noise + (GAIN[trial.task.number] if better else 0.0)


class Trainer:
    """In place of Ray: stores a value of each trial that is missing, until it is interrupted."""

    def __init__(self) -> None:
        self.trained: list[Any] = []
        self.left: int | None = None
        self.fails: str | None = None

    def __call__(self, planned: Plan, store: str, settings: RunSettings, say: Any) -> Any:
        opened, failed = Store.open(store), 0
        known = opened.statuses()
        for one in planned.trials:
            if known.get(one.trial_id) == "finished":
                continue
            if self.left == 0:
                raise KeyboardInterrupt
            self.left = None if self.left is None else self.left - 1
            seconds = {"train": 8.0, "evaluate": 1.0}
            outcome = SimpleNamespace(
                metrics={"f1": value(one.trial), "validation.f1": 0.5},
                details={},
                curve=[],
                seconds=seconds,
                device="",
            )
            status = "failed" if self.fails == one.trial_id else "finished"
            reason = "a reason" if status == "failed" else None
            if status == "failed":
                opened.append(record(one.trial, "mine", status, reason))
            else:
                opened.append(record(one.trial, "mine", status, reason, outcome=outcome))
            failed += status == "failed"
            self.trained.append(one.trial)
        return SimpleNamespace(failed=failed)


@pytest.fixture
def trainer(noop: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    made = Trainer()
    monkeypatch.setattr(told_job, "run_plan", made)
    return made


@pytest.fixture
def claims(write_sweep: Callable[..., Path], tmp_path: Path) -> str:
    """A file of claims 101a (large gain), 101b (small) and 101c (none) on one sweep."""
    sweep = write_sweep(
        task={"name": "noop", "number": {"grid": [1, 2, 3]}},
        loss=[{"name": "noop", "softness": 0.2}, {"name": "noop", "softness": 0.1}],
        replicates=3,
    )
    declared = [
        {
            "id": f"101{letter}",
            "title": f"gain {number}",
            "source": "nowhere",
            "task": "noop",
            "sweep": str(sweep),
            "parts": [
                {
                    "kind": "greater",
                    "metric": "f1",
                    "where": {"task.number": number},
                    "of": {"loss.softness": 0.2},
                    "than": {"loss.softness": 0.1},
                    "origin": "made up",
                }
            ],
        }
        for letter, number in zip("abc", GAIN, strict=True)
    ]
    path = tmp_path / "claims.yaml"
    path.write_text(json.dumps({"entries": [{"number": 101, "title": "t", "claims": declared}]}))
    return str(path)


def decide(claims: str, store: str, **options: Any) -> Any:
    return bench.decide([claims], store=store, reference=False, **options)


def test_only_cells_of_open_claims_get_replicates(
    trainer: Trainer, claims: str, tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    decided = decide(claims, store)
    large, small, none = decided.decisions
    assert large.verdict.verdict == large.stopped == "supported"
    assert large.verdict.replicates < 20
    assert small.verdict.replicates > large.verdict.replicates
    assert none.verdict.verdict == "undecided"
    for number, one in zip(GAIN, decided.decisions, strict=True):
        replicates = {t.replicate for t in trainer.trained if t.task.number == number}
        assert replicates == set(range(one.verdict.replicates))
        assert one.added == 2 * one.verdict.replicates
        assert one.hours == pytest.approx(one.added * 9 / 3600)
    assert decided.failed == 0


def test_it_goes_on_after_any_interruption(trainer: Trainer, claims: str, tmp_path: Path) -> None:
    whole = decide(claims, str(tmp_path / "whole"))
    trained = len(trainer.trained)
    trainer.trained.clear()
    store = str(tmp_path / "pieces")
    for _ in range(200):
        trainer.left = 40
        try:
            pieces = decide(claims, store)
            break
        except KeyboardInterrupt:
            continue
    assert len(trainer.trained) == trained, "nothing is trained twice"
    verdicts = [[one.verdict for one in decided.decisions] for decided in (whole, pieces)]
    assert verdicts[0] == verdicts[1]
    trainer.trained.clear()
    again = decide(claims, store)
    assert not trainer.trained
    assert [one.verdict for one in again.decisions] == verdicts[0]
    assert [one.added for one in again.decisions] == [0, 0, 0]


def test_claims_judge_by_looks_once_replicates_were_added(
    trainer: Trainer, claims: str, tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    sweep = str(tmp_path / "mine.yaml")
    trainer(plan(sweep), store, RunSettings(), None)
    planned = [found for _, found in bench.claims([claims], store=store, reference=False)]
    assert [found.level for found in planned] == [0.95] * 3
    assert [found.replicates for found in planned] == [3] * 3
    decided = decide(claims, store).decisions
    added = [found for _, found in bench.claims([claims], store=store, reference=False)]
    for one, found in zip(decided, added, strict=True):
        if one.verdict.replicates > 3:
            assert found.verdict == one.verdict.verdict
            assert (found.low, found.high) == (one.verdict.low, one.verdict.high)
            assert found.level > 0.97
            assert "the level is spent over looks up to" in found.detail
    fixed = [
        found for _, found in bench.claims([claims], store=store, reference=False, replicates=3)
    ]
    assert [(f.low, f.high) for f in fixed] == [(f.low, f.high) for f in planned]


def test_it_stops_at_the_most_replicates(trainer: Trainer, claims: str, tmp_path: Path) -> None:
    decided = decide(claims, str(tmp_path / "store"), most=5)
    assert max(trial.replicate for trial in trainer.trained) == 4
    assert all(one.stopped for one in decided.decisions)
    assert "with 5 replicates" in decided.decisions[2].stopped
    for most in (2, 21):
        with pytest.raises(UsageError, match=f"--most is between 3 and 20, got {most}"):
            decide(claims, str(tmp_path / "store"), most=most)


def test_a_plan_says_what_it_waits_for(trainer: Trainer, claims: str, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    Store.open(store)
    said: list[str] = []
    decided = decide(claims, store, only_plan=True, say=said.append)
    assert not trainer.trained
    assert said == [
        *(f"101{letter}: look at 3 replicates, 6 trials to run" for letter in "abc"),
        "mine (laptop): 18 trials",
    ]
    assert [one.stopped for one in decided.decisions] == ["", "", ""]


def test_a_failed_trial_ends_its_claim_until_it_is_run_again(
    trainer: Trainer, claims: str, tmp_path: Path, call: Callable[..., Any]
) -> None:
    store = str(tmp_path / "store")
    trainer.fails = plan(str(tmp_path / "mine.yaml")).ids[0]
    answer = call("decide", claims, "--store", store, "--no-reference")
    assert answer.code == 1
    rows = {line.split()[0]: line for line in answer.out.splitlines()}
    assert rows["101a"].endswith("of 6 trials 1 failed")
    assert "supported" in rows["101b"] or "undecided" in rows["101b"]
    trainer.fails = None
    answer = call("decide", claims, "--failed", "--json", "--store", store, "--no-reference")
    assert answer.code == 0
    first = json.loads(answer.out)[0]
    assert (first["id"], first["verdict"], first["stopped"]) == ("101a", "supported", "supported")
    assert first["added_trials"] > 0


def test_what_has_no_replicates_says_why(
    trainer: Trainer, call: Callable[..., Any], claims: str, tmp_path: Path
) -> None:
    store, missing = str(tmp_path / "store"), tmp_path / "missing.yaml"
    missing.write_text(Path(claims).read_text().replace('"task": "noop"', '"task": "nowhere"'))
    answer = call("decide", "1a", "8a", str(missing), "--store", store, "--no-reference")
    assert answer.code == 0
    rows = {line.split()[0]: line for line in answer.out.splitlines()}
    assert "a theorem, which no trial decides" in rows["1a"]
    assert "sweep 'softness-noise' draws its trials at random" in rows["8a"]
    assert "task 'nowhere' is not part of this pointbench" in rows["101a"]
    assert not trainer.trained
