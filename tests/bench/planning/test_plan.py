"""From a specification to its trials: draws, grids, scales, changes, replicates, identities."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench.execution import environment
from bench.planning.plan import Plan, plan
from bench.plugin import TrainSettings, UsageError, constant
from results.store import Store
from results.store.trial_source import REFERENCE

pytestmark = pytest.mark.usefixtures("noop")

NUMBER = {"name": "noop", "number": {"int": [0, 999]}}


def options(planned: Plan, section: str, name: str) -> list[Any]:
    return [getattr(getattr(trial.trial, section), name) for trial in planned.trials]


def test_more_trials_leave_earlier_ones_as_they_were(write_sweep: Callable) -> None:
    file = write_sweep(task=NUMBER, trials=5)
    five, eight = plan(str(file)), plan(str(file), trials=8)
    assert len(set(eight.ids)) == 8
    assert eight.ids[:5] == five.ids


def test_another_parameter_leaves_draws_as_they_were(write_sweep: Callable) -> None:
    before = plan(str(write_sweep(task=NUMBER, trials=9)))
    more = NUMBER | {"score": {"uniform": [0, 1]}}
    loss = {"name": "noop", "softness": {"log_uniform": [0.01, 0.1]}}
    after = plan(str(write_sweep(task=more, loss=loss, trials=9)))
    assert options(after, "task", "number") == options(before, "task", "number")
    assert len(set(options(after, "task", "score"))) == 9
    assert len(set(options(after, "loss", "softness"))) == 9


def test_another_sweep_draws_other_values(write_sweep: Callable) -> None:
    mine = plan(str(write_sweep("mine", task=NUMBER, trials=9)))
    other = plan(str(write_sweep("other", task=NUMBER, trials=9)))
    assert options(mine, "task", "number") != options(other, "task", "number")


def test_losses_of_one_sweep_meet_the_same_draws(write_sweep: Callable) -> None:
    losses = [{"name": "noop"}, {"name": "noop", "nan_from": 0.5}]
    planned = plan(str(write_sweep(task=NUMBER, loss=losses, trials=6)))
    numbers = options(planned, "task", "number")
    assert numbers[::2] == numbers[1::2]
    replicates = [trial.trial.replicate for trial in planned.trials]
    assert replicates == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_the_shipped_surface_sweep_grows_by_exactly_twenty() -> None:
    done, more = plan("softness-noise"), plan("softness-noise", trials=230)
    assert len(set(done.ids)) == 210
    assert len(set(more.ids)) == 230
    assert more.ids[:210] == done.ids
    softness = options(done, "loss", "softness")
    noise = options(done, "task", "noise")
    assert 0 <= min(softness) < 0.01 < 0.14 < max(softness) < 0.15
    assert 0 <= min(noise) < 0.01 < 0.09 < max(noise) < 0.1


@pytest.mark.parametrize("scale", ["smoke", "laptop", "paper"])
@pytest.mark.parametrize("name", ["softness-noise", "drums-noise", "drums-noise-tuned"])
def test_shipped_sweeps_plan_at_every_scale(name: str, scale: str) -> None:
    planned = plan(name, scale)
    assert planned.trials
    assert {trial.trial.scale for trial in planned.trials} == {scale}


def test_grids_are_multiplied_and_replicated(write_sweep: Callable) -> None:
    file = write_sweep(
        task=[{"name": "noop", "noise": {"grid": [0, "50 ms"]}}, {"name": "noop", "number": 1}],
        loss=[{"name": "noop", "softness": {"grid": [0.1, 0.2]}}],
        replicates=3,
    )
    planned = plan(str(file))
    assert len(set(planned.ids)) == (2 + 1) * 2 * 3
    assert [trial.trial.replicate for trial in planned.trials[:4]] == [0, 1, 2, 0]
    assert set(options(planned, "task", "noise")) == {0.0, 0.05}
    assert len(plan(str(file), replicates=1).ids) == 6


def test_choices_are_drawn_or_enumerated(write_sweep: Callable) -> None:
    task = {"name": "noop", "number": {"choice": [1, 2, 3]}}
    drawn = plan(str(write_sweep(task=task, trials=20)))
    assert len(drawn.ids) == 20
    assert set(options(drawn, "task", "number")) == {1, 2, 3}
    listed = plan(str(write_sweep(task=task, search="grid")))
    assert options(listed, "task", "number") == [1, 2, 3]


def test_draws_in_nested_options(write_sweep: Callable) -> None:
    alpha = {"schedule": "linear", "start": {"uniform": [0.1, 0.2]}, "end": 0.9}
    task = {"name": "drums", "size": "tiny"}
    loss = {"name": "softloc", "alpha": alpha}
    planned = plan(str(write_sweep(task=task, loss=loss, trials=3)))
    starts = [value.start for value in options(planned, "loss", "alpha")]
    assert len(set(starts)) == 3
    assert all(0.1 <= start < 0.2 for start in starts)


def test_a_random_sweep_gives_each_draw_its_replicate(write_sweep: Callable) -> None:
    file = write_sweep(task=NUMBER, trials=4)
    assert [trial.trial.replicate for trial in plan(str(file)).trials] == [0, 1, 2, 3]
    repeated = plan(str(file), replicates=2)
    assert [trial.trial.replicate for trial in repeated.trials] == [0, 1] * 4
    numbers = options(repeated, "task", "number")
    assert numbers[::2] == numbers[1::2] == options(plan(str(file)), "task", "number")


def test_equal_trials_are_planned_once(write_sweep: Callable) -> None:
    file = write_sweep(loss=[{"name": "noop"}, {"name": "noop", "softness": "100 ms"}])
    assert len(plan(str(file)).trials) == 1


def test_skips_are_planned_with_their_reason(write_sweep: Callable) -> None:
    tasks = [{"name": "noop"}, {"name": "noop", "behaviour": "skip"}]
    planned = plan(str(write_sweep(task=tasks)))
    assert [trial.skip_reason for trial in planned.trials] == [
        None,
        "this trial is skipped on purpose",
    ]


def test_scales_merge_dotted_and_nested_changes(write_sweep: Callable) -> None:
    file = write_sweep(
        task={"name": "noop", "noise": {"uniform": [0, 0.1]}, "number": 1},
        loss=[{"name": "noop", "softness": 0.1}, {"name": "noop", "nan_from": 0.5}],
        train={"steps": 1000, "lr": 0.1},
        trials=100,
        scales={
            "smoke": {"trials": 2, "train.steps": 5, "loss.softness": "20 ms"},
            "paper": {
                "train": {"steps": 9000, "batch_size": 4},
                "task": {"noise": {"uniform": [0.5, 0.6]}},
            },
        },
    )
    smoke, laptop, paper = (plan(str(file), scale) for scale in ("smoke", "laptop", "paper"))
    train = smoke.trials[0].trial.train
    assert (len(smoke.ids), train.steps, train.lr) == (4, 5, constant(0.1))
    assert set(options(smoke, "loss", "softness")) == {0.02}
    assert set(options(smoke, "loss", "nan_from")) == {2.0, 0.5}
    assert (len(laptop.ids), laptop.trials[0].trial.train.steps) == (200, 1000)
    train = paper.trials[0].trial.train
    assert (train.steps, train.batch_size, train.lr) == (9000, 4, constant(0.1))
    assert all(0.5 <= noise < 0.6 for noise in options(paper, "task", "noise"))
    assert set(options(paper, "task", "number")) == {1}


def test_changes_come_after_the_scale(write_sweep: Callable) -> None:
    file = write_sweep(task=NUMBER, trials=9, scales={"smoke": {"trials": 3, "train.steps": 5}})
    planned = plan(str(file), "smoke", overrides={"train.steps": 7, "task.number": {"int": [5, 6]}})
    assert {trial.trial.train.steps for trial in planned.trials} == {7}
    assert set(options(planned, "task", "number")) <= {5, 6}
    assert len(planned.ids) == 3
    with pytest.raises(UsageError, match="train: unknown option 'stesp'; did you mean 'steps'"):
        plan(str(file), overrides={"train.stesp": 7})


def test_ids_are_what_they_were(write_sweep: Callable) -> None:
    """Another id for the same configuration would make everybody's stores start anew."""
    task, loss = {"name": "drums", "noise": {"grid": [0.0, 0.05]}}, {"name": "cross_entropy"}
    planned = plan(str(write_sweep(task=task, loss=loss)))
    assert planned.ids == ["412e2496bfad3302", "332b572acdfac1c4"]


