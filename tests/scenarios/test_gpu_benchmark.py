"""`benchmarks/gpu.py` where there is no GPU: its stand-in for a device, and a run of a section."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from scipy.stats import poisson_binom

from losses.poisson_binomial import log_prob

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PLACE = "lazy"


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS / "gpu_sections"))
    return importlib.import_module("_counts")


def test_the_stand_in_counts_what_the_host_waits_for(counts: ModuleType) -> None:
    x = torch.tensor([1.0, -2.0, 3.0])
    mask = x > 0
    with counts.counting("cpu") as seen:
        there, chosen = x.to(PLACE), mask.to(PLACE)
        assert there.device.type == PLACE
        before = seen.copy()
        doubled = 2 * there[1:]
        assert seen.since(before)[:3] == (2, 1, 0)  # a view, a kernel
        for wait in (
            lambda: bool(chosen.any()),
            lambda: doubled[0].item(),
            lambda: there[chosen],
            lambda: there.nonzero(),
            lambda: there.cpu(),
            lambda: torch.tensor([1.0], device=PLACE),
        ):
            before = seen.copy()
            wait()
            assert seen.since(before)[2] == 1
        assert doubled.cpu().tolist() == [-4.0, 6.0]
        assert there[chosen].cpu().tolist() == [1.0, 3.0]


def test_losses_on_the_stand_in_take_the_way_of_a_device(counts: ModuleType) -> None:
    p = torch.linspace(0.05, 0.9, 12, dtype=torch.float64)
    with counts.counting("cpu") as seen:
        there = p.to(PLACE).requires_grad_()
        value = log_prob(there, torch.tensor(4, device=PLACE))
        (gradient,) = torch.autograd.grad(value, there)
        found, slope = value.item(), gradient.cpu()
    assert found == pytest.approx(poisson_binom.logpmf(4, p.numpy()), rel=1e-9)
    step = 1e-6
    for i in range(len(p)):
        ends = [
            poisson_binom.logpmf(4, (p + side * step * torch.eye(12)[i]).numpy())
            for side in (1, -1)
        ]
        assert slope[i].item() == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4)
    assert seen.operations > 20
    assert any(line.startswith("losses/_shared/product_tree.py:") for line in seen.where)


@pytest.mark.slow
def test_a_section_reports_what_a_training_step_asks_for(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "gpu.py"), "--out", str(tmp_path)]
    command += ["--device", "cpu", "--quick", "--only", "task_steps", "--seconds", "3600"]
    command += ["--revision", "this one"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "gpu.json").read_text())
    assert report["machine"]["revision"] == "this one"
    section = report["sections"]["task_steps"]
    assert section["notes"] == []
    (table,) = section["tables"]
    tasks = {row[table["columns"].index("task")] for row in table["rows"]}
    assert "drums" in tasks
    for row in table["rows"]:
        measured = dict(zip(table["columns"], row, strict=True))
        assert measured["step [ms]"] > 0
        assert measured["operations"] > measured["kernels"] > 0
        assert measured["waits"] >= 2  # inputs and labels on their way to the device
    assert (tmp_path / "gpu.md").read_text().startswith("# pointbench on one GPU\n")


def test_unknown_sections_are_refused(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "gpu.py"), "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--only", "speed"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "unknown sections: speed; there are trial_data, loss_values" in done.stderr
