"""How training settings are chosen: validation figures of candidates, on data nothing else uses.

    python benchmarks/settings.py benchmarks/settings/golf-losses.yaml [--processes 2]

The specification is one of a sweep: its losses and `train` sections are the candidates. Each is
trained in replicates from 1000 on, in worlds behind those that replicates of sweeps use, and a row
says what *validation* data made of it. Test data take no part: they are evaluated by the trainer,
and not shown. The page of each task under docs/tasks/ holds the rows that its settings rest on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from bench.execution.trainer import run
from bench.planning.method_names import option_text
from bench.planning.plan import plan
from bench.planning.trial import Trial
from bench.plugin import Task

FIRST_REPLICATE = 1000
"""Sweeps and `bench decide` use those from 0 on."""
SHOWN = "undecided"
"""Metric that is shown beside the primary one, where a task has it."""


def held_back_world(task: Task, replicate: int) -> int:
    """A world behind those that sweeps use, where there are several."""
    return 0 if task.worlds == 1 else task.worlds + replicate % 2


def candidates(file: str) -> list[Trial]:
    """The planned trials that are not skipped, in replicates that nothing else uses."""
    trials = [one.trial for one in plan(file).trials if one.skip_reason is None]
    return [replace(one, replicate=FIRST_REPLICATE + one.replicate) for one in trials]


def flat(trial: Trial) -> dict[str, str]:
    """All options that are not at their default, by dotted name."""
    return {
        "task": trial.task.plugin_name,
        "loss": trial.loss.plugin_name,
        "replicate": str(trial.replicate),
        **{
            f"{section}.{key}": option_text(getattr(options, key))
            for section, options in (
                ("task", trial.task),
                ("loss", trial.loss),
                ("train", trial.train),
            )
            for key, value in options.deviations().items()
        },
    }


def differing(trials: list[Trial]) -> list[str]:
    """The options that tell the candidates apart, as they come."""
    rows = [flat(trial) for trial in trials]
    keys = dict.fromkeys(key for row in rows for key in row)
    return [key for key in keys if len({row.get(key) for row in rows}) > 1]


def validation(trial: Trial) -> tuple[dict[str, float], float]:
    """Validation metrics of one training, and its processor seconds."""
    Task.world = held_back_world  # type: ignore[method-assign]
    found, prefix = run(trial), "validation."
    values = {k.removeprefix(prefix): v for k, v in found.metrics.items() if k.startswith(prefix)}
    return values, found.seconds["cpu"]


def lines(trials: list[Trial], metrics: list[str], processes: int) -> Iterator[str]:
    """A table in Markdown, row by row as trainings end."""
    columns = differing(trials)
    head = [*columns, *metrics, "CPU s"]
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for trial, (values, seconds) in zip(trials, _trained(trials, processes), strict=True):
        row = flat(trial)
        cells = [row.get(column, "–") for column in columns]
        shown = [f"{values[name]:.3f}" for name in metrics]
        yield f"| {' | '.join([*cells, *shown, f'{seconds:.1f}'])} |"


def _trained(trials: list[Trial], processes: int) -> Iterator[tuple[dict[str, float], float]]:
    """`validation` of each trial, here or in several processes."""
    if processes == 1:
        yield from map(validation, trials)
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            yield from pool.map(validation, trials)


def main() -> None:
    """Print a row for each candidate and replicate."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", help="specification of the candidates")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--metrics", nargs="*", help="by default the primary one and undecided")
    given = parser.parse_args()
    trials = candidates(given.file)
    known = [metric.name for metric in trials[0].task.metrics]
    metrics = given.metrics or [known[0], *([SHOWN] if SHOWN in known else [])]
    for line in lines(trials, metrics, given.processes):
        print(line, flush=True)


if __name__ == "__main__":
    main()
