"""Sweeps whose trials all fail, or all diverge: every artefact says so, and what goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.execution.trial_record import execute, record
from bench.planning.plan import plan
from results.store.trial_store import Store

Call = Callable[..., Any]
DIVERGED = "12 diverged: the same training would diverge again, so change it, such as by"


@pytest.fixture
def swept(
    write_sweep: Callable[..., Path], noop: object, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """The store of the sweep ``degen.yaml`` with all its trials run."""

    def sweep(*tasks: dict[str, Any], nan_from: float = 2.0) -> Path:
        path = write_sweep(
            "degen",
            task=[{"name": "noop", **task} for task in tasks],
            loss={"name": "noop", "softness": {"grid": [0.1, 0.2]}, "nan_from": nan_from},
            replicates=2,
            leaderboard=True,
            show=[
                {"surface": {"x": "loss.softness", "y": "task.noise", "value": "f1"}},
                {"table": {"rows": "loss.softness", "columns": "task.noise", "value": "f1"}},
            ],
        )
        store = Store.open(path.parent / "store")
        for planned in plan(str(path)).trials:
            store.append(execute(planned.trial, "degen"))
        monkeypatch.chdir(path.parent)
        return path.parent / "store"

    return sweep


@pytest.mark.parametrize(
    ("behaviour", "nan_from", "words", "cause"),
    [
        ("crash", 2.0, "12 failed; bench run {} --failed", "RuntimeError: this trial crashes"),
        ("finish", 0.0, DIVERGED + " bench run {} --set train.lr=LOWER", "became nan at step 1"),
    ],
)
def test_no_artefact_hides_it(
    behaviour: str,
    nan_from: float,
    words: str,
    cause: str,
    swept: Callable[..., Path],
    call: Call,
    tmp_path: Path,
) -> None:
    task = {"noise": {"grid": [0.1, 0.2, 0.4]}, "behaviour": behaviour}
    path, folder = "degen.yaml", swept(task, nan_from=nan_from)
    words = words.format(path)
    store = ("--store", folder, "--no-reference")
    status = call("status", path, *store[:2])
    assert f"  {words}\n" in status.out
    assert cause in status.out
    assert words.split(":")[0].split(";")[0] in call("status", *store[:2]).out
    table = call("table", path, *store)
    assert f"- {words}.\n" in table.out
    surface = call("surface", path, *store)
    assert surface.out == ""
    assert surface.errors == [f"no surface of 'f1': 0 runs; {words}"]
    board = call("leaderboard", path, *store)
    assert board.code == 2
    assert board.errors == [f"error: {folder}: no finished trial of degen at scale laptop: {words}"]
    again = call("run", path, *store[:2])
    assert f"degen: {words}" in again.errors
    assert words in (folder / "artefacts" / "degen-laptop" / "summary.md").read_text()
    assert call("report", path, *store, "--out", tmp_path / "site").code == 0
    index = (tmp_path / "site" / "index.html").read_text()
    assert f'<p class="alarm">{words}</p>' in index
    page = (tmp_path / "site" / "sweeps" / "degen-laptop.html").read_text()
    assert f'<p class="alarm">{words}</p>' in page
    assert f"no surface of &#39;f1&#39;: 0 runs; {words}" in page


def test_tables_claims_and_boards_of_the_papers_say_so(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = Store.open(folder)
    for planned in plan("drums-noise", "smoke").trials:
        store.append(record(planned.trial, "drums-noise", "failed", "RuntimeError: no"))
    options = ("--scale", "smoke", "--store", folder, "--no-reference")
    again = "bench run drums-noise --scale smoke --failed"
    table = call("table", "table-5.5", *options)
    assert f"- drums-noise: 3 failed; {again}.\n" in table.out
    board = call("leaderboard", *options)
    assert again in board.errors[0]
    [verdict] = json.loads(call("claims", "9", *options, "--json").out)
    assert verdict["verdict"] == "no data"
    assert again in verdict["detail"]
    everything = call("status", "--store", folder)
    assert f"run what failed again: {again}" in everything.out


def test_a_board_with_some_failures_has_a_note(swept: Callable[..., Path], call: Call) -> None:
    folder = swept({"score": 0.5}, {"noise": 0.1, "behaviour": "crash"})
    board = call("leaderboard", "degen.yaml", "--store", folder, "--no-reference")
    assert board.code == 0
    assert "degen: 4 failed; bench run degen.yaml --failed." in board.out
