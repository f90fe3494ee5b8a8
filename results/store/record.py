"""One trial as it is kept: what was run, how it ended, what was measured, and where."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

from results.store.plain_json import plain_json

STATUSES = ("finished", "failed", "skipped", "diverged")

SAMPLES = "samples"
"""Key of ``details``: counts of each sample of the test set, by name."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True)
class TrialRecord:
    """A trial that ended, in whichever way.

    Options, details and the curve may hold anything JSON can; numbers that are not finite are kept
    as null, tuples come back as lists.

    Attributes:
        trial_id: content hash of the configuration; letters, digits, ``-`` and ``_`` only.
        status: one of `STATUSES`.
        reason: why it was skipped, how it diverged, or the traceback; None when finished.
        metrics: test and validation metrics; None (or NaN) where a metric is undefined.
        details: what else the evaluation reports, such as the chosen threshold.
        curve: one dictionary per logged step of the training.
        seconds: wall time of the phases ``prepare``, ``train``, ``evaluate`` and ``total``.
        finished_at: seconds since the Unix epoch.
        hardware: processor or GPU model; timings are compared within one model only.
        data_name, data_version: what the task's data are called in a table, and which version.

    Raises:
        ValueError: unknown status, an id that cannot name a file, or a time that is not one.
    """

    trial_id: str
    sweep: str
    scale: str
    task: str
    loss: str
    replicate: int
    status: str
    reason: str | None
    task_options: dict[str, Any]
    loss_options: dict[str, Any]
    train_options: dict[str, Any]
    metrics: dict[str, float | None]
    details: dict[str, Any]
    curve: list[dict[str, Any]]
    seconds: dict[str, float]
    finished_at: float
    host: str
    device: str
    hardware: str
    versions: dict[str, Any]
    git_revision: str | None
    data_name: str
    data_version: str

    def __post_init__(self) -> None:
        check_identifier("trial_id", self.trial_id)
        if self.status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}; got {self.status!r}")
        if not (math.isfinite(self.finished_at) and 0 <= self.finished_at < 1e11):
            raise ValueError(
                f"finished_at must be seconds since the Unix epoch; got {self.finished_at!r}"
            )

    def to_json(self) -> str:
        """The record as one JSON object."""
        return plain_json({name: getattr(self, name) for name in FIELDS})

    @classmethod
    def from_json(cls, text: str) -> TrialRecord:
        """The record that `to_json` wrote.

        Raises:
            ValueError: not JSON, or a field is missing or unknown (named, with the nearest one).
        """
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError(f"a trial record is a JSON object; got {type(values).__name__}")
        missing = [name for name in FIELDS if name not in values]
        if missing:
            raise ValueError(f"trial record lacks the field(s) {', '.join(missing)}")
        for name in values:
            if name not in FIELDS:
                near = difflib.get_close_matches(name, FIELDS, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise ValueError(f"trial record has an unknown field '{name}'{hint}")
        return cls(**values)


FIELDS = tuple(field.name for field in dataclasses.fields(TrialRecord))


def check_identifier(name: str, value: object) -> str:
    """`value`, if it can be part of a file name on every file system."""
    if not (isinstance(value, str) and _IDENTIFIER.fullmatch(value)):
        raise ValueError(
            f"{name} must be 1 to 128 letters, digits, '-' or '_' (it names a file); got {value!r}"
        )
    return value
