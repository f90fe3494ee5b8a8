"""Writing reference results: a small store of its own, replaced as a whole."""

from __future__ import annotations

import pytest

from results.store.reference_results import write_reference
from results.store.trial_store import Store


def test_reference_results_are_a_small_store(tmp_path, make_record):
    folder = tmp_path / "reference"
    assert write_reference([make_record("a"), make_record("b")], folder) == 2
    assert sorted(path.suffix for path in folder.rglob("*") if path.is_file()) == [
        ".json",
        ".parquet",
    ]
    store = Store.open(folder, create=False)
    assert set(store.statuses()) == {"a", "b"}
    assert store.record("a").host == ""
    assert "samples" not in store.record("a").details
    assert store.record("a").curve == make_record("a").curve


def test_writing_again_replaces_all_but_the_readme(tmp_path, make_record):
    folder = tmp_path / "reference"
    write_reference([make_record("a")], folder)
    (folder / "README.md").write_text("what this is")
    write_reference([make_record("b")], folder)
    assert set(Store.open(folder, create=False).statuses()) == {"b"}
    assert (folder / "README.md").read_text() == "what this is"


def test_a_failure_leaves_the_old_results(tmp_path, make_record):
    folder = tmp_path / "reference"
    write_reference([make_record("a")], folder)

    def broken():
        yield make_record("b")
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        write_reference(broken(), folder)
    assert set(Store.open(folder, create=False).statuses()) == {"a"}
    assert [path.name for path in tmp_path.iterdir()] == ["reference"]
