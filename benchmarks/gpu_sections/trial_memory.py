"""Memory of a trial, training and evaluation, at the scales `laptop` and `paper`.

On the GPU: what torch's tensors took at most, what torch reserved for them, and what the process
occupies beyond that (context, kernels, libraries). On the host: the resident set at its largest.
"""

from __future__ import annotations

from pathlib import Path

import torch
from _findings import Findings, Settings, section
from _steps import on_device
from _trials import laptop_trials, paper_trial, with_data

from bench.execution import trainer

_STEPS = 30


def measure(settings: Settings, found: Findings) -> None:
    table = found.table(
        "Memory of a trial [MiB]",
        *("scale", "tensors at most", "reserved", "process beyond that", "host, resident"),
    )
    for scale in ("laptop", "paper"):
        with found.guarded(scale):
            paper = scale == "paper"
            quick = settings.quick
            trial = with_data([paper_trial(quick)] if paper else laptop_trials(quick))[0]
            steps = 1 if quick else _STEPS
            trial = on_device(trial, settings.device, steps=steps, validations=0)
            if settings.device != "cpu":
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            trainer.run(trial)
            found.row(table, scale, *_on_gpu(settings.device), _resident())


def _on_gpu(device: str) -> tuple[float | None, float | None, float | None]:
    """Tensors at most, reserved at most, and what this process, alone on the card, has beside."""
    if device == "cpu":
        return None, None, None
    free, total = torch.cuda.mem_get_info()
    beyond = total - free - torch.cuda.memory_reserved()
    found = (torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved(), beyond)
    tensors, reserved, beyond = (number / 2**20 for number in found)
    return tensors, reserved, beyond


def _resident() -> float:
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    section(measure)
