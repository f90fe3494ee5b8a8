"""Steps a second of one `paper`-scale trial of drums, and what its 150,000 steps would take."""

from __future__ import annotations

import torch
from _card import Watched
from _findings import Findings, Settings, section
from _steps import pace
from _trials import paper_trial, with_data

_SECONDS = 20.0


def measure(settings: Settings, found: Findings) -> None:
    trial = with_data([paper_trial(settings.quick)])[0]
    warm, seconds, most = (1, 0.0, 1) if settings.quick else (25, _SECONDS, 10**6)
    with Watched() as watched:
        step = pace(trial, settings.device, warm, seconds, most)
    peak = torch.cuda.max_memory_allocated() / 2**20 if settings.device != "cpu" else None
    table = found.table(
        "One paper-scale trial of drums, alone on the device",
        *("steps/s", "step [ms]", "steps of the trial", "they take [h]", "GPU busy [%]"),
        "peak memory [MiB]",
    )
    steps = trial.train.steps
    found.row(table, 1 / step, 1e3 * step, steps, steps * step / 3600, watched.busy, peak)
    found.note(
        f"`{trial.task.architecture}` network, {len(trial.task.grid.rates)} playback rates, batches"
        f" of {trial.train.batch_size}, recordings of size `{trial.task.size}`, which the file"
        " cache holds; validation and test are not in the hours"
    )


if __name__ == "__main__":
    section(measure)
