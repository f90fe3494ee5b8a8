"""Trials as data files of the page that shows any one of them.

Twenty thousand pages would weigh several times as much as their data, so one page shows whichever
trial its address names (``trial.html#ID``), and data come in shards: scripts, because a page opened
from a folder may load scripts beside it but read no files.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from results.site.page_names import shard_of
from results.store.plain_json import plain_json
from results.store.record import TrialRecord

PER_SHARD = 64
_SHARED = (
    "train_options",
    "versions",
    "host",
    "device",
    "hardware",
    "git_revision",
    "data_name",
    "data_version",
)
"""Fields that are equal in most trials: kept once in a shard."""

Place = tuple[str, str]
"""Where a trial appears: what the place is called, and its address from the site's root."""


def count_shards(trials: int) -> int:
    """A power of two, so that a shard holds about `PER_SHARD` trials."""
    return 1 << max(0, math.ceil(math.log2(max(1, trials / PER_SHARD))))


def shard_name(shard: int) -> str:
    """File name of a shard."""
    return f"{shard:04x}.js"


def shard_files(
    records: Iterable[TrialRecord],
    places: Mapping[str, Sequence[Place]],
    runs: Mapping[str, str],
) -> tuple[list[str], int]:
    """Contents of the data files, one per shard, and the number of trials.

    Args:
        records: the trials; consumed once.
        places: where each trial appears, by id.
        runs: MLflow run by trial id.
    """
    entries = [(record.trial_id, _entry(record), _shared(record)) for record in records]
    shards = count_shards(len(entries))
    grouped: list[list[tuple[str, str, str]]] = [[] for _ in range(shards)]
    for entry in entries:
        grouped[shard_of(entry[0], shards)].append(entry)
    files = [_shard(number, group, places, runs) for number, group in enumerate(grouped)]
    return files, len(entries)


def _shard(
    number: int,
    group: list[tuple[str, str, str]],
    places: Mapping[str, Sequence[Place]],
    runs: Mapping[str, str],
) -> str:
    shared: dict[str, int] = {}
    addresses: dict[Place, int] = {}
    trials = []
    for trial_id, entry, common in group:
        at = [addresses.setdefault(place, len(addresses)) for place in places.get(trial_id, ())]
        links = {
            "shared": shared.setdefault(common, len(shared)),
            "places": at,
            "run": runs.get(trial_id),
        }
        trials.append(f'"{trial_id}":[{plain_json(links)},{entry}]')
    data = (
        f'{{"shared":[{",".join(shared)}],"places":{plain_json(list(addresses))},'
        f'"trials":{{{",".join(trials)}}}}}'
    )
    # As a text to be parsed: in a literal, a key like __proto__ would not be one of the data's own.
    literal = data.replace("\\", "\\\\").replace("'", "\\'")
    return f"pointbench.receive({number},'{literal}');\n"


def _entry(record: TrialRecord) -> str:
    """What is the trial's own, compact. Options are exact; what was measured has seven digits."""
    return plain_json(
        {
            "sweep": record.sweep,
            "scale": record.scale,
            "task": record.task,
            "loss": record.loss,
            "replicate": record.replicate,
            "status": record.status,
            "reason": record.reason,
            "task_options": record.task_options,
            "loss_options": record.loss_options,
            "metrics": _short(record.metrics),
            # Counts of every sample would weigh more than all the rest of a page.
            "details": _short({k: v for k, v in record.details.items() if k != "samples"}),
            "curve": _series(record.curve),
            "seconds": _short(record.seconds),
            "finished_at": record.finished_at,
        }
    )


def _shared(record: TrialRecord) -> str:
    return plain_json({name: getattr(record, name) for name in _SHARED})


def _series(curve: Sequence[Mapping[str, Any]]) -> dict[str, list[list[Any]]]:
    """Steps and values of each quantity that was logged."""
    series: dict[str, list[list[Any]]] = {}
    for number, point in enumerate(curve):
        step = point.get("step", number)
        for name, value in point.items():
            if name != "step" and (value is None or isinstance(value, int | float)):
                steps, values = series.setdefault(name, [[], []])
                steps.append(step)
                values.append(_short(value))
    return series


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _short(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_short(entry) for entry in value]
    return value
