"""What an accelerator does with pointbench: all sections, then a report in Markdown and JSON.

    python benchmarks/gpu.py --out FOLDER [--only loss_times,laptop_sweep] [--seconds 350]
    python benchmarks/gpu.py --out FOLDER --device cpu --quick     # tries the script, without a GPU

Sections (``benchmarks/gpu_sections``), in this order:

| `trial_data`   | prepares what the others train on, on all cores |
| `loss_values`  | every loss on its heads: value and gradient on the device against the CPU |
| `loss_times`   | time, operations, waits of every loss; counting against the step-by-step form |
| `task_steps`   | time, operations, waits and memory of a training step of every task |
| `trial_memory` | memory of a trial |
| `paper_trial`  | steps a second of a `paper`-scale trial, and what all its steps would take |
| `laptop_sweep` | the 210 `laptop` trials of `softness-noise`, packed on one GPU |

Each is a process of its own with a limit in time (with ``--quick`` only all together have one): one
that fails or hangs is reported with what it had found, and the others go on. ``gpu.json`` and
``gpu.md`` are written after each. With ``--device cpu``, operations and waits are those of a
stand-in for a device, computed on the CPU.

Nothing of pointbench has to be installed; ``docs/gpu.md`` says what a bare machine without network
needs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks" / "gpu_sections"
LIMITS = {
    "trial_data": 75.0,
    "loss_values": 90.0,
    "loss_times": 80.0,
    "task_steps": 40.0,
    "trial_memory": 40.0,
    "paper_trial": 45.0,
    "laptop_sweep": 600.0,
}
"""Seconds that a section may take; the last has what is left of all."""
LEAST_LEFT = 60.0
"""Seconds for the last section even where the others were slow."""
GRACE = 10.0
"""Seconds after which a section that did not keep its limit is ended."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder for gpu.md and gpu.json")
    parser.add_argument("--only", default=",".join(LIMITS), help="sections, separated by commas")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--quick", action="store_true", help="tiny sizes: tries the script")
    parser.add_argument("--seconds", type=float, default=350.0, help="for all sections together")
    parser.add_argument("--revision", help="of the code, where there is no git to ask")
    parser.add_argument("--no-ray", action="store_true", help="the sweep never on Ray")
    chosen = parser.parse_args()
    names = [name for name in LIMITS if name in chosen.only.split(",")]
    unknown = set(chosen.only.split(",")) - set(LIMITS)
    if unknown:
        parser.error(
            f"unknown sections: {', '.join(sorted(unknown))}; there are {', '.join(LIMITS)}"
        )

    sys.path[:0] = [str(ROOT), str(FOLDER)]
    import torch
    from _card import facts
    from _report import markdown

    if chosen.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no CUDA device here; --device cpu has a stand-in for one")

    started = time.perf_counter()
    chosen.out.mkdir(parents=True, exist_ok=True)
    machine = facts(chosen.device, chosen.revision)
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        left = chosen.seconds - (time.perf_counter() - started)
        limit = left if chosen.quick else min(LIMITS[name], max(left, LEAST_LEFT))
        found[name] = run(name, limit, chosen)
        print(f"{name}: {found[name]['ended']} in {found[name]['seconds']:.0f} s", flush=True)
        text = markdown(machine, found)
        content = {"machine": machine, "sections": found}
        (chosen.out / "gpu.md").write_text(text)
        (chosen.out / "gpu.json").write_text(json.dumps(content, indent=1))
    print(f"\n{text}")
    sys.exit(any(section["ended"] != "complete" for section in found.values()))


def run(name: str, limit: float, chosen: argparse.Namespace) -> dict[str, Any]:
    """The findings of a section in a process of its own, and how that ended."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        command = [sys.executable, str(FOLDER / f"{name}.py"), "--out", str(file)]
        command += ["--device", chosen.device, "--seconds", str(limit)]
        command += ["--quick"] * chosen.quick + ["--no-ray"] * chosen.no_ray
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            code = process.wait(limit + GRACE)
            ended = "complete" if code == 0 else f"ENDED with {code}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)  # with the processes that it started
            process.wait()
            ended = f"CUT OFF after {limit + GRACE:.0f} s"
        seconds = time.perf_counter() - started
        nothing: dict[str, Any] = {"tables": [], "notes": [], "targets": []}
        content = json.loads(file.read_text()) if file.exists() else nothing
    if any(note.startswith("FAILED the section") for note in content["notes"]):
        ended = "FAILED"
    return {**content, "ended": ended, "seconds": seconds}


if __name__ == "__main__":
    main()
