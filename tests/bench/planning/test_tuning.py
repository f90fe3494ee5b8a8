"""Tuning: in every replicate a search, its rounds a pure function of its own results."""

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

from bench.planning.plan import Plan, PlannedTrial, plan
from bench.planning.tuning import Study

pytestmark = pytest.mark.usefixtures("noop")

TUNED = {"search": "optuna", "trials": 8, "initial": 4, "batch": 2, "replicates": 3}
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
    """The plan when all that it has has ended."""
    trained = Trained(objective)
    planned = list(trained.stages(file, **options))[-1]
    trained.train(planned.trials)
    return planned.after(trained)


def softness(trials: Any) -> list[float]:
    return [planned.trial.loss.softness for planned in trials]


def chosen(study: Study) -> list[PlannedTrial]:
    """The chosen trial of each replicate."""
    by_id = {planned.trial_id: planned for planned in study.trials}
    return [by_id[study.chosen(search) or ""] for search in study.searches]


def test_rounds_grow_and_never_change(write_sweep: Callable) -> None:
    stages = list(Trained(peak).stages(write_sweep(loss=SOFT, **TUNED)))
    assert [len(stage.trials) for stage in stages] == [12, 18, 24]
    assert [stage.unplanned for stage in stages] == [12, 6, 0]
    assert [stage.rounds for stage in stages] == [1, 2, 3]
    for before, after in itertools.pairwise(stages):
        assert after.ids[: len(before.ids)] == before.ids
    assert len(set(stages[-1].ids)) == 24


def test_in_a_replicate_losses_begin_at_the_same_settings(write_sweep: Callable) -> None:
    losses = [SOFT, SOFT | {"nan_from": 3.0}]
    one, other = plan(str(write_sweep(loss=losses, **TUNED))).studies
    begun = [softness(search.trials) for search in one.searches]
    assert begun == [softness(search.trials) for search in other.searches]
    assert len({value for values in begun for value in values}) == 3 * 4, "replicates draw anew"


def test_a_replicate_has_a_search_of_its_own_and_is_tested_where_it_was_searched(
    write_sweep: Callable,
) -> None:
    [study] = complete(write_sweep(loss=SOFT, **TUNED)).studies
    assert [search.replicate for search in study.searches] == [0, 1, 2]
    for search, best in zip(study.searches, chosen(study), strict=True):
        assert {planned.trial.replicate for planned in search.trials} == {search.replicate}
        assert len(search.trials) == len(search.values) == search.tried == 8
        assert search.ended
        assert best == max(search.trials, key=peak)
        assert search.candidates[best.trial_id] == {"softness": best.trial.loss.softness}


def test_a_search_learns_from_its_own_replicate_only(write_sweep: Callable) -> None:
    file = write_sweep(loss=SOFT, **TUNED)

    def upside_down(planned: PlannedTrial) -> float:
        return (peak(planned) or 0.0) * (-1 if planned.trial.replicate == 1 else 1)

    [plain], [turned] = complete(file).studies, complete(file, upside_down).studies
    for replicate, same in enumerate((True, False, True)):
        found = [study.searches[replicate].rounds for study in (plain, turned)]
        assert (found[0] == found[1]) is same
    one = Trained(peak)
    one.train(p for p in plan(str(file)).trials if p.trial.replicate == 0)
    [study] = plan(str(file), results=one).studies
    assert [len(search.trials) for search in study.searches] == [6, 4, 4], "none waits for another"


def test_more_replicates_leave_the_others_as_they_were(write_sweep: Callable) -> None:
    file = write_sweep(loss=SOFT, **TUNED)
    [three], [five] = complete(file).studies, complete(file, replicates=5).studies
    assert five.searches[:3] == three.searches
    assert len(five.searches) == 5


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
    assert plan(str(file), results=trained).ids[12:] != expected[12:]


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
    for short, long in zip(seven.searches, twelve.searches, strict=True):
        assert len(long.trials) == 12
        assert long.trials[:7] == short.trials


def test_only_the_validation_metric_is_asked_for(write_sweep: Callable) -> None:
    trained = Trained(peak)
    planned = list(trained.stages(write_sweep(loss=SOFT, **TUNED)))[-1]
    assert trained.asked == {"validation.f1"}
    assert planned.studies[0].objective == "validation.f1"


def test_trials_without_a_value_are_the_worst_and_stall_nothing(write_sweep: Callable) -> None:
    file = write_sweep(loss=SOFT, **TUNED)
    planned = complete(file, lambda p: peak(p) if p.trial.loss.softness > 0.1 else None)
    [study] = planned.studies
    assert [len(search.trials) for search in study.searches] == [8] * 3
    assert min(softness(chosen(study))) > 0.1
    [nothing] = complete(file, lambda p: None).studies
    assert [len(search.trials) for search in nothing.searches] == [8] * 3
    assert [nothing.chosen(search) for search in nothing.searches] == [None] * 3


