"""What a store promises to one process, on a local path and on an object store."""

from __future__ import annotations

import json
import math
import os
import secrets
import threading
import time

import numpy as np
import pandas as pd
import pytest

from results.store import row_log as rowlog
from results.store.trial_store import SCHEMA_VERSION, Store, StoreError


@pytest.fixture(params=["local", "memory"])
def url(request, tmp_path):
    return tmp_path / "runs" if request.param == "local" else f"memory://{secrets.token_hex(8)}"


def test_statuses_and_frame_before_and_after_compaction(url, make_record):
    store = Store.open(url)
    store.append(make_record("b", metrics={"f1": math.nan}))
    store.append(make_record("a", status="diverged", reason="NaN at step 3", metrics={}))
    store.append(make_record("c", loss_options={"alpha": 0.5}))
    expected = {"a": "diverged", "b": "finished", "c": "finished"}
    before = store.load()
    assert store.statuses() == expected
    assert store.compact() == 3
    assert store.compact() == 0
    assert store.statuses() == expected
    pd.testing.assert_frame_equal(store.load(), before)
    assert list(before["trial_id"]) == ["a", "b", "c"]
    assert list(before["reason"].fillna("-")) == ["NaN at step 3", "-", "-"]
    assert list(before["task.noise"]) == [0.05] * 3
    assert np.isnan(before["metric.f1"][0])
    assert np.isnan(before["metric.f1"][1])
    assert before["metric.f1"][2] == 0.95
    assert list(before["loss.alpha.form"].fillna("-")) == ["linear", "linear", "-"]
    assert before["loss.alpha"][2] == 0.5
    assert "curve" not in before


def test_a_second_store_object_sees_what_the_first_wrote(url, make_record):
    Store.open(url).append(make_record("a"))
    assert Store.open(url, create=False).statuses() == {"a": "finished"}


def test_load_of_chosen_columns_and_ids(url, make_record):
    store = Store.open(url)
    for index in range(6):
        store.append(make_record(f"t{index}", finished_at=1e9 + index))
        if index == 2:
            store.compact()
    columns = ["metric.f1", "trial_id", "loss.missing", "curve", "details"]
    frame = store.load(ids=["t4", "t1", "absent"], columns=columns)
    assert list(frame.columns) == columns
    assert list(frame["trial_id"]) == ["t1", "t4"]
    assert frame["loss.missing"].isna().all()
    assert frame["curve"][0] == make_record().curve
    assert frame["details"][1] == {"threshold": 0.4}
    assert store.load(ids=[]).empty
    with pytest.raises(ValueError, match=r"no column 'metrics.f1' .*; did you mean 'metric.'"):
        store.load(columns=["metrics.f1"])
    with pytest.raises(ValueError, match=r"no column 'trial' .*; did you mean 'trial_id'"):
        store.load(columns=["trial"])


def test_an_empty_store_gives_empty_answers(url):
    store = Store.open(url)
    assert store.statuses() == {}
    assert store.load().empty
    assert {"trial_id", "status"} <= set(store.load().columns)
    assert store.compact() == 0
    assert store.sessions().empty
    assert store.mirrored() == {}
    with pytest.raises(KeyError, match="no trial 'x'"):
        store.record("x")


@pytest.mark.parametrize("compact", ["never", "between", "after"])
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_of_duplicates_a_finished_one_counts_then_the_latest(tmp_path, make_record, order, compact):
    store = Store.open(tmp_path)
    duplicates = [
        make_record(status="finished", finished_at=10.0, host="first"),
        make_record(status="finished", finished_at=20.0, host="second"),
        make_record(status="failed", finished_at=30.0, host="third"),
        make_record(status="diverged", finished_at=40.0, host="fourth"),
    ]
    for index in order:
        store.append(duplicates[index])
        if compact == "between":
            store.compact()
    if compact == "after":
        store.compact()
    assert store.statuses() == {"t0": "finished"}
    assert list(store.load()["host"]) == ["second"]
    assert store.record("t0") == duplicates[1]


