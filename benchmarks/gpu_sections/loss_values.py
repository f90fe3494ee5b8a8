"""Every loss against itself on the CPU: value and gradient, in float64 and float32.

Predictions and targets are those of ``bench check``. Errors are norms of differences over norms,
the largest over the layouts of a head. A loss that samples has other draws on each device: there
the means over many draws are compared, in their standard error.
"""

from __future__ import annotations

import torch
from _cases import every_loss, moved
from _counts import place_of
from _findings import Findings, Settings, section
from _stand_in import stand_in
from torch import Tensor

from bench.conformance.case import Case, Layout
from bench.conformance.evaluate import both_passes, usual_case, value_of
from bench.plugin import Loss

DOUBLE, SINGLE = torch.float64, torch.float32
LIMITS = {DOUBLE: (1e-5, 1e-5), SINGLE: (1e-4, 1e-3)}
"""Of value and gradient: what ``bench check`` asks of float32, and what counting promises."""
SIGMAS = 5.0
_DRAWS, _FEW = 100, 8


def measure(settings: Settings, found: Findings) -> None:
    table = found.table(
        "Device against CPU in float64, relative errors",
        *("loss", "head", "value, float64", "gradient, float64", "value, float32"),
        *("gradient, float32", "CPU value, float32", "CPU gradient, float32", "right"),
    )
    samples = found.table(
        "Losses that sample: means of device and CPU",
        *("loss", "head", "draws", "difference [standard errors]", "right"),
    )
    right: list[bool] = []
    for loss, head, layouts in every_loss():
        used = layouts[:1] if settings.quick else layouts
        with found.guarded(f"{loss.plugin_name}, {head}"):
            right.append(False)
            if _samples(loss, used[0]):
                draws = _FEW if settings.quick else _DRAWS
                away = max(_deviation(loss, layout, settings.device, draws) for layout in used)
                right[-1] = away <= SIGMAS
                found.row(samples, loss.plugin_name, head, draws, away, _word(right[-1]))
                continue
            errors = [_errors(loss, layout, settings.device) for layout in used]
            largest = [max(column) for column in zip(*errors, strict=True)]
            limits = [*LIMITS[DOUBLE], *LIMITS[SINGLE]]
            right[-1] = all(e <= limit for e, limit in zip(largest[:4], limits, strict=True))
            found.row(table, loss.plugin_name, head, *largest, _word(right[-1]))
    wrong = len(right) - sum(right)
    found.target(
        "every loss as on the CPU", "0 wrong", f"{wrong} of {len(right)} wrong", wrong == 0
    )


def _word(right: bool) -> str:
    return "yes" if right else "NO"


def _samples(loss: Loss, layout: Layout) -> bool:
    """Whether two seeds give two values."""
    case = usual_case(loss, layout)
    return not torch.equal(value_of(loss, case, seed=1), value_of(loss, case, seed=2))


def _on_device(loss: Loss, case: Case, device: str) -> list[Tensor]:
    """Value and gradients there, on the CPU; the stand-in for a device takes the device's way."""
    if device != "cpu":
        value, gradients = both_passes(loss, moved(case, device))
        return [value.cpu(), *(gradient.cpu() for gradient in gradients)]
    with stand_in(lambda *_: None):
        value, gradients = both_passes(loss, moved(case, place_of(device)))
        return [value.cpu(), *(gradient.cpu() for gradient in gradients)]


def _errors(loss: Loss, layout: Layout, device: str) -> list[float]:
    """Of value and gradient: the device in float64, in float32, the CPU in float32."""
    single = usual_case(loss, layout, SINGLE)
    double = single.in_type(DOUBLE)
    value, gradients = both_passes(loss, double)
    exact = [value, *gradients]
    there = (_on_device(loss, double, device), _on_device(loss, single, device))
    value, gradients = both_passes(loss, single)
    found = []
    for ours in (*there, [value, *gradients]):
        found += [_relative(ours[:1], exact[:1]), _relative(ours[1:], exact[1:])]
    return found


def _relative(ours: list[Tensor], exact: list[Tensor]) -> float:
    """Norm of the difference over the norm; infinite where anything is NaN."""
    a, b = (torch.cat([t.detach().double().flatten() for t in each]) for each in (ours, exact))
    error = float((a - b).norm() / b.norm().clamp(min=1e-30))
    return error if error == error else float("inf")


def _deviation(loss: Loss, layout: Layout, device: str, draws: int) -> float:
    """Largest difference of mean values and mean gradient norms, in standard errors."""
    case = usual_case(loss, layout)
    here = torch.stack([_draw(loss, case, seed) for seed in range(draws)])
    if device == "cpu":
        with stand_in(lambda *_: None):
            away = moved(case, place_of(device))
            there = torch.stack([_draw(loss, away, seed) for seed in range(draws, 2 * draws)])
    else:
        away = moved(case, device)
        there = torch.stack([_draw(loss, away, seed) for seed in range(draws, 2 * draws)])
    error = ((here.var(0) + there.var(0)) / draws).sqrt()
    least = 1e-6 * here.mean(0).abs() + 1e-12
    return float(((here.mean(0) - there.mean(0)).abs() / error.maximum(least)).max())


def _draw(loss: Loss, case: Case, seed: int) -> Tensor:
    """Values of the samples and norms of the gradients, from one seed."""
    leaves = [tensor.detach().requires_grad_() for tensor in case.tensors]
    value = value_of(loss, case.with_tensors(*leaves), seed=seed)
    gradients = torch.autograd.grad(value.sum(), leaves)
    norms = torch.stack([gradient.norm() for gradient in gradients])
    return torch.cat([value.detach(), norms]).cpu().double()


if __name__ == "__main__":
    section(measure)