def test_the_search_finds_what_random_draws_do_not(write_sweep: Callable) -> None:
    """Distance to the optimum of the last ten of thirty, over ten sweeps."""
    loss = SOFT | {"nan_from": {"uniform": [0.0, 1.0]}}

    def bowl(planned: PlannedTrial) -> float:
        loss = planned.trial.loss
        return -(((loss.softness - 0.05) / 0.2) ** 2) - (loss.nan_from - 0.7) ** 2

    def distance(trials: Any) -> float:
        return median(-bowl(planned) for planned in trials)

    budget = TUNED | {"trials": 30, "initial": 10, "replicates": 1}
    drawn, found = [], []
    for number in range(10):
        file = write_sweep(f"sweep-{number}", loss=loss, **budget)
        [study] = complete(file, bowl).studies
        found.append(distance(study.trials[20:]))
        drawn.append(distance(study.trials[:10]))
    assert median(found) < median(drawn) / 4


def test_smaller_is_better_where_the_metric_says_so(
    write_sweep: Callable, noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.plugin import Metric

    monkeypatch.setattr(noop.Noop, "metrics", (Metric("mae", "min", 0.0, None),))
    planned = complete(write_sweep(loss=SOFT, **TUNED), lambda p: 1 - (peak(p) or 0))
    [study] = planned.studies
    assert study.direction == "min"
    for search, best in zip(study.searches, chosen(study), strict=True):
        assert best == max(search.trials, key=peak)


def test_no_setting_is_tried_twice_in_a_replicate(write_sweep: Callable) -> None:
    """Three values, one of them written otherwise: a space that is soon exhausted."""
    loss = {"name": "noop", "softness": {"choice": [0.1, "50 ms", 0.05, 0.07]}}
    first = plan(str(write_sweep(loss=loss, **TUNED)))
    planned = complete(write_sweep(loss=loss, **TUNED))
    [study] = planned.studies
    for search in study.searches:
        assert sorted(softness(search.trials)) == [0.05, 0.07, 0.1]
        assert search.ended
    assert not planned.open
    assert len(first.trials) + first.unplanned >= len(planned.trials) == 9
    assert softness(chosen(study)) == [0.07] * 3


def test_a_setting_that_comes_up_again_gives_way_to_another(write_sweep: Callable) -> None:
    """Of twelve values eight are tried, though draws and proposals repeat some."""
    loss = {"name": "noop", "softness": {"choice": [k / 100 for k in range(12)]}}
    [study] = complete(write_sweep(loss=loss, **TUNED)).studies
    assert [len(set(softness(search.trials))) for search in study.searches] == [8, 8, 8]


def test_a_loss_without_domains_is_tuned_over_its_own_space(write_sweep: Callable) -> None:
    losses = [
        {"name": "noop"},
        {"name": "noop", "nan_from": 1.5},
        {"name": "noop", "softness": 0.1},
    ]
    planned = complete(write_sweep(loss=losses, **TUNED))
    own, given, fixed = planned.studies
    assert own.searched == given.searched == ("softness",)
    assert len(set(softness(own.trials))) == 24
    assert {p.trial.loss.nan_from for p in given.trials} == {1.5}
    assert given.given == {"nan_from": 1.5}
    assert fixed.searched == ()
    assert fixed.given == {"softness": 0.1}
    assert [p.trial.replicate for p in fixed.trials] == [0, 1, 2]
    assert chosen(fixed) == list(fixed.trials)


def test_one_study_per_task_setting_and_loss(write_sweep: Callable) -> None:
    task = {"name": "noop", "noise": {"grid": [0.0, 0.1]}}
    losses = [SOFT, SOFT | {"nan_from": {"grid": [1.0, 2.0]}}]
    first = plan(str(write_sweep(task=task, loss=losses, **TUNED)))
    assert len(first.studies) == 2 * 3
    # Every study is at work from the start.
    assert len(first.trials) == 4 * 3 * 2 * 2
    planned = complete(write_sweep(task=task, loss=losses, **TUNED))
    assert [study.task.noise for study in planned.studies] == [0.0] * 3 + [0.1] * 3
    noises = [p.trial.task.noise for p in planned.trials[:48]]
    assert noises == [0.0] * 24 + [0.1] * 24


def test_studies_do_not_wait_for_each_other(write_sweep: Callable) -> None:
    task = {"name": "noop", "noise": {"grid": [0.0, 0.1]}}
    trained = Trained(peak)
    file = write_sweep(task=task, loss=SOFT, **TUNED)
    trained.train(p for p in plan(str(file)).trials if p.trial.task.noise == 0.0)
    fast, slow = plan(str(file), results=trained).studies
    assert (len(fast.trials), len(slow.trials)) == (18, 12)


def test_a_study_that_is_skipped_ends_with_its_first_round(write_sweep: Callable) -> None:
    tasks = [{"name": "noop", "behaviour": "skip"}, {"name": "noop"}]
    planned = complete(write_sweep(task=tasks, loss=SOFT, **TUNED), lambda p: peak(p))
    skipped = complete(
        write_sweep(task=tasks[0], loss=SOFT, **TUNED), lambda p: None if p.skip_reason else 1.0
    )
    assert not skipped.open
    assert len(skipped.trials) == 4 * 3
    assert all(search.ended for search in skipped.studies[0].searches)
    assert len(planned.studies[1].trials) == 8 * 3


def test_a_search_depends_on_what_is_searched_not_on_where_it_runs(
    write_sweep: Callable, tmp_path: Path
) -> None:
    here = complete(write_sweep(loss=SOFT, **TUNED))
    there = complete(write_sweep(task={"name": "noop", "root": str(tmp_path)}, loss=SOFT, **TUNED))
    assert here.ids == there.ids
