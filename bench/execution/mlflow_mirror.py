"""MLflow mirror of the store: one writer in the background, one ``log_batch`` per trial.

The store is the truth. An MLflow that is down, slow or read-only never stops or slows a sweep; what
it missed is written by the next ``bench mlflow sync``. A run belongs to a trial by the tag
``pointbench.trial_id`` and to one record of it by its end time, so writing a record twice adds
nothing, and a trial that was run again replaces what it was.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import queue
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from bench.plugin import UsageError
from results.store.record import TrialRecord
from results.store.trial_columns import flatten
from results.store.trial_store import Store

_TAG = "pointbench.trial_id"
_RUN_STATUS = {
    "finished": "FINISHED",
    "diverged": "FAILED",
    "failed": "FAILED",
    "skipped": "KILLED",
}
_MAX_FAILURES = 3
"""After so many failed writes in a row the mirror gives up until the next sync."""
_CREATION_SECONDS = 300.0
_NOTED_AT_ONCE = 50
_LONGEST_VALUE = 500


def default_uri(store: Store) -> str:
    """``MLFLOW_TRACKING_URI``, else a SQLite file beside the store.

    Raises:
        UsageError: neither is there.
    """
    configured = os.environ.get("MLFLOW_TRACKING_URI")
    if configured:
        return configured
    if "://" in store.url:
        raise UsageError(f"store {store.shown} is remote: its mirror needs MLFLOW_TRACKING_URI")
    return f"sqlite:///{Path(store.url).resolve() / 'mlflow.db'}"


class Mirror:
    """Connection to one MLflow server or database."""

    def __init__(self, store: Store, uri: str) -> None:
        self._store = store
        self.uri = uri
        self._client: Any = None
        self._experiments: dict[str, str] = {}
        self._known: dict[str, _Run] = {}
        self._noted: list[dict[str, str]] = []

    @property
    def shown_uri(self) -> str:
        """The address without user name and password."""
        return without_secrets(self.uri)

    def write(self, record: TrialRecord) -> bool:
        """Write one trial unless MLflow has it; True when it was new.

        Raises:
            Exception: whatever MLflow raises.
        """
        experiment = self._experiment(record.sweep)
        ended = _milliseconds(record.finished_at)
        known = self._known.get(record.trial_id)
        if known is not None:
            if known.ended == ended:
                return False
            self._client.delete_run(known.run_id)
        from mlflow.entities import Metric, Param, RunTag

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
        params |= dict(flatten("task", record.task_options))
        params |= dict(flatten("loss", record.loss_options))
        params |= dict(flatten("train", record.train_options)) | {"scale": record.scale}
        self._client.log_batch(
            run_id,
            metrics=metrics[:1000],
            params=[Param(_name(k), str(v)[:_LONGEST_VALUE]) for k, v in params.items()][:100],
            tags=[RunTag("pointbench.data", f"{record.data_name} {record.data_version}")],
        )
        self._client.set_terminated(run_id, _RUN_STATUS[record.status], end_time=ended)
        self._known[record.trial_id] = _Run(run_id, record.trial_id, ended)
        self._noted.append(
            {"trial_id": record.trial_id, "run_id": run_id, "tracking_uri": self.shown_uri}
        )
        if len(self._noted) >= _NOTED_AT_ONCE:
            self.note()
        return True

    def tidy(self, sweep: str, ended: Mapping[str, float]) -> set[str]:
        """Delete half-written, outdated and surplus runs of a sweep.

        Args:
            ended: when each trial of the sweep ended, by id.

        Returns:
            ids of the trials that MLflow has.
        """
        experiment = self._experiment(sweep)
        found: set[str] = set()
        self._known.clear()
        for run in _runs(self._client, experiment):
            if run.trial_id not in ended:
                continue
            if run.ended == _milliseconds(ended[run.trial_id]) and run.trial_id not in found:
                found.add(run.trial_id)
            else:
                self._client.delete_run(run.run_id)
        return found

    def note(self) -> None:
        """Keep in the store which runs were written."""
        self._store.append_mirror(self._noted)
        self._noted.clear()

    def _experiment(self, sweep: str) -> str:
        """Id of the sweep's experiment; connects and reads what MLflow has on first use."""
        if sweep in self._experiments:
            return self._experiments[sweep]
        with self._alone():
            client = self._connect()
            found = client.get_experiment_by_name(sweep)
            experiment = str(found.experiment_id if found else client.create_experiment(sweep))
        self._known |= {run.trial_id: run for run in _runs(client, experiment) if run.ended}
        self._experiments[sweep] = experiment
        return experiment

    def _alone(self) -> AbstractContextManager[object]:
        """Processes that meet at a new SQLite file must not create its tables at the same time."""
        path = self.uri.removeprefix("sqlite:///")
        if path == self.uri or not Path(path).parent.is_dir():
            return contextlib.nullcontext()
        return FileLock(f"{path}.lock", timeout=_CREATION_SECONDS)

    def _connect(self) -> Any:
        if self._client is None:
            os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
            os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
            os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
            from mlflow import MlflowClient
            from mlflow.store.db import utils

            # After the import, which sets levels; somebody else may have imported it before.
            for name in ("mlflow", "alembic", "urllib3"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            utils.MAX_RETRY_COUNT = 3  # the default of ten takes 100 s
            self._client = MlflowClient(tracking_uri=self.uri)
        return self._client


class BackgroundMirror:
    """A sink that mirrors in a thread of its own and never raises.

    Attributes:
        missed: number of records that MLflow did not take.
        problem: why, in one line without secrets; None when it took all.
    """

    def __init__(self, open_mirror: Callable[[], Mirror]) -> None:
        self._open = open_mirror
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
        mirror: Mirror | None = None
        while (record := self._queue.get()) is not None:
            if failures >= _MAX_FAILURES:
                self.missed += 1
                continue
            try:
                mirror = mirror or self._open()
                mirror.write(record)
                failures = 0
            except Exception as error:
                failures += 1
                self.missed += 1
                self.problem = one_line(error)
        try:
            if mirror is not None:
                mirror.note()
        except Exception as error:
            self.problem = one_line(error)


def sync(store: Store, mirror: Mirror) -> tuple[int, int]:
    """Write every trial of the store that MLflow lacks: (new, already there)."""
    trials = store.load(columns=["trial_id", "sweep", "finished_at"])
    new = 0
    for sweep, group in trials.groupby("sweep"):
        ended = dict(zip(group["trial_id"], group["finished_at"], strict=True))
        found = mirror.tidy(str(sweep), ended)
        for trial_id in ended:
            if trial_id not in found:
                mirror.write(store.record(trial_id))
                new += 1
    mirror.note()
    return new, len(trials) - new


class _Run(NamedTuple):
    """An MLflow run of a trial; ``ended`` is None while it is written, or when that was cut off."""

    run_id: str
    trial_id: str
    ended: int | None


def _runs(client: Any, experiment: str) -> list[_Run]:
    """Runs of an experiment that stand for trials."""
    runs: list[_Run] = []
    token: str | None = None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        runs += [
            _Run(run.info.run_id, run.data.tags[_TAG], run.info.end_time)
            for run in page
            if _TAG in run.data.tags
        ]
        token = page.token
        if not token:
            return runs


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _name(key: str) -> str:
    """MLflow allows letters, digits and ``_-. /`` in names."""
    return "".join(c if c.isalnum() or c in "_-. /" else "_" for c in key)


def without_secrets(text: str) -> str:
    """``text`` with user names, passwords and tokens in addresses blanked out."""
    text = re.sub(r"//[^/\s]*@", "//", text)
    return re.sub(r"(?i)((?:password|token|secret)=)[^&\s'\"]*", r"\1***", text)


def one_line(error: BaseException) -> str:
    """What went wrong, in one line without secrets."""
    text = without_secrets(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__