def test_a_new_train_option_changes_no_id() -> None:
    class Later(TrainSettings):
        warmth: float = 0.5
        """Does nothing by default."""

    before = plan("drums-noise")
    later = [
        dataclasses.replace(planned.trial, train=Later(**planned.trial.train.options())).trial_id
        for planned in before.trials
    ]
    assert later == before.ids
    assert len(later) == 140
    assert set(later) <= set(Store.open(REFERENCE, create=False).statuses())
    warmer = [
        dataclasses.replace(
            planned.trial, train=Later(**planned.trial.train.options(), warmth=1.0)
        ).trial_id
        for planned in before.trials
    ]
    assert not set(warmer) & set(later)


def test_ids_depend_neither_on_names_nor_on_places(
    write_sweep: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [expected] = plan(str(write_sweep())).ids
    train = {"steps": 10, "batch_size": 8, "validations": 0}
    same = [
        write_sweep("other", title="Other"),
        write_sweep("on-cpu", train=train | {"device": "cpu"}),
        write_sweep("packed", resources={"cpu": 0.5, "gpu": 0.25}),
        write_sweep("with-data", task={"name": "noop", "root": str(tmp_path)}),
        write_sweep("written-out", task={"name": "noop", "noise": 0, "score": 0.5}),
    ]
    monkeypatch.setattr(environment, "host", lambda: "elsewhere")
    assert {identity for file in same for identity in plan(str(file)).ids} == {expected}


def test_ids_are_equal_in_a_fresh_process(write_sweep: Callable, noop: ModuleType) -> None:
    file = write_sweep(task=NUMBER, trials=3)
    code = (
        "import sys\nfrom bench.plugin import load_file\nfrom bench.planning.plan import plan\n"
        f"load_file({noop.__file__!r})\nprint(*plan(sys.argv[1]).ids)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        env={**os.environ, "PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == plan(str(file)).ids


def test_ids_depend_on_what_determines_the_result(
    write_sweep: Callable, noop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(write_sweep())
    seen = {*plan(file).ids, *plan(file, "smoke").ids, *plan(file, replicates=2).ids}
    for key in ("steps", "batch_size", "validations"):
        seen.update(plan(file, overrides={f"train.{key}": 2}).ids)
    for owner, attribute, value in (
        (noop.Noop, "version", "2"),
        (noop.NoopLoss, "version", "2"),
        (noop.Noop, "data_key", lambda self: {"generator": 2}),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, attribute, value)
            seen.update(plan(file).ids)
    assert len(seen) == 1 + 1 + 1 + 3 + 3
