"""The papers' figures: declarations checked before anything runs, and what is drawn of a store."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from bench.artefacts.outcomes import join
from bench.artefacts.paper_figures import load_figure
from bench.execution.trial_record import record
from bench.plugin import UsageError
from bench.specs.paper_table import figures
from results.store.trial_store import Store

ROWS = [
    {"label": "SoftLoc", "where": {"loss": "softloc"}},
    {"label": "picking", "where": {"loss": "cross_entropy", "loss.decoder": "peaks"}},
]
CURVES = {"x": "task.noise", "y": "f1", "rows": ROWS}
PANELS = {
    "detail": "filter",
    "mark": "line",
    "x": "steps",
    "y": "weight",
    "panels": [
        {"label": one["label"], "where": one["where"] | {"task.noise": 0.0}} for one in ROWS
    ],
}
KEPT = {"learned": {"x": [0, 1, 2], "y": [0.1, 0.8, 0.1]}}


@dataclasses.dataclass
class Outcome:
    metrics: dict[str, float]
    details: dict = dataclasses.field(default_factory=dict)
    curve: list = dataclasses.field(default_factory=list)
    seconds: dict = dataclasses.field(default_factory=lambda: {"train": 10.0})
    device: str = "cpu"


@pytest.fixture
def declare(tmp_path: Path):
    def write(**keys: Any) -> str:
        content = {"id": "mine", "title": "t", "source": "s", "sweep": "drums-noise"} | keys
        path = tmp_path / "mine.yaml"
        with path.open("w") as file:
            YAML(typ="safe").dump(content, file)
        return str(path)

    return write


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def finished(planned: Any, details: dict[str, Any]) -> Any:
    outcome = Outcome({"f1": 0.5 + 0.1 * planned.trial.replicate}, details)
    return record(planned.trial, "s", "finished", None, outcome=outcome)


@pytest.mark.parametrize("name", sorted(figures()))
@pytest.mark.parametrize("scale", ["smoke", "laptop", "paper"])
def test_declared_figures_select_trials(name: str, scale: str) -> None:
    figure = load_figure(name, scale)
    assert figure.spec.id == name
    assert figure.needed().trials


def test_only_what_a_figure_shows_is_needed(declare) -> None:
    figure = load_figure(declare(curves=CURVES))
    losses = {one.trial.loss.plugin_name for one in figure.needed().trials}
    assert losses == {"softloc", "cross_entropy"}
    assert len(figure.needed().trials) == 2 * 4 * 5


def test_curves_are_drawn_from_the_store(declare, store: Store, tmp_path: Path) -> None:
    figure = load_figure(declare(curves=CURVES))
    shown = figure.selected(ROWS[0]["where"])
    for planned in shown:
        store.append(finished(planned, {}))
    files = figure.draw(join(figure.plan.trials, store), store, tmp_path / "out")
    assert [path.name for path in files] == ["mine.svg", "mine.png", "mine.csv"]
    frame = pd.read_csv(files[2])
    ours = frame[frame["curve"] == "SoftLoc"]
    assert ours["task.noise"].tolist() == [0, 25, 50, 100]
    assert ours["mean"].tolist() == pytest.approx([0.7] * 4)
    assert set(" ".join(ours["trials"]).split()) == {one.trial_id for one in shown}
    assert frame[frame["curve"] == "picking"]["n"].tolist() == [0, 0, 0, 0]


def test_panels_show_the_first_replicate_that_finished(declare, store: Store, tmp_path) -> None:
    figure = load_figure(declare(panels=PANELS))
    of_ours = figure.selected(PANELS["panels"][0]["where"])
    for planned in (of_ours[3], of_ours[1]):
        store.append(finished(planned, {"filter": KEPT}))
    _, _, csv = figure.draw(join(figure.plan.trials, store), store, tmp_path / "out")
    frame = pd.read_csv(csv)
    assert frame["y"].tolist() == [0.1, 0.8, 0.1]
    assert set(frame["trial"]) == {of_ours[1].trial_id}


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({}, "keeps no 'filter'"),
        ({"filters": KEPT}, "keeps no 'filter'.*filters"),
        ({"filter": [1, 2]}, "'filter' is not"),
        ({"filter": {"a": {"x": [1]}}}, "'filter' is not.*y"),
        ({"filter": {"a": {"x": [1, 2], "y": [1]}}}, "2 values of x and 1 of y"),
        ({"filter": {"a": {"x": [1], "y": [None]}}}, "'filter' is not"),
    ],
)
def test_what_no_series_can_be_read_from(
    declare, store: Store, tmp_path: Path, details: dict[str, Any], message: str
) -> None:
    figure = load_figure(declare(panels=PANELS))
    store.append(finished(figure.selected(PANELS["panels"][0]["where"])[0], details))
    with pytest.raises(UsageError, match=message):
        figure.draw(join(figure.plan.trials, store), store, tmp_path / "out")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"sweep": "drum-noise", "curves": CURVES}, "unknown sweep 'drum-noise'.*drums-noise"),
        ({"surface": "f1"}, "shows no surface of 'f1'"),
        ({"curves": CURVES | {"y": "f2"}}, "unknown metric 'f2'.*f1"),
        ({"curves": CURVES | {"x": "task.nois"}}, "unknown parameter 'task.nois'.*noise"),
        ({"curves": CURVES | {"x": "task.subset"}}, "'task.subset' is no number"),
        (
            {"curves": CURVES | {"rows": [{"label": "x", "where": {"loss": "soft"}}]}},
            "'x' selects no trial of drums-noise",
        ),
    ],
)
def test_mistakes_are_found_before_anything_runs(declare, keys: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load_figure(declare(**keys))
    assert all("mine.yaml:" in problem for problem in caught.value.problems)
