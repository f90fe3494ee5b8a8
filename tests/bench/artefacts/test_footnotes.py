"""Notes of losses below the artefacts that show them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from bench.artefacts.footnotes import loss_notes
from bench.artefacts.leaderboard_assembly import leaderboard
from bench.artefacts.outcomes import SweepOutcomes, join
from bench.artefacts.paper_tables import load
from bench.artefacts.sweep_artefacts import sweep_tables
from bench.execution.trial_record import record
from bench.planning.plan import plan
from bench.plugin.registry import losses
from results.store.trial_store import Store

Write = Callable[..., Path]
NOTE = "misaligned_logistic: on a deep network a method of ours"


@pytest.fixture(autouse=True)
def small_task(noop: ModuleType) -> ModuleType:
    return noop


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store")


def test_a_loss_is_noted_once_and_others_say_nothing() -> None:
    names = ["softloc", "misaligned_logistic", "gone_loss", "misaligned_logistic", "cross_entropy"]
    [note] = loss_notes(names)
    assert note.startswith(NOTE)
    assert losses.get("misaligned_logistic").note in note


def test_tables_of_a_sweep_and_the_papers_show_the_notes_of_their_rows(
    store: Store, write_sweep: Write, tmp_path: Path
) -> None:
    shown = [{"table": {"rows": "loss", "columns": "task.noise", "values": ["f1"]}}]
    named = [{"name": "noop"}, {"name": "misaligned_logistic"}]
    path = write_sweep("mine", loss=named, show=shown)
    planned = plan(str(path))
    [made] = sweep_tables(planned, join(list(planned.trials), store))
    assert sum(note.startswith(NOTE) for note in made.footnotes) == 1

    def footnotes(loss: str) -> tuple[str, ...]:
        table = {
            "id": "own",
            "title": "Own",
            "source": "mine",
            "sweeps": [path.name],
            "columns": [{"label": "F1", "metric": "f1"}],
            "blocks": [{"section": "all", "rows": [{"label": "row", "where": {"loss": loss}}]}],
        }
        file = tmp_path / "own.yaml"
        file.write_text(json.dumps(table, indent=1), encoding="utf-8")
        own = load(str(file))
        [block] = own.fill(join(own.planned(), store))
        return block.footnotes

    assert any(note.startswith(NOTE) for note in footnotes("misaligned_logistic"))
    assert not any(note.startswith(NOTE) for note in footnotes("noop"))


@pytest.mark.parametrize("noted", [True, False])
def test_the_leaderboard_shows_the_notes_of_its_methods(
    noted: bool, store: Store, write_sweep: Write
) -> None:
    names = ["noop", "misaligned_logistic"] if noted else ["noop"]
    path = write_sweep(loss=[{"name": name} for name in names])
    for one in plan(str(path)).trials:
        outcome = SimpleNamespace(metrics={"f1": 0.5}, details={}, curve=[], seconds={}, device="")
        store.append(record(one.trial, "mine", "finished", None, outcome=outcome))
    board = leaderboard(store, SweepOutcomes(store), [str(path)])
    assert sum(note.startswith(NOTE) for note in board.notes) == noted
