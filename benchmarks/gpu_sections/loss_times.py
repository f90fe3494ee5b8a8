"""Time of every loss, forward and backward, on the device and on the CPU, and what it asks for.

Float32, at about the sizes of training, one thread on the CPU. Operations are those dispatched to
the device, kernels those that are no views, waits how often the host waits for the device.
Poisson-binomial counting is compared with its step-by-step form (thesis eq 2.11), too, which keeps
bins 0 to 23, the largest count of the drum data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from _cases import every_loss, moved
from _clock import milliseconds
from _counts import counting, place_of
from _findings import Findings, Settings, section
from torch import Tensor

from bench.conformance.case import Draw
from bench.conformance.evaluate import both_passes
from losses.poisson_binomial import log_prob

SIZES = {
    "events": (32, 150),
    "points": (16, 1352),
    "heatmap": (32, 3072),
    "instances": (96, 370),
    "attack": (32, 1024),
}
"""Rows of a batch, and bins, candidates, cells, instances or pixels."""
COUNTING = ((96, 370), (2816, 150))
LARGEST = 23
TARGET_MS = 0.3
_OTHER_HEAD, _QUICK = (32, 256), (2, 24)
_SEED = 3
_SECONDS, _REPEATS = 0.4, 200  # of one measurement
_COLUMNS = ("operations", "kernels", "waits", "where it waits")
Run = Callable[[Any], object]


def measure(settings: Settings, found: Findings) -> None:
    torch.set_num_threads(1)
    _poisson_binomial(settings, found)
    table = found.table(
        "Losses, forward and backward",
        *("loss", "head", "rows × size", "device [ms]", "CPU [ms]", "CPU / device", *_COLUMNS),
    )
    for loss, head, layouts in every_loss():
        with found.guarded(f"{loss.plugin_name}, {head}"):
            rows, length = _QUICK if settings.quick else SIZES.get(head, _OTHER_HEAD)
            rows = max(rows // loss.views, 1) * loss.views
            case = layouts[0].random(Draw(_SEED, torch.float32), rows, length)
            run: Run = lambda case, loss=loss: both_passes(loss, case)  # noqa: E731
            there, here = _times(run, case, moved, settings)
            ratio = None if there is None else here / there
            counts = _counts(run, case, moved, settings)
            size = f"{rows} × {length}"
            found.row(table, loss.plugin_name, head, size, there, here, ratio, *counts)


def _poisson_binomial(settings: Settings, found: Findings) -> None:
    table = found.table(
        "Poisson-binomial log-likelihood, forward and backward",
        *("sequences × n", "form", "device [ms]", "CPU [ms]", *_COLUMNS),
    )
    for size in [_QUICK] if settings.quick else COUNTING:
        generator = torch.Generator().manual_seed(_SEED)
        p = torch.sigmoid(torch.randn(size, generator=generator) - 5)
        data = (p, torch.randint(0, 9, size[:1], generator=generator))
        measured = []
        for form, evaluate in (("ours", log_prob), ("step by step", step_by_step)):
            with found.guarded(f"{form}, {size}"):
                run: Run = lambda data, evaluate=evaluate: _gradient(evaluate, *data)  # noqa: E731
                there, here = _times(run, data, _to, settings)
                measured.append(there)
                counts = _counts(run, data, _to, settings)
                found.row(table, f"{size[0]} × {size[1]}", form, there, here, *counts)
        if size in (COUNTING[0], _QUICK):
            ours = measured[0] if measured else None
            found.target(
                f"Poisson-binomial {size[0]} × {size[1]}, forward and backward",
                f"≤ {TARGET_MS} ms",
                "not measured" if ours is None else f"{ours:.3g} ms",
                None if ours is None else ours <= TARGET_MS,
            )


def step_by_step(p: Tensor, count: Tensor) -> Tensor:
    """Thesis eq 2.11, one instance after the other, left to autograd."""
    bins = torch.zeros((*p.shape[:-1], LARGEST + 1), device=p.device)
    bins[..., 0] = 1
    for i in range(p.shape[-1]):
        p_i = p[..., i : i + 1]
        bins = (1 - p_i) * bins + p_i * torch.nn.functional.pad(bins[..., :-1], (1, 0))
    return bins.gather(-1, count[..., None]).squeeze(-1).log()


def _gradient(evaluate: Callable[[Tensor, Tensor], Tensor], p: Tensor, count: Tensor) -> None:
    leaf = p.detach().requires_grad_()
    torch.autograd.grad(evaluate(leaf, count).sum(), leaf)


def _to(data: tuple[Tensor, Tensor], device: str) -> tuple[Tensor, Tensor]:
    return data[0].to(device), data[1].to(device)


def _times(
    run: Run, data: Any, move: Callable[[Any, str], Any], settings: Settings
) -> tuple[float | None, float]:
    """Milliseconds on the device, None where there is none, and on the CPU."""
    seconds, repeats = (0.0, 3) if settings.quick else (_SECONDS, _REPEATS)
    here = milliseconds(lambda: run(data), "cpu", seconds, repeats)
    if settings.device == "cpu":
        return None, here
    away = move(data, settings.device)
    return milliseconds(lambda: run(away), settings.device, seconds, repeats), here


def _counts(
    run: Run, data: Any, move: Callable[[Any, str], Any], settings: Settings
) -> tuple[float, float, float, str]:
    """What one run asks for, after one that fills caches and looks at values."""
    with counting(settings.device) as counts:
        away = move(data, place_of(settings.device))
        run(away)
        before = counts.copy()
        run(away)
        return counts.since(before)


if __name__ == "__main__":
    section(measure)