def test_without_a_finished_one_the_latest_counts(tmp_path, make_record):
    store = Store.open(tmp_path)
    store.append(make_record(status="failed", finished_at=30.0))
    store.append(make_record(status="diverged", finished_at=40.0))
    store.append(make_record(status="failed", finished_at=20.0))
    assert store.statuses() == {"t0": "diverged"}


def test_many_small_merged_files_are_merged_again(tmp_path, make_record):
    store = Store.open(tmp_path)
    for index in range(rowlog.MANY_SMALL * 2 + 3):
        store.append(make_record(f"t{index:03}"))
        store.compact()
    assert len(list((tmp_path / "trials" / "merged").iterdir())) < rowlog.MANY_SMALL
    assert len(store.statuses()) == rowlog.MANY_SMALL * 2 + 3
    assert store.record("t007") == make_record("t007")


def test_files_of_writers_that_were_killed_are_ignored_and_later_removed(tmp_path, make_record):
    store = Store.open(tmp_path)
    store.append(make_record())
    fresh, stale = (tmp_path / "trials" / "new" / f".writing-{name}" for name in ("f", "s"))
    for path in (fresh, stale):
        path.write_bytes(b"half a file")
    os.utime(stale, (time.time() - 7200,) * 2)
    assert store.statuses() == {"t0": "finished"}
    assert len(store.load()) == 1
    store.compact()
    assert fresh.exists()
    assert not stale.exists()


def test_leftovers_of_a_compaction_that_was_killed_are_harmless(tmp_path, make_record):
    store = Store.open(tmp_path)
    for index in range(5):
        store.append(make_record(f"t{index}"))
    copies = {path: path.read_bytes() for path in (tmp_path / "trials" / "new").iterdir()}
    store.compact()
    for path, content in copies.items():
        path.write_bytes(content)  # as if killed before deleting
    assert len(store.statuses()) == len(store.load()) == 5
    store.compact()
    assert len(store.statuses()) == len(store.load()) == 5


def test_a_reader_lists_again_when_a_compactor_was_faster(tmp_path, make_record, monkeypatch):
    store, other = Store.open(tmp_path), Store.open(tmp_path)
    for index in range(5):
        store.append(make_record(f"t{index}"))
    raced = []
    original = rowlog.RowLog._read_new

    def read_late(self, names):
        if not raced:
            raced.append(other.compact())
        return original(self, names)

    with monkeypatch.context() as patch:
        patch.setattr(store._trials, "_read_new", read_late.__get__(store._trials))
        assert len(store.load()) == 5
    assert raced == [5]


def test_only_one_compactor_at_a_time(tmp_path, make_record):
    store = Store.open(tmp_path)
    store.append(make_record())
    with store._folder.lock() as mine:
        assert mine
        assert Store.open(tmp_path).compact() == 0
    assert Store.open(tmp_path).compact() == 1


def test_threads_may_append_and_compact_at_once(tmp_path, make_record):
    store = Store.open(tmp_path)
    failures = []

    def work(worker):
        try:
            for index in range(40):
                store.append(make_record(f"w{worker}-{index}"))
                if index % 10 == 0:
                    store.compact()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        count = len(store.statuses())
        assert count <= len(store.load(columns=["trial_id"]))
    assert not failures
    assert len(store.statuses()) == 160


def test_sessions_are_rewritten_by_id(url):
    store = Store.open(url)
    store.append_session({"session_id": "s2", "started_at": 2.0, "run": 0, "ended_at": None})
    store.append_session({"session_id": "s1", "started_at": 1.0, "run": 5})
    store.append_session({"session_id": "s2", "started_at": 2.0, "run": 7, "ended_at": 3.0})
    sessions = store.sessions()
    assert list(sessions["session_id"]) == ["s1", "s2"]
    assert list(sessions["run"]) == [5, 7]
    with pytest.raises(ValueError, match=r"session_id must be .*; got None"):
        store.append_session({"started_at": 1.0})


