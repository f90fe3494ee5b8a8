"""The papers' tables: declarations, what their rows select, and what stands in their cells."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from bench.artefacts.outcomes import join
from bench.artefacts.paper_tables import load
from bench.execution.trial_record import record
from bench.plugin import UsageError
from bench.specs.paper_table import tables
from results.store.trial_store import Store
from results.tables.published_numbers import published_numbers

F1 = {"f1": 0.9, "f1_kick": 0.8, "f1_snare": 0.7, "f1_hihat": 0.6, "precision": 0.5, "recall": 0.4}


@dataclasses.dataclass
class Outcome:
    metrics: dict[str, float]
    details: dict = dataclasses.field(default_factory=dict)
    curve: list = dataclasses.field(default_factory=list)
    seconds: dict = dataclasses.field(default_factory=lambda: {"train": 10.0})
    device: str = "cpu"


def finished(planned, **metrics):
    outcome = Outcome({**F1, **metrics})
    return record(planned.trial, "somewhere", "finished", None, outcome=outcome)


def filled(table, store):
    return table.fill(join(table.planned(), store))


def row(table, label):
    rows = (row for block in table.spec.blocks for row in block.rows)
    return next(row.where for row in rows if row.label == label)


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store")


@pytest.mark.parametrize("name", sorted(tables()))
@pytest.mark.parametrize("scale", ["smoke", "laptop", "paper"])
def test_declared_tables_load_and_show_every_published_number(name, scale, store):
    table = load(name, scale)
    assert table.spec.id == name == table.spec.id
    headings = {
        one.label: one.published or one.label
        for block in table.spec.blocks
        for one in table.spec.shown(block)
    }
    shown = [
        (
            made.title.removeprefix(table.spec.title).removeprefix(" — "),
            headings.get(column, column),
            cell.printed,
        )
        for made in filled(table, store)
        for (_, column), cell in made.cells.items()
        if cell.published is not None
    ]
    numbers = published_numbers(name)
    numbers = numbers[
        numbers["section"].isin([block.section for block in table.spec.blocks])
        & (numbers["value"] != "")
    ]
    printed = numbers[["section", "column", "value"]].itertuples(index=False, name=None)
    assert sorted(shown) == sorted(printed)


@pytest.mark.parametrize("name", sorted(tables()))
def test_notes_name_the_steps_of_our_trainings(name):
    table = load(name)
    told = re.findall(r"ours at scale laptop:.*? ([\d,]+) steps", " ".join(table.spec.footnotes))
    steps = {planned.trial.train.steps for planned in table.planned()}
    assert {int(number.replace(",", "")) for number in told} <= steps


def test_a_cell_shows_our_replicates_beside_the_published_number(store):
    table = load("table-5.5")
    trials = table.selected(row(table, "SoftLoc"))
    assert [planned.trial.replicate for planned in trials] == [0, 1, 2, 3, 4]
    for planned, f1 in zip(trials, (0.89, 0.90, 0.91, 0.92, 0.93), strict=True):
        store.append(finished(planned, f1=f1))
    [made] = filled(table, store)
    assert made.text("SoftLoc", "F1") == "91.0 ±2.0 (n=5) [97.4]"
    assert made.text("SoftLoc", "KD") == "80.0 (n=5) [98.6]"
    assert made.text("lstmpB", "F1") == "[97.5]"
    assert made.text("cross-entropy, threshold", "F1") == "not run"
    assert set(made.cell("SoftLoc", "F1").trial_ids) == {one.trial_id for one in trials}
    assert made.rows[-3:] == ("SoftLoc", "cross-entropy, peak picking", "cross-entropy, threshold")


def test_failures_and_missing_trials_are_seen(store):
    table = load("table-5.5")
    first, second, *_ = table.selected(row(table, "SoftLoc"))
    store.append(finished(first))
    store.append(record(second.trial, "somewhere", "diverged", "at step 7"))
    [made] = filled(table, store)
    assert made.text("SoftLoc", "F1") == "90.0 (n=1); 1 diverged; 3 not run [97.4]"


def test_what_cannot_be_run_says_why(store, tmp_path):
    text = tables()["table-4.1"].read_text()
    before, section, after = text.partition("  - section: D-DTP random\n")
    rest = after[after.index("  - section:") :]
    path = tmp_path / "table-4.1.yaml"
    path.write_text(f"{before}{section}    skipped: nobody has the data\n{rest}")
    random, _, accompanied, _ = filled(load(str(path)), store)
    assert random.text("counts alone", "F1") == "not run [94.5]"
    assert accompanied.text("ours", "F1") == "skipped: nobody has the data [88.9]"


def test_drums_alone_and_amid_percussion_stand_in_sections_of_their_own():
    table = load("table-4.1")
    chosen = [
        {planned.trial.task.percussion for planned in table.selected(one.where)}
        for block in table.spec.blocks
        for one in block.rows
    ]
    assert chosen == [{False}] * 6 + [{True}] * 6


def test_trials_of_other_versions_are_marked_and_not_mixed_in(store, monkeypatch):
    table = load("table-5.5")
    trials = table.selected(row(table, "SoftLoc"))
    loss = type(trials[0].trial.loss)
    current = loss.version
    monkeypatch.setattr(loss, "version", "0.old")
    for planned in trials:
        store.append(finished(planned, f1=0.1))
    assert set(store.statuses()).isdisjoint(planned.trial_id for planned in trials)
    monkeypatch.setattr(loss, "version", current)
    [made] = filled(table, store)
    assert made.text("SoftLoc", "F1") == "5 stale [97.4]"
    store.append(finished(trials[0]))
    [made] = filled(table, store)
    assert made.text("SoftLoc", "F1") == "90.0 (n=1); 4 stale [97.4]"


def test_times_are_compared_on_one_processor_only(store, tmp_path):
    text = tables()["table-5.5"].read_text().replace("metric: f1}", "metric: seconds.train}")
    path = tmp_path / "table-5.5.yaml"
    path.write_text(text.replace("percent: true", "percent: false"))
    table = load(str(path))
    trials = table.selected(row(table, "SoftLoc"))
    for planned, hardware in zip(trials, ("this",) * 4 + ("other",), strict=True):
        store.append(dataclasses.replace(finished(planned), hardware=hardware))
    [made] = filled(table, store)
    assert made.text("SoftLoc", "F1").startswith("10.000 (n=4); 1 timed on other hardware")


def test_only_what_a_row_shows_is_needed():
    table = load("table-5.5")
    [plan] = table.needed()
    assert len(plan.trials) == 15
    assert {planned.trial.task.noise for planned in plan.trials} == {0.0}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("sweeps: [drums-noise]", "sweeps: [drum-noise]", "5: unknown sweep 'drum-noise'; did you"),
        ("metric: f1_kick", "metric: f1_kik", "8: unknown metric 'f1_kik'; did you mean 'f1_kick'"),
        ("section: D-DTD random", "section: D-DTD", "15: no published section 'D-DTD'"),
        ("loss: softloc", "loss: softlock", "17: row 'SoftLoc' selects no trial of drums-noise"),
        ("percent:", "per_cent:", "6: unknown key 'per_cent'; did you mean 'percent'?"),
    ],
)
def test_mistakes_in_a_declaration_name_file_and_line(old, new, problem, tmp_path: Path):
    path = tmp_path / "table-5.5.yaml"
    path.write_text(tables()["table-5.5"].read_text().replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        load(str(path))
    assert any(f"{path}:{problem}" in line for line in caught.value.problems), caught.value.problems


def test_unknown_tables_are_named():
    message = r"unknown table or figure 'table-5.55'; did you mean 'table-5.5'\?"
    with pytest.raises(UsageError, match=message):
        load("table-5.55")


@pytest.fixture
def own_table(write_sweep, noop, tmp_path):
    """A table of the user's own: columns select trials and show two metrics each."""
    noise = {"name": "noop", "noise": {"grid": [0.0, 0.05]}}
    write_sweep("mine", task=noise, loss={"name": "noop", "as": "Ours"})
    table = {
        "id": "own",
        "title": "Own",
        "source": "nobody",
        "sweeps": ["mine.yaml"],
        "values": ["f1", "seconds.train"],
        "columns": [
            {"label": "clean", "where": {"task.noise": 0.0}},
            {"label": "noisy", "where": {"task.noise": 0.05}},
        ],
        "blocks": [{"section": "all", "rows": [{"label": "ours", "where": {"loss": "noop"}}]}],
    }
    path = tmp_path / "own.yaml"
    path.write_text(json.dumps(table, indent=1))
    return path


