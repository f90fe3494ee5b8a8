"""The MLflow mirror: complete, idempotent, out of the way when MLflow fails, and discreet."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.execution import driver
from bench.execution.mlflow_mirror import (
    BackgroundMirror,
    Mirror,
    default_uri,
    sync,
    without_secrets,
)
from bench.plugin import UsageError
from results.store.trial_store import Store, TrialRecord

SKIPPED = {"name": "noop", "behaviour": "skip", "number": {"grid": [1, 2, 3, 4]}}


def record(trial_id: str, finished_at: float = 1.7e9, **changes: Any) -> TrialRecord:
    fields: dict[str, Any] = {
        "trial_id": trial_id,
        "sweep": "mine",
        "scale": "laptop",
        "task": "noop",
        "loss": "noop",
        "replicate": 0,
        "status": "finished",
        "reason": None,
        "task_options": {"noise": 0.05},
        "loss_options": {"alpha": {"start": 0.2}},
        "train_options": {"steps": 10},
        "metrics": {"f1": 0.5, "recall": None, "precision": float("nan")},
        "details": {},
        "curve": [{"step": 5, "loss": 1.0}, {"step": 10, "loss": 0.5}],
        "seconds": {"train": 2.0, "total": 3.0},
        "finished_at": finished_at,
        "host": "here",
        "device": "cpu",
        "hardware": "a processor",
        "versions": {},
        "git_revision": None,
        "data_name": "nothing",
        "data_version": "1",
    }
    return TrialRecord(**{**fields, **changes})


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with MLflow's tables, which take seconds to make."""
    store = Store.open(tmp_path_factory.mktemp("template"))
    Mirror(store, default_uri(store)).tidy("mine", {})
    return Path(store.url) / "mlflow.db"


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Store:
    opened = Store.open(tmp_path / "store")
    (tmp_path / "store" / "mlflow.db").write_bytes(template.read_bytes())
    return opened


def runs(store: Store) -> list[Any]:
    from mlflow import MlflowClient

    client = MlflowClient(default_uri(store))
    experiment = client.get_experiment_by_name("mine")
    return list(client.search_runs([experiment.experiment_id]))


def complete(store: Store) -> tuple[int, int]:
    return sync(store, Mirror(store, default_uri(store)))


def test_a_run_holds_what_the_record_does(store: Store) -> None:
    Mirror(store, default_uri(store)).write(record("a"))
    [run] = runs(store)
    assert run.info.status == "FINISHED"
    assert run.info.end_time - run.info.start_time == 3000
    assert run.data.metrics["f1"] == 0.5
    assert run.data.metrics["seconds.train"] == 2.0
    assert run.data.metrics["curve.loss"] == 0.5
    assert not {"recall", "precision"} & set(run.data.metrics)
    assert run.data.params["task.noise"] == "0.05"
    assert run.data.params["loss.alpha.start"] == "0.2"
    assert run.data.tags["pointbench.trial_id"] == "a"


def test_every_status_is_told(store: Store) -> None:
    mirror = Mirror(store, default_uri(store))
    for status in ("finished", "failed", "diverged", "skipped"):
        mirror.write(record(status, status=status, reason="x" * 9000, metrics={}))
    assert {run.data.tags["pointbench.status"]: run.info.status for run in runs(store)} == {
        "finished": "FINISHED",
        "failed": "FAILED",
        "diverged": "FAILED",
        "skipped": "KILLED",
    }


def test_many_metrics_parameters_and_odd_names_are_taken(store: Store) -> None:
    curve = [{"step": step, "loss": 1.0, "lr": 0.1} for step in range(900)]
    options = {f"option {k} (ü)": k for k in range(150)}
    Mirror(store, default_uri(store)).write(record("a", curve=curve, task_options=options))
    [run] = runs(store)
    assert run.data.metrics["f1"] == 0.5


def test_writing_twice_adds_nothing(store: Store) -> None:
    mirror = Mirror(store, default_uri(store))
    assert mirror.write(record("a"))
    assert not mirror.write(record("a"))
    assert not Mirror(store, default_uri(store)).write(record("a"))
    assert len(runs(store)) == 1


def test_a_trial_that_was_run_again_replaces_what_it_was(store: Store) -> None:
    Mirror(store, default_uri(store)).write(record("a", status="failed", reason="no"))
    assert Mirror(store, default_uri(store)).write(record("a", finished_at=1.8e9))
    [run] = runs(store)
    assert run.info.status == "FINISHED"


def test_sync_completes_and_twice_adds_nothing(store: Store) -> None:
    for trial_id in "abc":
        store.append(record(trial_id))
    Mirror(store, default_uri(store)).write(record("b"))
    assert complete(store) == (2, 1)
    assert complete(store) == (0, 3)
    assert sorted(run.data.tags["pointbench.trial_id"] for run in runs(store)) == ["a", "b", "c"]
    assert set(store.mirrored(default_uri(store))) == {"a", "c"}


