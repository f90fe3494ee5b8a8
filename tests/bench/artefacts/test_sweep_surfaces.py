"""Surfaces of a sweep: what is smoothed how, what is said of it, and the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.artefacts.outcomes import join
from bench.artefacts.sweep_surfaces import SweptSurface, swept_surfaces
from bench.execution.trial_record import record
from bench.planning.plan import Plan, plan
from results.store.trial_store import Store

SURFACE = {"x": "loss.softness", "y": "task.noise", "value": "f1"}
GRID = [0.025, 0.05, 0.075, 0.1, 0.125]


@pytest.fixture
def swept(
    write_sweep: Callable[..., Path], noop: object, tmp_path: Path
) -> Callable[..., tuple[Plan, Store]]:
    """A sweep of five by five settings, all but ``broken`` of its trials finished."""

    def sweep(broken: int = 0, values: list[float] = GRID, **view: Any) -> tuple[Plan, Store]:
        path = write_sweep(
            task={"name": "noop", "noise": {"grid": values}},
            loss={"name": "noop", "softness": {"grid": values}},
            replicates=2,
            show=[{"surface": SURFACE | view}],
        )
        made, store = plan(str(path)), Store.open(tmp_path / "store")
        for number, planned in enumerate(made.trials):
            trial = planned.trial
            if number < broken:
                store.append(record(trial, "mine", "failed", "RuntimeError: no"))
                continue
            f1 = float(np.tanh(100 * (trial.loss.softness - trial.task.noise)))
            outcome = SimpleNamespace(
                metrics={"f1": f1}, details={}, curve=[], seconds={}, device=""
            )
            store.append(record(trial, "mine", "finished", None, outcome=outcome))
        return made, store

    return sweep


def shown(swept: tuple[Plan, Store], bandwidth: Any = None) -> SweptSurface:
    made, store = swept
    [found] = swept_surfaces(made, join(made.trials, store), bandwidth)
    return found


def test_a_grid_is_blank_nowhere_and_its_words_say_what_was_chosen(
    swept: Callable[..., Any],
) -> None:
    """Steep, and 0.025 apart: the narrowest kernels predict best as far as they reach."""
    for view in ({}, {"bandwidth": "auto"}):
        found = shown(swept(**view))
        assert found.surface is not None
        assert not found.surface.blank.any()
        assert found.errors is not None
        assert found.surface.bandwidth == found.errors.best
        assert "(chosen by leave-one-setting-out); settings left out are predicted with RMSE" in (
            found.words
        )


def test_a_given_bandwidth_is_shown_beside_the_chosen_one(swept: Callable[..., Any]) -> None:
    given = swept(bandwidth=[0.05, 0.05])
    found, chosen = shown(given), shown(given, "auto")
    assert found.surface is not None
    assert found.errors is not None
    assert chosen.surface is not None
    assert found.errors.best == chosen.surface.bandwidth
    assert found.errors.used_error > found.errors.best_error
    assert "Gaussian bandwidths 50 × 50 in units of the axes (given)" in found.words
    assert "leave-one-setting-out prefers " in found.words
    assert (found.stem, chosen.stem) == ("f1-surface", "f1-surface-auto")
    assert shown(given, (0.02, 0.03)).stem == "f1-surface-0.02x0.03"


def test_failed_trials_are_told_beside_the_surface(swept: Callable[..., Any]) -> None:
    found = shown(swept(broken=3))
    assert "47 runs" in found.words
    assert "; 3 failed; bench run " in found.words


def test_where_all_failed_there_is_no_surface_and_words_say_why(swept: Callable[..., Any]) -> None:
    found = shown(swept(broken=50))
    assert found.surface is None
    assert "no surface of 'f1': 0 runs; 50 failed; bench run " in found.words
    assert found.words.endswith(" --failed")


def test_too_few_settings_are_told_and_not_drawn(swept: Callable[..., Any]) -> None:
    for view in ({}, {"extent": [[0, 1], [0, 1]]}):
        found = shown(swept(values=[0.1], **view))
        assert found.surface is None
        assert "2 runs; they lie on one line, or are too few to choose a bandwidth" in found.words


def test_logarithmic_axes_have_grids_and_bandwidths_in_decades(swept: Callable[..., Any]) -> None:
    found = shown(swept(log=["x"], bandwidth=[0.2, 0.03]))
    assert found.surface is not None
    assert found.surface.log == (True, False)
    ratios = found.surface.x[1:] / found.surface.x[:-1]
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-9)
    assert "Gaussian bandwidths 0.2 decades × 30 (given)" in found.words
    assert found.diagonal is None, "no straight line between two kinds of axes"
    assert shown(swept(log=["x", "y"], bandwidth=[0.2, 0.2])).diagonal is not None


def test_the_command_writes_the_files_and_says_the_bandwidths(
    swept: Callable[..., Any], call: Callable[..., Any], tmp_path: Path
) -> None:
    made, _ = swept(log=["x"], bandwidth=[0.2, 0.03])
    path = made.source.file.path
    store = ("--store", tmp_path / "store", "--no-reference", "--out", tmp_path / "out")
    drawn = call("surface", path, *store)
    assert drawn.code == 0
    assert [Path(line).name for line in drawn.out.splitlines()] == [
        *("f1-surface.svg", "f1-surface.png", "f1-surface.csv", "f1-runs.csv")
    ]
    assert drawn.errors[0].startswith("f1-surface: 50 runs; Gaussian bandwidths 0.2 decades × 30")
    chosen = call("surface", path, "--bandwidth", "auto", *store)
    assert "f1-surface-auto.svg" in chosen.out
    assert "chosen by leave-one-setting-out" in chosen.errors[0]
    given = call("surface", path, "--bandwidth", "0.1,0.02", *store)
    assert "f1-surface-0.1x0.02.csv" in given.out
    frame = pd.read_csv(tmp_path / "out" / "f1-surface-0.1x0.02.csv")
    assert len(frame) == 151 * 101
    for wrong in ("wide", "0.1", "0.1,-1", "nan,1", "1,2,3"):
        refused = call("surface", path, "--bandwidth", wrong, *store)
        assert refused.code == 2
        assert refused.errors == [
            f"error: --bandwidth is 'auto' or two numbers above 0 such as 0.01,0.02: '{wrong}'"
        ]