def test_columns_select_trials_and_show_every_value(own_table, store):
    table = load(str(own_table))
    clean, noisy = table.plans[0].trials
    store.append(finished(clean, f1=0.9))
    store.append(finished(noisy, f1=0.4))
    [made] = filled(table, store)
    assert made.columns == ("clean f1", "clean seconds.train", "noisy f1", "noisy seconds.train")
    shown = [made.text("ours", column) for column in made.columns]
    assert shown == ["0.900 (n=1)", "10.000 (n=1)", "0.400 (n=1)", "10.000 (n=1)"]
    assert not any("published" in note for note in made.footnotes)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"task.noise": 0.05', '"task.noise": 0.5', "column 'noisy' selects no trial of any row"),
        ('"f1",', '"f2",', "unknown metric 'f2'"),
        ('"label": "ours"', '"label": "ours", "published": "theirs"', "no numbers of 'own' are"),
        ("mine.yaml", "none.yaml", "does not exist"),
    ],
)
def test_mistakes_in_a_table_of_ones_own(old, new, problem, own_table):
    own_table.write_text(own_table.read_text().replace(old, new))
    with pytest.raises(UsageError, match=problem):
        load(str(own_table))


def test_the_command_takes_a_file(own_table, call, tmp_path):
    Store.open(tmp_path / "empty", create=True)
    answer = call("table", own_table, "--store", tmp_path / "empty", "--no-reference")
    assert (answer.code, answer.errors) == (0, [])
    assert "not run" in answer.out


def test_a_figure_is_no_table():
    with pytest.raises(UsageError, match=r"is a figure; draw it: bench reproduce figure-5\.8"):
        load("figure-5.8")