def test_sync_replaces_half_written_surplus_and_outdated_runs(store: Store) -> None:
    from mlflow import MlflowClient

    for trial_id in "abcd":
        store.append(record(trial_id, finished_at=1.8e9))
    for _ in range(2):
        Mirror(store, default_uri(store)).write(record("a", finished_at=1.8e9))
    client = MlflowClient(default_uri(store))
    experiment = client.get_experiment_by_name("mine").experiment_id
    client.create_run(experiment, tags={"pointbench.trial_id": "b"})
    Mirror(store, default_uri(store)).write(record("c", finished_at=1.7e9))
    surplus = client.create_run(experiment, tags={"pointbench.trial_id": "a"})
    client.set_terminated(surplus.info.run_id, end_time=int(1.8e12))
    foreign = client.create_run(experiment)

    assert complete(store) == (3, 1)
    found = [run for run in runs(store) if run.info.run_id != foreign.info.run_id]
    assert sorted(run.data.tags["pointbench.trial_id"] for run in found) == ["a", "b", "c", "d"]
    assert {run.info.end_time for run in found} == {int(1.8e12)}
    assert complete(store) == (0, 4)
    assert len(runs(store)) == 5, "a run that is not ours is left alone"


def test_secrets_are_blanked_out() -> None:
    for address in (
        "http://user:secret@host:5000",
        "postgresql://user:s:e@secret@host/db",
        "postgresql://host/db?user=me&password=secret&sslmode=require",
        "https://host/api?token=secret",
    ):
        told = without_secrets(f"request to {address}/x failed")
        assert "secret" not in told
        assert "host" in told
        assert told.endswith("failed")
    assert without_secrets("sqlite:////data/mlflow.db") == "sqlite:////data/mlflow.db"


def test_the_store_keeps_no_secret(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = Mirror(store, default_uri(store))
    mirror.write(record("a"))
    mirror.uri = "http://user:secret@host"
    mirror.write(record("b"))
    mirror.note()
    assert set(store.mirrored("http://host")) == {"b"}


def test_a_remote_store_without_address_is_a_usage_error(tmp_path: Path) -> None:
    store = Store.open(f"memory://{tmp_path.name}")
    with pytest.raises(UsageError, match="remote: its mirror needs MLFLOW_TRACKING_URI"):
        default_uri(store)
    mirror = BackgroundMirror(lambda: Mirror(store, default_uri(store)))
    mirror.add(record("a"))
    mirror.close(10)
    assert mirror.missed == 1
    assert "MLFLOW_TRACKING_URI" in mirror.problem


@pytest.fixture
def sweep(call: Callable, write_sweep: Callable, tmp_path: Path, template: Path) -> Callable:
    """``bench`` on a sweep whose trials are all skipped, so that it needs no Ray."""
    file = write_sweep(task=SKIPPED)
    url = tmp_path / "swept"

    def command(*arguments: str) -> Any:
        where = [file] if arguments == ("run",) else []
        return call(*arguments, *where, "--store", url)

    command.database = url / "mlflow.db"
    command.template = template.read_bytes()
    return command


@pytest.fixture(
    params=["http://user:secret@127.0.0.1:1", "read-only", "folder", "postgresql://me:secret@h/db"]
)
def broken(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> str:
    """Addresses of an MLflow that is down, that cannot be written, or that never was there."""
    if request.param == "read-only":
        file = tmp_path / "mlflow.db"
        file.write_bytes(template.read_bytes())
        return f"sqlite:///file:{file}?mode=ro&uri=true"
    return f"sqlite:///{tmp_path}" if request.param == "folder" else request.param


def test_a_broken_mlflow_is_reported_and_synced_later(
    sweep: Callable, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # MLflow makes folders of a database's address where it stands
    monkeypatch.setenv("MLFLOW_TRACKING_URI", broken)
    ran = sweep("run")
    assert ran.code == 0
    [told] = [line for line in ran.errors if "MLflow" in line]
    assert told.startswith("4 trials not mirrored to MLflow (")
    assert "; later: bench mlflow sync --store " in told

    failed = sweep("mlflow", "sync")
    assert failed.code == 2
    assert len(failed.errors) == 1
    assert failed.errors[0].startswith("error: MLflow at ")
    everything = "\n".join([ran.out, *ran.errors, failed.out, *failed.errors])
    assert "secret" not in everything
    assert "Traceback" not in everything

    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    sweep.database.write_bytes(sweep.template)
    first, second = sweep("mlflow", "sync"), sweep("mlflow", "sync")
    address = f"sqlite:///{sweep.database}"
    assert (first.code, first.out) == (0, f"4 trials written to {address}, 0 were there\n")
    assert (second.code, second.out) == (0, f"0 trials written to {address}, 4 were there\n")


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_silent_mlflow_does_not_hold_up_the_end(
    sweep: Callable, silent_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", silent_server)
    monkeypatch.setattr(driver, "_MIRROR_PATIENCE_SECONDS", 0.5)
    ran = sweep("run")
    assert ran.code == 0
    assert any(
        line.startswith("4 trials not mirrored to MLflow (MLflow did not answer within ")
        for line in ran.errors
    )


def test_processes_that_meet_at_a_new_database_create_it_once(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store")
    code = (
        "import sys\nfrom bench.execution.mlflow_mirror import Mirror, default_uri\n"
        "from results.store.trial_store import Store\nstore = Store.open(sys.argv[1])\n"
        "Mirror(store, default_uri(store)).tidy('mine', {})"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, store.url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=200)
        assert (process.returncode, errors) == (0, "")
    from mlflow import MlflowClient

    names = [found.name for found in MlflowClient(default_uri(store)).search_experiments()]
    assert sorted(names) == ["Default", "mine"]
