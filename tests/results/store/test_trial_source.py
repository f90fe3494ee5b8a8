"""A store with reference results beneath it."""

from __future__ import annotations

import dataclasses

import pytest

from results.store import trial_source as source
from results.store.trial_source import Layered, open_source
from results.store.trial_store import Store
from results.store_error import StoreError


@pytest.fixture
def reference(tmp_path, monkeypatch, make_record):
    store = Store.open(tmp_path / "reference")
    for name, value in (("a", 0.1), ("b", 0.2)):
        store.append(make_record(trial_id=name, metrics={"f1": value}))
    store.compact()
    monkeypatch.setattr(source, "REFERENCE", tmp_path / "reference")
    return store


def test_the_reference_fills_in_what_the_store_lacks(reference, tmp_path, make_record):
    own = Store.open(tmp_path / "own")
    own.append(make_record(trial_id="b", metrics={"f1": 0.9}))
    own.append(make_record(trial_id="c", metrics={"f1": 0.3}, task_options={"other": 1}))
    both = open_source(str(tmp_path / "own"))
    assert isinstance(both, Layered)
    assert set(both.statuses()) == {"a", "b", "c"}
    frame = both.load(columns=["trial_id", "metric.f1", "task.other"])
    assert frame["trial_id"].tolist() == ["a", "b", "c"]
    assert frame["metric.f1"].tolist() == [0.1, 0.9, 0.3]
    assert both.load(ids=["a"])["metric.f1"].tolist() == [0.1]
    assert both.load(ids=["zzz"]).empty
    assert both.record("b").metrics == {"f1": 0.9}
    assert both.record("a").metrics == {"f1": 0.1}
    with pytest.raises(KeyError, match="zzz"):
        both.record("zzz")
    assert both.borrowed(["a", "b", "zzz"]) == {"a"}


def test_a_failure_of_the_users_own_is_not_papered_over(reference, tmp_path, make_record):
    own = Store.open(tmp_path / "own")
    failed = dataclasses.replace(
        make_record(trial_id="a"), status="failed", reason="no", metrics={}
    )
    own.append(failed)
    assert open_source(str(tmp_path / "own")).statuses()["a"] == "failed"


def test_without_a_store_there_are_the_reference_results(reference, tmp_path):
    both = open_source(str(tmp_path / "nowhere"))
    assert set(both.statuses()) == {"a", "b"}
    assert both.load()["trial_id"].tolist() == ["a", "b"]
    assert not (tmp_path / "nowhere").exists()


def test_the_reference_may_be_left_out(reference, tmp_path, make_record):
    Store.open(tmp_path / "own").append(make_record(trial_id="c"))
    assert set(open_source(str(tmp_path / "own"), reference=False).statuses()) == {"c"}
    with pytest.raises(StoreError, match="no store here"):
        open_source(str(tmp_path / "nowhere"), reference=False)
