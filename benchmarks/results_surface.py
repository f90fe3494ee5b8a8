"""How long a surface takes: 100,000 runs on a 751 × 501 grid, choice of bandwidths, band.

python benchmarks/results_surface.py [--runs 210 2000 100000] [--resamples 200]
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from results.surface.bandwidth import leave_one_setting_out_bandwidth
from results.surface.nadaraya_watson import estimate_surface

T = TypeVar("T")


def timed(what: str, action: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = action()
    print(f"  {what:<46}{time.perf_counter() - start:8.2f} s", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[210, 2_000, 100_000])
    parser.add_argument("--resamples", type=int, default=200)
    options = parser.parse_args()
    generator = np.random.default_rng(0)
    fine = np.linspace(0, 0.15, 751), np.linspace(0, 0.1, 501)
    coarse = np.linspace(0, 0.15, 151), np.linspace(0, 0.1, 101)
    given = (0.01, 0.01)
    for n in options.runs:
        x, y = generator.uniform(0, 0.15, n), generator.uniform(0, 0.1, n)
        value = 0.95 - np.maximum(y - x, 0) + 0.01 * generator.standard_normal(n)
        print(f"{n:,} runs")
        runs = (x, y, value)
        surface = timed(
            "751 × 501 grid, bandwidth given",
            lambda runs=runs: estimate_surface(*runs, *fine, bandwidth=given, resamples=0),
        )
        weights = np.exp(-((x - fine[0][200]) ** 2 + (y - fine[1][100]) ** 2) / (2 * 0.01**2))
        error = abs(surface.value[100, 200] - weights @ value / weights.sum())
        print(f"  difference from the direct sum at one point {error:.1e}")
        chosen = timed(
            "bandwidths by leave-one-setting-out",
            lambda runs=runs: leave_one_setting_out_bandwidth(*runs),
        )
        print(f"  chosen {chosen[0] * 1e3:.2f} ms × {chosen[1] * 1e3:.2f} ms")
        timed(
            f"151 × 101 grid, band of {options.resamples}",
            lambda runs=runs: estimate_surface(
                *runs, *coarse, bandwidth=given, resamples=options.resamples
            ),
        )
        timed(
            f"751 × 501 grid, band of {options.resamples}",
            lambda runs=runs: estimate_surface(
                *runs, *fine, bandwidth=given, resamples=options.resamples
            ),
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
