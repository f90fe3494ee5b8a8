"""Tuning: rounds as a pure function of earlier results, failures, budgets, finals."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import pytest

from bench.planning.optuna_proposals import Observation, propose
from bench.planning.plan import Plan, PlannedTrial, plan
from bench.planning.tuning import SEARCH_REPLICATE
from bench.plugin import Choice, IntUniform, LogUniform, Uniform

pytestmark = pytest.mark.usefixtures("noop")

TUNED = {"search": "optuna", "trials": 8, "initial": 4, "batch": 2, "finalists": 2, "replicates": 3}
SOFT = {"name": "noop", "softness": {"uniform": [0.0, 0.2]}}


def peak(planned: PlannedTrial) -> float | None:
    return 1 - abs(planned.trial.loss.softness - 0.07)


class Trained:
    """Results of whatever was planned, from a function of the trial."""

    def __init__(self, objective: Callable[[PlannedTrial], float | None]) -> None:
        self.known: dict[str, float | None] = {}
        self.asked: set[str] = set()
        self._objective = objective

    def values(self, metric: str) -> dict[str, float | None]:
        self.asked.add(metric)
        return self.known

    def train(self, trials: Any) -> None:
        for planned in trials:
            self.known[planned.trial_id] = self._objective(planned)

    def stages(self, file: Path, **options: Any) -> Iterator[Plan]:
        """Plans of a sweep as its rounds end, the complete one last."""
        planned = plan(str(file), results=self, **options)
        yield planned
        while planned.open:
            assert any(trial_id not in self.known for trial_id in planned.ids), "a plan that stalls"
            self.train(planned.trials)
            planned = planned.after(self)
            yield planned


def complete(
    file: Path, objective: Callable[[PlannedTrial], float | None] = peak, **options: Any
) -> Plan:
    return list(Trained(objective).stages(file, **options))[-1]


def softness(trials: Any) -> list[float]:
    return [planned.trial.loss.softness for planned in trials]


def test_rounds_grow_and_never_change(write_sweep: Callable) -> None:
    stages = list(Trained(peak).stages(write_sweep(loss=SOFT, **TUNED)))
    assert [len(stage.trials) for stage in stages] == [4, 6, 8, 14]
    assert [stage.unplanned for stage in stages] == [10, 8, 6, 0]
    assert [stage.rounds for stage in stages] == [1, 2, 3, 4]
    for before, after in itertools.pairwise(stages):
        assert after.ids[: len(before.ids)] == before.ids
    assert len(set(stages[-1].ids)) == 14


def test_the_first_round_is_drawn_like_any_random_sweep(write_sweep: Callable) -> None:
    drawn = plan(str(write_sweep(loss=SOFT, trials=4)))
    tuned = plan(str(write_sweep(loss=SOFT, **TUNED)))
    assert softness(tuned.trials) == softness(drawn.trials)


def test_search_and_finals_have_no_replicate_in_common(write_sweep: Callable) -> None:
    planned = complete(write_sweep(loss=SOFT, **TUNED))
    [study] = planned.studies
    assert {p.trial.replicate for p in study.searched} == {SEARCH_REPLICATE}
    assert len(study.searched) == len(study.values) == 8
    best = sorted(study.searched, key=peak, reverse=True)[:2]
    assert [softness(trials) for trials in study.finals.values()] == [
        [value] * 3 for value in softness(best)
    ]
    for trials in study.finals.values():
        assert [p.trial.replicate for p in trials] == [0, 1, 2]
    assert planned.trials == (*study.searched, *(p for t in study.finals.values() for p in t))


def test_proposals_depend_on_results_alone(write_sweep: Callable) -> None:
    file = write_sweep(loss=SOFT, **TUNED)
    trained = Trained(peak)
    expected = list(trained.stages(file))[-1].ids
    shuffled = list(trained.known.items())
    random.Random(3).shuffle(shuffled)
    trained.known = dict(shuffled)
    trained.known["of another sweep"] = 2.0
    assert plan(str(file), results=trained).ids == expected
    worse = {p.trial_id: 0.5 for p in plan(str(file)).trials}
    trained.known |= worse
    assert plan(str(file), results=trained).ids[4:] != expected[4:]


def test_a_fresh_process_proposes_the_same(write_sweep: Callable, noop: ModuleType) -> None:
    file = write_sweep(loss=SOFT, **TUNED)
    code = (
        "import sys\nfrom bench.plugin import load_file\nfrom bench.planning.plan import plan\n"
        f"load_file({noop.__file__!r})\nplanned = plan(sys.argv[1])\nknown = {{}}\n"
        "class Results:\n    def values(self, metric): return known\n"
        "while planned.open:\n"
        "    for p in planned.trials:\n"
        "        known[p.trial_id] = 1 - abs(p.trial.loss.softness - 0.07)\n"
        "    planned = planned.after(Results())\n"
        "print(*planned.ids)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        env={**os.environ, "PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == complete(file).ids
    assert done.stderr == ""


def test_a_larger_budget_goes_on_from_a_smaller_one(write_sweep: Callable) -> None:
    file = write_sweep(loss=SOFT, **TUNED)
    [seven], [twelve] = (complete(file, trials=n).studies for n in (7, 12))
    assert len(twelve.searched) == 12
    assert [p.trial_id for p in twelve.searched[:7]] == [p.trial_id for p in seven.searched]


def test_only_the_validation_metric_is_asked_for(write_sweep: Callable) -> None:
    trained = Trained(peak)
    planned = list(trained.stages(write_sweep(loss=SOFT, **TUNED)))[-1]
    assert trained.asked == {"validation.f1"}
    assert planned.studies[0].objective == "validation.f1"


def test_trials_without_a_value_are_the_worst_and_stall_nothing(write_sweep: Callable) -> None:
    file = write_sweep(loss=SOFT, **TUNED)
    planned = complete(file, lambda p: peak(p) if p.trial.loss.softness > 0.1 else None)
    [study] = planned.studies
    assert len(study.searched) == 8
    assert min(map(min, map(softness, study.finals.values()))) > 0.1
    nothing = complete(file, lambda p: None)
    assert len(nothing.studies[0].searched) == 8
    assert nothing.studies[0].finals == {}


def test_the_search_finds_what_random_draws_do_not(write_sweep: Callable) -> None:
    """Distance to the optimum of the last ten of thirty, over ten sweeps."""
    loss = SOFT | {"nan_from": {"uniform": [0.0, 1.0]}}

    def bowl(planned: PlannedTrial) -> float:
        loss = planned.trial.loss
        return -(((loss.softness - 0.05) / 0.2) ** 2) - (loss.nan_from - 0.7) ** 2

    def distance(trials: Any) -> float:
        return median(-bowl(planned) for planned in trials)

    budget = TUNED | {"trials": 30, "initial": 10}
    drawn, found = [], []
    for number in range(10):
        file = write_sweep(f"sweep-{number}", loss=loss, **budget)
        [study] = complete(file, bowl).studies
        found.append(distance(study.searched[20:]))
        drawn.append(distance(study.searched[:10]))
    assert median(found) < median(drawn) / 4


def test_smaller_is_better_where_the_metric_says_so(
    write_sweep: Callable, noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.plugin import Metric

    monkeypatch.setattr(noop.Noop, "metrics", (Metric("mae", "min", 0.0, None),))
    planned = complete(write_sweep(loss=SOFT, **TUNED), lambda p: 1 - (peak(p) or 0))
    [study] = planned.studies
    assert study.direction == "min"
    [best, _] = study.finals.values()
    assert softness(best)[0] == max(study.searched, key=peak).trial.loss.softness


def test_a_setting_proposed_again_gets_another_replicate(write_sweep: Callable) -> None:
    loss = {"name": "noop", "softness": {"choice": [0.1, "50 ms", 0.07]}}
    planned = complete(write_sweep(loss=loss, **TUNED))
    [study] = planned.studies
    assert len({p.trial_id for p in study.searched}) == len(study.searched) == 8
    replicates: dict[float, list[int]] = {}
    for p in study.searched:
        replicates.setdefault(p.trial.loss.softness, []).append(p.trial.replicate)
    for found in replicates.values():
        assert found == list(range(SEARCH_REPLICATE, SEARCH_REPLICATE + len(found)))
    [best, *_] = study.finals
    assert best == '{"softness":0.07}'


def test_repeated_settings_count_by_their_mean(write_sweep: Callable) -> None:
    loss = {"name": "noop", "softness": {"choice": [0.1, 0.07]}}
    lucky = {(0.1, SEARCH_REPLICATE): 1.0}

    def value(p: PlannedTrial) -> float:
        return lucky.get((p.trial.loss.softness, p.trial.replicate), peak(p) or 0.0)

    [study] = complete(write_sweep(loss=loss, **TUNED | {"trials": 20}), value).studies
    assert list(study.finals) == ['{"softness":0.07}', '{"softness":0.1}'] or (
        sum(p.trial.loss.softness == 0.1 for p in study.searched) == 1
    )


def test_a_loss_without_domains_is_tuned_over_its_own_space(write_sweep: Callable) -> None:
    losses = [
        {"name": "noop"},
        {"name": "noop", "nan_from": 1.5},
        {"name": "noop", "softness": 0.1},
    ]
    planned = complete(write_sweep(loss=losses, **TUNED))
    own, given, fixed = planned.studies
    assert len(set(softness(own.searched))) == 8
    assert softness(own.searched[:4]) == softness(given.searched[:4])
    assert {p.trial.loss.nan_from for p in given.searched} == {1.5}
    assert given.given == {"nan_from": 1.5}
    assert fixed.searched == ()
    assert fixed.given == {"softness": 0.1}
    assert [len(trials) for trials in fixed.finals.values()] == [3]


def test_one_study_per_task_setting_and_loss(write_sweep: Callable) -> None:
    task = {"name": "noop", "noise": {"grid": [0.0, 0.1]}}
    losses = [SOFT, SOFT | {"nan_from": {"grid": [1.0, 2.0]}}]
    first = plan(str(write_sweep(task=task, loss=losses, **TUNED)))
    assert len(first.studies) == 2 * 3
    # Every study is at work from the start.
    assert len(first.trials) == 4 * 2 * 2
    planned = complete(write_sweep(task=task, loss=losses, **TUNED))
    assert [study.task.noise for study in planned.studies] == [0.0] * 3 + [0.1] * 3
    noises = [p.trial.task.noise for p in planned.trials[:16]]
    assert noises == [0.0] * 8 + [0.1] * 8


def test_studies_do_not_wait_for_each_other(write_sweep: Callable) -> None:
    task = {"name": "noop", "noise": {"grid": [0.0, 0.1]}}
    trained = Trained(peak)
    file = write_sweep(task=task, loss=SOFT, **TUNED)
    trained.train(p for p in plan(str(file)).trials if p.trial.task.noise == 0.0)
    fast, slow = plan(str(file), results=trained).studies
    assert (len(fast.searched), len(slow.searched)) == (6, 4)


def test_a_study_that_is_skipped_ends_with_its_first_round(write_sweep: Callable) -> None:
    tasks = [{"name": "noop", "behaviour": "skip"}, {"name": "noop"}]
    planned = complete(write_sweep(task=tasks, loss=SOFT, **TUNED), lambda p: peak(p))
    skipped = complete(
        write_sweep(task=tasks[0], loss=SOFT, **TUNED), lambda p: None if p.skip_reason else 1.0
    )
    assert not skipped.open
    assert len(skipped.trials) == 4
    assert skipped.studies[0].finals == {}
    assert len(planned.studies[1].searched) == 8


def test_proposals_lie_in_the_space_and_have_few_digits() -> None:
    space = (
        (("a",), Uniform(0.123456, 0.123999)),
        (("b",), LogUniform(1e-3, 10.0)),
        (("c",), IntUniform(2, 4)),
        (("d",), Choice({"schedule": "linear"}, "x")),
    )
    seen = tuple(
        Observation(
            (0.1235 + i / 1e5, 10.0 ** (i - 3), 2 + i % 3, i % 2), None if i == 2 else 0.1 * i
        )
        for i in range(4)
    )
    points = propose(space, seen, 20, "max", 5)
    assert points[:3] == propose(space, seen, 3, "max", 5)
    assert points != propose(space, seen, 20, "min", 5)
    assert points != propose(space, seen, 20, "max", 6)
    for a, b, c, d in points:
        assert 0.123456 <= a <= 0.123999
        assert a in (round(a, 8), 0.123456, 0.123999)
        assert 1e-3 <= b <= 10
        assert float(f"{b:.5g}") == b
        assert c in (2, 3, 4)
        assert d in (0, 1)
