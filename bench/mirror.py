"""MLflow mirror of the store: one writer in the background, one ``log_batch`` per trial.

The store is the truth. An MLflow that is down, slow or read-only never stops or slows a sweep; what
it missed is written by the next ``bench mlflow sync``. Trials are told apart by the tag
``pointbench.trial_id``, so writing one twice adds nothing.
"""

from __future__ import annotations

import math
import os
import queue
import re
import threading
from pathlib import Path
from typing import Any

from results.record import TrialRecord
from results.store import Store

_TAG = "pointbench.trial_id"
_RUN_STATUS = {
    "finished": "FINISHED",
    "diverged": "FAILED",
    "failed": "FAILED",
    "skipped": "KILLED",
}
_MAX_FAILURES = 3
"""After so many failed writes in a row the mirror gives up until the next sync."""
_NOTED_AT_ONCE = 50
_LONGEST_VALUE = 500


def default_uri(store: Store) -> str:
    """``MLFLOW_TRACKING_URI``, else a SQLite file beside the store."""
    configured = os.environ.get("MLFLOW_TRACKING_URI")
    if configured:
        return configured
    if "://" in store.url:
        raise ValueError("a remote store needs MLFLOW_TRACKING_URI for its mirror")
    return f"sqlite:///{Path(store.url).resolve() / 'mlflow.db'}"


class Mirror:
    """Connection to one MLflow server or database."""

    def __init__(self, store: Store, uri: str) -> None:
        self._store = store
        self.uri = uri
        self._client: Any = None
        self._experiments: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._noted: list[dict[str, str]] = []

    @property
    def shown_uri(self) -> str:
        """The address without user name and password."""
        return re.sub(r"//[^/@]*@", "//", self.uri)

    def write(self, record: TrialRecord) -> bool:
        """Write one trial unless MLflow has it; True when it was new.

        Raises:
            Exception: whatever MLflow raises.
        """
        experiment = self._experiment(record.sweep)
        if record.trial_id in self._known:
            return False
        from mlflow.entities import Metric, Param, RunTag

        ended = int(record.finished_at * 1000)
        started = ended - int(record.seconds.get("total", 0.0) * 1000)
        tags = {
            _TAG: record.trial_id,
            "mlflow.runName": f"{record.loss}-{record.trial_id}",
            "pointbench.status": record.status,
            "mlflow.source.name": "pointbench",
        }
        if record.reason:
            tags["pointbench.reason"] = record.reason[-_LONGEST_VALUE:]
        run = self._client.create_run(experiment, start_time=started, tags=tags)
        run_id = run.info.run_id
        metrics = [
            Metric(_name(key), value, ended, 0)
            for key, value in record.metrics.items()
            if value is not None and math.isfinite(value)
        ]
        metrics += [Metric(f"seconds.{key}", v, ended, 0) for key, v in record.seconds.items()]
        metrics += [
            Metric(f"curve.{_name(key)}", value, ended, int(point["step"]))
            for point in record.curve
            for key, value in point.items()
            if key != "step" and value is not None
        ]
        params = {"task": record.task, "loss": record.loss, "replicate": record.replicate}
        params |= _flat("task", record.task_options) | _flat("loss", record.loss_options)
        params |= _flat("train", record.train_options) | {"scale": record.scale}
        self._client.log_batch(
            run_id,
            metrics=metrics[:1000],
            params=[Param(_name(k), str(v)[:_LONGEST_VALUE]) for k, v in params.items()][:100],
            tags=[RunTag("pointbench.data", f"{record.data_name} {record.data_version}")],
        )
        self._client.set_terminated(run_id, _RUN_STATUS[record.status], end_time=ended)
        self._known[record.trial_id] = run_id
        self._noted.append(
            {"trial_id": record.trial_id, "run_id": run_id, "tracking_uri": self.uri}
        )
        if len(self._noted) >= _NOTED_AT_ONCE:
            self.note()
        return True

    def known(self, sweep: str) -> set[str]:
        """Ids of the trials that MLflow has of a sweep."""
        self._experiment(sweep)
        return set(self._known)

    def note(self) -> None:
        """Keep in the store which runs were written."""
        self._store.append_mirror(self._noted)
        self._noted.clear()

    def _experiment(self, sweep: str) -> str:
        """Id of the sweep's experiment; connects and reads what MLflow has on first use."""
        if sweep in self._experiments:
            return self._experiments[sweep]
        client = self._connect()
        found = client.get_experiment_by_name(sweep)
        experiment = found.experiment_id if found is not None else client.create_experiment(sweep)
        self._known.update(_runs_by_trial(client, experiment))
        self._experiments[sweep] = str(experiment)
        return self._experiments[sweep]

    def _connect(self) -> Any:
        if self._client is None:
            os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
            os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
            import logging

            logging.getLogger("alembic").setLevel(logging.ERROR)
            logging.getLogger("mlflow").setLevel(logging.ERROR)
            from mlflow import MlflowClient

            self._client = MlflowClient(tracking_uri=self.uri)
        return self._client


class BackgroundMirror:
    """A sink that mirrors in a thread of its own and never raises."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._queue: queue.SimpleQueue[TrialRecord | None] = queue.SimpleQueue()
        self.missed = 0
        self.problem: str | None = None
        self._thread = threading.Thread(target=self._work, name="mlflow-mirror", daemon=True)
        self._thread.start()

    def add(self, record: TrialRecord) -> None:
        """Queue a record; returns at once."""
        self._queue.put(record)

    def close(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for the queue to empty."""
        self._queue.put(None)
        self._thread.join(timeout)
        if self._thread.is_alive():
            self.missed += self._queue.qsize()
            self.problem = self.problem or f"MLflow did not answer within {timeout:.0f} s"

    def _work(self) -> None:
        failures = 0
        while (record := self._queue.get()) is not None:
            if failures >= _MAX_FAILURES:
                self.missed += 1
                continue
            try:
                self._mirror.write(record)
                failures = 0
            except Exception as error:
                failures += 1
                self.missed += 1
                self.problem = _one_line(error)
        try:
            self._mirror.note()
        except Exception as error:
            self.problem = _one_line(error)


def sync(store: Store, mirror: Mirror) -> tuple[int, int]:
    """Write every trial of the store that MLflow lacks: (new, already there)."""
    trials = store.load(columns=["trial_id", "sweep"])
    known: set[str] = set()
    for sweep in sorted(trials["sweep"].unique()):
        known |= mirror.known(sweep)
    missing = [trial_id for trial_id in trials["trial_id"] if trial_id not in known]
    for trial_id in missing:
        mirror.write(store.record(trial_id))
    mirror.note()
    return len(missing), len(trials) - len(missing)


def _runs_by_trial(client: Any, experiment: Any) -> dict[str, str]:
    """Finished MLflow runs of an experiment by trial id; a half-written run is removed."""
    known: dict[str, str] = {}
    token: str | None = None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        for run in page:
            trial_id = run.data.tags.get(_TAG)
            if trial_id is None:
                continue
            if run.info.status == "RUNNING" or trial_id in known:
                client.delete_run(run.info.run_id)
            else:
                known[trial_id] = run.info.run_id
        token = page.token
        if not token:
            return known


def _flat(prefix: str, options: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in options.items():
        if isinstance(value, dict):
            flat |= _flat(f"{prefix}.{key}", value)
        else:
            flat[f"{prefix}.{key}"] = value
    return flat


def _name(key: str) -> str:
    """MLflow allows letters, digits and ``_-. /`` in names."""
    return "".join(c if c.isalnum() or c in "_-. /" else "_" for c in key)


def _one_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__
