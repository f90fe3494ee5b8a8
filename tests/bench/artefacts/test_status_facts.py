"""How far a search is, for a program and for a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.artefacts.outcomes import join
from bench.artefacts.status_facts import describe_plan, plan_lines
from bench.execution.trial_record import record
from bench.planning.plan import plan
from results.store.trial_store import Store


@pytest.mark.usefixtures("noop")
def test_each_replicates_search_is_told(write_sweep: Callable[..., Path], tmp_path: Path) -> None:
    losses = [{"name": "noop"}, {"name": "noop", "softness": 0.1}]
    search = {"search": "optuna", "trials": 3, "initial": 2, "batch": 1, "replicates": 2}
    file, store = write_sweep(loss=losses, **search), Store.open(tmp_path / "store")
    begun = [p for p in plan(str(file)).trials if p.trial.replicate == 0][:2]
    for planned, value in zip(begun, (0.5, 0.75), strict=True):
        made = record(planned.trial, "mine", "finished", None)
        made.metrics.update({"f1": 0.25, "validation.f1": value})
        store.append(made)
    planned = plan(str(file), results=store)
    facts = describe_plan(planned, join(planned.trials, store), store)
    tuned, fixed = facts["studies"]
    assert tuned["searched"] == ["softness"]
    first, second = tuned["replicates"]
    assert (first["planned"], first["ended"], first["complete"]) == (3, 2, False)
    assert (first["best"], first["setting"]) == (0.75, {"softness": begun[1].trial.loss.softness})
    assert (second["planned"], second["ended"], second["best"]) == (2, 0, None)
    assert fixed["searched"] == []
    lines = [line.strip() for line in plan_lines(facts)]
    assert (
        "noop: 2 of 5 planned trials ended, 0 of 2 searches complete, "
        "best validation.f1 0.750 to 0.750"
    ) in lines
    assert "noop (softness: 0.1): 0 of 2 planned trials ended, nothing to tune" in lines
