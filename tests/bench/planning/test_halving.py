"""Successive halving by rounds: rungs, promotions, and a study that uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from bench.planning.halving import promotions, rung_steps
from bench.planning.plan import Plan, plan


def test_rungs_end_with_the_full_training() -> None:
    assert rung_steps(500, 1500, 3) == (500, 1500)
    assert rung_steps(100, 1500, 3) == (100, 300, 900, 1500)
    assert rung_steps(10, 11, 2) == (10, 11)


def test_the_best_of_a_rung_go_on_once() -> None:
    first = [[0.1], [0.9], [0.5], [None], [0.7], [0.2]]
    assert promotions(first, rungs=3, reduction=3) == [1, 4]
    second = [[0.1], [0.9, 0.3], [0.5], [None], [0.7, 0.8], [0.2]]
    assert promotions(second, rungs=3, reduction=3) == []
    assert promotions([*second, [0.6], [0.8], [0.3]], rungs=3, reduction=3) == [7]
    third = [[0.9, 0.3], [0.8, 0.7], [0.7, None], *[[0.0]] * 6]
    assert promotions(third, rungs=3, reduction=3) == [1]


def test_equal_scores_go_to_the_first_and_failures_never_go_on() -> None:
    assert promotions([[0.5], [0.5], [0.5]], rungs=2, reduction=3) == [0]
    assert promotions([[None]] * 9, rungs=2, reduction=3) == []
    assert promotions([[1.0]] * 9, rungs=1, reduction=3) == []


@pytest.mark.usefixtures("noop")
def test_a_study_trains_the_best_longer(write_sweep: Callable) -> None:
    file = write_sweep(
        train={"steps": 90, "batch_size": 8, "validations": 0},
        search="optuna",
        scheduler={"asha": {"min_steps": 10}},
        **{"trials": 9, "initial": 6, "batch": 3, "replicates": 2},
    )

    class Known:
        known: dict[str, float | None] = {}

        def values(self, metric: str) -> dict[str, float | None]:
            return self.known

    results = Known()
    planned: Plan = plan(str(file), results=results)
    most = len(planned.trials) + planned.unplanned
    while any(p.trial_id not in results.known for p in planned.trials):
        results.known = {p.trial_id: 1 - abs(p.trial.loss.softness - 0.07) for p in planned.trials}
        planned = planned.after(results)
    [study] = planned.studies
    assert len(planned.trials) == most == 2 * (9 + 3 + 1)
    for search in study.searches:
        assert Counter(p.trial.train.steps for p in search.trials) == {10: 9, 30: 3, 90: 1}
        [top] = [p for p in search.trials if p.trial.train.steps == 90]
        assert list(search.candidates) == [study.chosen(search)] == [top.trial_id]
        best = max(search.trials, key=lambda p: results.known[p.trial_id])
        assert top.trial.loss == best.trial.loss
