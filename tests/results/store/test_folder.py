"""Object stores: which file system opens a URL, what their failures say, what messages hide."""

from __future__ import annotations

import pytest

from results.store.folder import open_folder
from results.store.trial_store import Store, StoreError

SECRET = "s3://AKIAKEY:secret@bucket/runs?region=us-east-1&endpoint_override=127.0.0.1:1"


def test_a_file_system_that_only_pyarrow_knows_holds_a_store(make_record):
    store = Store.open("mock:///runs")
    for name in ("a", "b"):
        store.append(make_record(name))
    assert store.statuses() == {"a": "finished", "b": "finished"}
    assert store.compact() == 2
    store.append(make_record("c"))
    assert list(store.load(columns=["trial_id"])["trial_id"]) == ["a", "b", "c"]
    assert store.record("a") == make_record("a")


def test_a_file_url_is_a_local_folder(tmp_path, make_record):
    store = Store.open(f"file://{tmp_path}/runs")
    store.append(make_record())
    assert store.url == str(tmp_path / "runs")
    assert Store.open(tmp_path / "runs", create=False).statuses() == {"t0": "finished"}


def test_keys_in_a_url_open_the_store_and_are_never_shown():
    store = Store(open_folder(SECRET))
    assert store.url == SECRET
    assert store.shown == "s3://***@bucket/runs"
    assert "secret" not in repr(store)


@pytest.mark.parametrize("error", [PermissionError(13, "Access Denied"), TimeoutError("no answer")])
def test_an_object_store_that_fails_is_named_with_the_cause(monkeypatch, make_record, error):
    store = Store.open(f"memory://failing-{type(error).__name__}")

    def fail(*arguments, **options):
        raise error

    for operation in ("ls", "pipe_file"):
        monkeypatch.setattr(store._folder._system, operation, fail)
    for action in (store.statuses, lambda: store.append(make_record())):
        with pytest.raises(StoreError, match=r"memory://failing.*(Access Denied|no answer)"):
            action()


def test_a_bucket_that_does_not_exist(monkeypatch, make_record):
    store = Store.open("memory://no-bucket")

    def fail(path, content):
        raise FileNotFoundError("NO_SUCH_BUCKET")

    monkeypatch.setattr(store._folder._system, "pipe_file", fail)
    with pytest.raises(StoreError, match=r"NO_SUCH_BUCKET\); does the bucket exist"):
        store.append(make_record())
