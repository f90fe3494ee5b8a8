"""Right after installing, every artefact is made from the reference results; nothing is trained.

A plugin whose version is raised makes its reference results stale: run the sweeps again and write
them (results/reference/README.md).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import bench
from bench.specs.claim_entries import entries
from bench.specs.paper_table import grouped
from results.store.trial_store import Store

IN_TIME = (
    *("digits", "drums", "golf", "golf_subframe", "piano", "puffs", "semi_supervised", "shift"),
)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_table_is_complete(call: Callable, empty_folder: Path) -> None:
    answer = call("reproduce", "table-5.5")  # a training would fail: Ray must not start here
    assert answer.code == 0
    assert "(n=5)" in answer.out
    assert "not run" not in answer.out
    assert "stale" not in answer.out
    assert "trials are reference results (pointbench" in answer.out
    latex = empty_folder / "runs" / "artefacts" / "table-5.5.tex"
    assert "\\toprule" in latex.read_text()
    assert not (empty_folder / "runs" / "store.json").exists()


def test_all_tables_and_figures_of_tasks_in_time_are_complete(call: Callable) -> None:
    answer = call("reproduce", "--all", "--group", "temporal", "--out", "out")
    assert answer.code == 0
    assert {path.parent.name for path in Path("out").rglob("*.csv")} == set(grouped("temporal"))
    tables = [path.read_text() for path in Path("out").rglob("*.md")]
    assert sum("(n=5)" in table for table in tables) == len(list(Path("out").rglob("*.tex")))
    assert not any("not run" in table for table in tables)


def test_of_several_each_gets_a_folder(call: Callable, empty_folder: Path) -> None:
    made = call("reproduce", "table-5.5", "figure-shift", "--out", "out")
    assert made.code == 0
    folders = {path.parent.name for path in Path("out").rglob("*") if path.is_file()}
    assert folders == {"table-5.5", "figure-shift"}


def test_the_surface_is_complete(call: Callable, empty_folder: Path) -> None:
    answer = call("reproduce", "figure-5.8", "--out", empty_folder / "out")
    assert answer.code == 0
    runs = (empty_folder / "out" / "f1-runs.csv").read_text().splitlines()
    assert len(runs) == 1 + 210
    picture = (empty_folder / "out" / "f1-surface.svg").read_text()
    assert len(picture) > 10_000
    assert "<!-- $S_M$ = $\\sigma$ -->" in picture
    heading, _, fact, *_ = (empty_folder / "out" / "summary.md").read_text().splitlines()
    assert heading.startswith("# softness-noise (laptop): ")
    assert fact == "- 210 trials: 210 finished"


def test_the_leaderboard_is_complete(call: Callable) -> None:
    answer = call("leaderboard")
    assert answer.code == 0
    assert "softloc" in answer.out
    assert "not run" not in answer.out


def test_sweeps_that_nobody_ran_are_not_on_the_board(call: Callable) -> None:
    answer = call("leaderboard")
    assert answer.code == 0
    [note] = [line for line in answer.out.splitlines() if "not on the board" in line]
    assert "keypoint-losses" in note
    assert "keypoint" not in answer.out.replace(note, "")
    assert call("compare", "softloc", "soft_localization").code == 0


def test_claims_about_tasks_in_time_have_data(call: Callable) -> None:
    answer = call("claims", "--json")
    assert answer.code == 0
    verdicts = {claim["id"]: claim["verdict"] for claim in json.loads(answer.out)}
    about = [claim.id for entry in entries() for claim in entry.claims if claim.task in IN_TIME]
    assert len(about) == 40
    assert {verdicts[claim] for claim in about}.isdisjoint({"no data"})


def test_the_reference_may_be_left_out(call: Callable) -> None:
    answer = call("leaderboard", "--no-reference")
    assert answer.code == 2
    assert "no store here" in answer.errors[0]


def test_what_is_in_it_is_listed(call: Callable) -> None:
    sweeps = {row["sweep"]: row for row in json.loads(call("reference", "list", "--json").out)}
    assert {name: row["finished"] for name, row in sweeps.items()} == {
        "drums-noise": 140,
        "drums-counts": 30,
        "softness-noise": 210,
        "drums-noise-tuned": 149,
        "shift-filters": 60,
        "drums-percussion": 40,
        "drums-tolerance": 30,
        "drums-lengths": 5,  # the others are those of drums-tolerance
        "puffs-noise": 780,
        "golf-noise": 250,
        "golf-subframe": 125,
        "digits-counts": 10,
        "digits-embedding": 2,
        "piano-counts": 20,
        "piano-noise": 160,  # as many as are not those of piano-counts
        "semi-supervised": 120,
    }
    assert all(row["not planned any more"] == 0 for row in sweeps.values())
    assert all(len(revision) == 40 for row in sweeps.values() for revision in row["git_revisions"])


@pytest.mark.parametrize(
    ("first", "second", "trials"),
    [("drums-noise", "drums-noise-tuned", 140), ("drums-noise-tuned", "drums-noise", 155)],
)
def test_a_trial_of_two_sweeps_is_written_under_the_first(
    call: Callable, empty_folder: Path, first: str, second: str, trials: int
) -> None:
    shipped = Path(bench.__file__).parents[1] / "results" / "reference"
    store = shutil.copytree(shipped, empty_folder / "store")
    answer = call("reference", "write", first, second, "--store", store, "--out", "made")
    assert answer.code == 0
    assert answer.out.startswith("made: 289 trials, ")
    counts = Store.open(Path("made"), create=False).load(columns=["sweep"])["sweep"].value_counts()
    assert {first: 0, second: 0} | counts.to_dict() == {first: trials, second: 289 - trials}
