"""Some trials of a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from bench.planning.chosen_trials import chosen, matches
from bench.planning.plan import plan


def test_the_chosen_ones_in_planned_order(
    noop: ModuleType, write_sweep: Callable[..., Path]
) -> None:
    whole = plan(str(write_sweep(task={"name": "noop", "number": {"grid": [1, 2, 3]}})))
    found = chosen(whole, {whole.ids[2], whole.ids[0]})
    assert found.ids == [whole.ids[0], whole.ids[2]]
    assert (found.sweep, found.scale, found.resources) == (
        whole.sweep,
        whole.scale,
        whole.resources,
    )
    assert chosen(whole, []).ids == []
    with pytest.raises(ValueError, match="sweep 'mine' plans no trial nothing"):
        chosen(whole, ["nothing"])


def test_a_list_stands_for_any_of_its_values(
    noop: ModuleType, write_sweep: Callable[..., Path]
) -> None:
    trials = plan(str(write_sweep(task={"name": "noop", "number": {"grid": [1, 2, 3]}}))).trials

    def numbers(wanted: object) -> list[float]:
        found = [one for one in trials if matches(one, {"task.number": wanted})]
        return [one.config["task"]["number"] for one in found]

    assert numbers(2) == [2]
    assert numbers([3, 7, 1]) == [1, 3]
    assert numbers([]) == []


def test_a_search_has_none_to_choose(noop: ModuleType, write_sweep: Callable[..., Path]) -> None:
    search = plan(str(write_sweep(search="optuna", trials=2, initial=1)))
    with pytest.raises(ValueError, match="'mine' is a search"):
        chosen(search, search.ids)