def test_mirror_keeps_the_latest_run_of_each_trial_and_server(url):
    store = Store.open(url)
    store.append_mirror([])
    store.append_mirror(
        [{"trial_id": t, "run_id": f"r-{t}", "tracking_uri": "sqlite:///a"} for t in "xyz"]
    )
    store.append_mirror([{"trial_id": "x", "run_id": "r2", "tracking_uri": "sqlite:///a"}])
    store.compact()
    store.append_mirror([{"trial_id": "y", "run_id": "http", "tracking_uri": "http://b"}])
    for _ in range(2):
        assert store.mirrored("sqlite:///a") == {"x": "r2", "y": "r-y", "z": "r-z"}
        assert store.mirrored("http://b") == {"y": "http"}
        assert store.mirrored() == {"x": "r2", "y": "http", "z": "r-z"}
        store.compact()


def test_errors_name_the_path_and_what_to_do(tmp_path, make_record):
    def fails(match, action):
        with pytest.raises(StoreError, match=match) as caught:
            action()
        assert "\n" not in str(caught.value)

    file = tmp_path / "file"
    file.write_text("")
    fails("file: is a file, not a store; choose", lambda: Store.open(file))
    fails("file/runs.*cannot read the store", lambda: Store.open(file / "runs"))
    fails("none: no store here; run a sweep", lambda: Store.open(tmp_path / "none", create=False))
    assert not (tmp_path / "none").exists()
    fails("nope://x: cannot open this store URL", lambda: Store.open("nope://x"))

    store = Store.open(tmp_path / "runs")
    header = tmp_path / "runs" / "store.json"

    def set_version(version):
        header.write_text(json.dumps({"format": "pointbench store", "schema_version": version}))

    set_version(SCHEMA_VERSION + 1)
    fails("newer than this pointbench reads .*upgrade", lambda: Store.open(tmp_path / "runs"))
    set_version(SCHEMA_VERSION - 1)
    fails("older than this pointbench reads", lambda: Store.open(tmp_path / "runs"))
    header.write_text("{")
    fails("store.json: damaged, not JSON", lambda: Store.open(tmp_path / "runs"))
    header.write_text('{"format": "another"}')
    fails("store.json: not written by pointbench", lambda: Store.open(tmp_path / "runs"))

    store.append(make_record())
    (small,) = (tmp_path / "runs" / "trials" / "new").iterdir()
    whole = small.read_bytes()
    for broken in (b"", b"{}", b"[1]", b"[{}]", whole[: len(whole) // 2], b"\xff" * len(whole)):
        small.write_bytes(broken)
        fails(f"{small.name}: damaged or not written by pointbench .*delete it", store.load)
        fails("damaged", store.compact)
    small.write_bytes(whole)
    store.compact()
    (merged,) = (tmp_path / "runs" / "trials" / "merged").iterdir()
    merged.write_bytes(merged.read_bytes()[:-50])
    fails(f"{merged.name}: damaged or not written by pointbench", store.statuses)
    stranger = tmp_path / "runs" / "trials" / "new" / "mine.json"
    merged.unlink()
    stranger.write_bytes(whole)
    fails("mine.json: not a trial of this store; move it", store.statuses)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_without_permission_to_write(tmp_path, make_record):
    store = Store.open(tmp_path)
    os.chmod(tmp_path / "trials" / "new", 0o500)
    with pytest.raises(StoreError, match=r"cannot write to the store .*denied.*--store"):
        store.append(make_record())


def test_a_full_disk_leaves_no_half_written_file(tmp_path, make_record, monkeypatch):
    store = Store.open(tmp_path)
    store.append(make_record("a"))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("results.store.folder._sync", full)
    with pytest.raises(StoreError, match=r"cannot write to the store .No space left on device"):
        store.append(make_record("b"))
    assert store.statuses() == {"a": "finished"}
    assert len(list((tmp_path / "trials" / "new").iterdir())) == 1


def test_records_come_whole_in_one_reading(url, make_record):
    store = Store.open(url)
    records = [make_record(name, replicate=number) for number, name in enumerate("abc")]
    for record in records:
        store.append(record)
    store.compact()
    assert list(store.records()) == [store.record(name) for name in "abc"]
    assert [record.trial_id for record in store.records(["c", "a", "unknown"])] == ["a", "c"]
