"""``bench report`` from a store: what it writes, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.artefacts.report_content import assemble
from bench.planning.plan import plan
from results.store.record import TrialRecord
from results.store.trial_store import Store


def record(planned: Any, sweep: str, **changes: Any) -> TrialRecord:
    trial = planned.trial
    fields: dict[str, Any] = {
        "trial_id": planned.trial_id,
        "sweep": sweep,
        "scale": trial.scale,
        "task": trial.task.plugin_name,
        "loss": trial.loss.plugin_name,
        "replicate": trial.replicate,
        "status": "finished",
        "reason": None,
        "task_options": trial.task.options(),
        "loss_options": trial.loss.options(),
        "train_options": trial.train.options(),
        "metrics": {metric.name: 0.5 for metric in trial.task.metrics},
        "details": {},
        "curve": [{"step": 1, "loss": 1.0}],
        "seconds": {"train": 1.0, "evaluate": 0.1},
        "finished_at": 1.7e9,
        "host": "here",
        "device": "cpu",
        "hardware": "a processor",
        "versions": {"pointbench": "0"},
        "git_revision": None,
        "data_name": trial.task.data_name,
        "data_version": trial.task.data_version,
    }
    return TrialRecord(**{**fields, **changes})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two of the smoke surface's trials, one of them failed, and one that no plan has."""
    path = tmp_path / "store"
    opened = Store.open(path)
    first, second, third, *_ = plan("softness-noise", "smoke").trials
    opened.append(record(first, "softness-noise"))
    opened.append(record(second, "softness-noise"))
    opened.append(
        record(third, "softness-noise", status="failed", reason="<b>out of memory</b>", metrics={})
    )
    opened.append(record(first, "elsewhere", trial_id="other", scale="laptop"))
    return path


def test_report_is_written_from_a_store(
    call: Callable[..., Any], store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://name:word@mlflow.example")
    options = ("--store", store, "--scale", "smoke", "--no-reference")
    answer = call("report", "--out", tmp_path / "site", *options)
    assert answer.code == 0
    assert answer.out.strip() == str(tmp_path / "site" / "index.html")
    [line] = [line for line in answer.errors if "pages" in line]
    assert "MB" in line
    sweep = (tmp_path / "site" / "sweeps" / "softness-noise-smoke.html").read_text()
    for expected in ("<b>2</b> finished", "<b>1</b> failed", "<b>3</b> not run", "softness S_M"):
        assert expected in sweep
    assert "$" not in sweep
    [other] = (tmp_path / "site" / "sweeps").glob("elsewhere-outside-of-the-plan*.html")
    assert "<b>1</b> finished" in other.read_text()
    data = "".join(p.read_text() for p in (tmp_path / "site" / "data" / "trials").iterdir())
    assert "out of memory" in data
    assert "https://mlflow.example" in (tmp_path / "site" / "trial.html").read_text()
    assert "word@" not in (tmp_path / "site" / "trial.html").read_text()
    claims = (tmp_path / "site" / "claims.html").read_text()
    assert 'id="claim-8a"' in claims
    assert "drums-noise" in (tmp_path / "site" / "index.html").read_text()  # not run yet


def test_a_sweep_that_only_shares_trials_with_another_has_not_begun(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store")
    tuned = plan("drums-noise-tuned").after(store)
    shared = [one for one in plan("drums-noise").trials if one.trial_id in set(tuned.ids)]
    assert shared
    for one in shared:
        store.append(record(one, "drums-noise"))
    site = assemble(store)
    assert "drums-noise-tuned" in dict(site.pending)
    assert "drums-noise" not in dict(site.pending)
    assert all(page.name != "drums-noise-tuned" for page in site.sweeps)


def test_a_folder_of_something_else_is_refused(
    call: Callable[..., Any], store: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    options = ("--store", store, "--scale", "smoke", "--no-reference")
    answer = call("report", "--out", tmp_path, *options)
    assert answer.code == 2
    assert "holds files that bench report did not write" in answer.errors[-1]
    assert (tmp_path / "thesis.tex").exists()


def test_no_store_is_said_so(call: Callable[..., Any], tmp_path: Path) -> None:
    options = ("--store", tmp_path / "none", "--no-reference")
    answer = call("report", "--out", tmp_path / "site", *options)
    assert answer.code == 2
    assert "no store here" in answer.errors[-1]
    assert not (tmp_path / "site").exists()
