"""How many runs an adaptive sweep needs for the surface that 210 uniform ones give.

    python benchmarks/adaptive_surface.py [--seeds 20]
    python benchmarks/adaptive_surface.py --measured STORE

Without a store: simulated runs of a known surface in the shape of thesis figure 5.8, F1 = 0.95
where the softness S is at least the label noise σ, falling by 3 per second below; noise of single
runs 0.01 on the plateau and 0.05 below, as on the drums. Kernel and axes are those of the sweep
softness-noise. Accuracy is measured on a grid of 61 × 41 points as

- RMSE against the true surface; a blank point counts as the true surface's standard deviation;
- RMSE against what infinitely many *uniform* runs would give: the true surface smoothed by the
  kernel, with the bias that smoothing causes at the plateau's edge and at the edges of the extent;
- the widest 95 % bootstrap band; infinite while a point is blank.

Figures are medians over seeds. Seeds share nothing; uniform and adaptive runs of a seed share the
random draws that both begin with.

With ``--measured``: the trainings of softness-noise-adaptive against those of softness-noise, both
in the store, by

- the RMSE of predictions at the uniform runs' places: by the adaptive runs, which never saw them,
  and by the other uniform runs; most of it is the noise of single runs;
- the same where softness is at least 20 ms above the label noise, and elsewhere;
- the widest 95 % bootstrap band.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from results.store.trial_store import Store
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import Surface, estimate_surface
from results.surface.placement import Extent, next_points

EXTENT: Extent = ((0.0, 0.15), (0.0, 0.1))
BANDWIDTH = (0.01, 0.01)
GRID = (np.linspace(0.0, 0.15, 61), np.linspace(0.0, 0.1, 41))
UNIFORM, INITIAL, BATCH = 210, 40, 10
MEASURES = ("RMSE, truth", "RMSE, smoothed", "widest band")
MEASURED = ("RMSE, all", "on the plateau", "elsewhere", "widest band")
AXES = ("loss.softness", "task.noise")
Runs = tuple[Floats, Floats, Floats]


def truth(x: Floats, y: Floats) -> Floats:
    """F1 at softness x and label noise y, both in seconds."""
    corner = 0.004
    surface: Floats = 0.95 - 3 * corner * np.logaddexp(0, (y - x) / corner)
    return surface


def noise(x: Floats, y: Floats) -> Floats:
    """Standard deviation of single runs."""
    spread: Floats = 0.01 + 0.04 / (1 + np.exp((x - y) / 0.004))
    return spread


def smoothed_truth() -> Floats:
    """What the regression of infinitely many uniform runs gives on the grid: (Gy, Gx)."""
    fine = [(np.arange(600) + 0.5) / 600 * 0.15, (np.arange(400) + 0.5) / 400 * 0.1]
    kernels = [
        np.exp(-0.5 * ((grid[:, None] - at) / h) ** 2)
        for grid, at, h in zip(GRID, fine, BANDWIDTH, strict=True)
    ]
    across, up = (kernel / kernel.sum(axis=1, keepdims=True) for kernel in kernels)
    smoothed: Floats = up @ truth(*np.meshgrid(*fine)) @ across.T
    return smoothed


@dataclass
class Target:
    """What the surface of some runs is compared with.

    Attributes:
        true, smoothed: (Gy, Gx).
    """

    true: Floats
    smoothed: Floats

    def accuracy(self, runs: Runs) -> tuple[float, float, float]:
        """One figure for each of `MEASURES`."""
        surface = estimate_surface(*runs, *GRID, bandwidth=BANDWIDTH)
        spread = float(self.true.std())
        errors = [
            float(np.sqrt(np.mean(np.where(surface.blank, spread, surface.value - goal) ** 2)))
            for goal in (self.true, self.smoothed)
        ]
        return errors[0], errors[1], widest_band(surface)


def widest_band(surface: Surface) -> float:
    """Infinite while a point is blank."""
    return float(np.where(surface.blank, np.inf, surface.high - surface.low).max())


def show(label: str, size: int, figures: Iterable[float]) -> None:
    """Print one row of a table."""
    columns = "  ".join(f"{figure:14.4f}" for figure in figures)
    print(f"{label:9} {size:5}   {columns}", flush=True)


def joined(runs: Runs, more: Runs) -> Runs:
    x, y, value = (np.concatenate(pair) for pair in zip(runs, more, strict=True))
    return x, y, value


def uniform(generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    (x_low, x_high), (y_low, y_high) = EXTENT
    return generator.uniform(x_low, x_high, count), generator.uniform(y_low, y_high, count)


def simulated(seed: int) -> tuple[Callable[[Floats, Floats], Runs], np.random.Generator]:
    """Trains at given points: the true surface and noise."""
    generator = np.random.default_rng(seed)

    def train(x: Floats, y: Floats) -> Runs:
        return x, y, truth(x, y) + noise(x, y) * generator.standard_normal(len(x))

    return train, generator


def grown(
    train: Callable[[Floats, Floats], Runs],
    generator: np.random.Generator,
    target: Target,
    sizes: list[int],
    adaptive: bool,
) -> list[tuple[float, float, float]]:
    """Accuracy at each number of runs."""
    runs = train(*uniform(generator, INITIAL))
    found = []
    for size in sizes:
        while len(runs[0]) < size:
            count = min(BATCH, size - len(runs[0]))
            points = (
                next_points(*runs, EXTENT, count, bandwidth=BANDWIDTH).T
                if adaptive
                else uniform(generator, count)
            )
            runs = joined(runs, train(points[0], points[1]))
        found.append(target.accuracy(runs))
    return found


def report(
    label: str, sizes: list[int], figures: list[list[tuple[float, float, float]]]
) -> np.ndarray:
    """Print and return the medians over seeds: (sizes, measures)."""
    medians: np.ndarray = np.median(np.array(figures), axis=0)
    for size, row in zip(sizes, medians, strict=True):
        show(label, size, row)
    return medians


def compare(
    start: Callable[[int], tuple[Callable[[Floats, Floats], Runs], np.random.Generator]],
    target: Target,
    seeds: int,
    sizes: list[int],
    goal_size: int,
) -> None:
    print(f"{'runs':>15}   " + "  ".join(f"{name:>14}" for name in MEASURES))
    goals = report(
        "uniform",
        [goal_size],
        [grown(*start(seed), target, [goal_size], adaptive=False) for seed in range(seeds)],
    )[0]
    medians = report(
        "adaptive",
        sizes,
        [grown(*start(seed), target, sizes, adaptive=True) for seed in range(seeds)],
    )
    for name, goal, column in zip(MEASURES, goals, medians.T, strict=True):
        # Reached for good: no larger number of runs is worse.
        worse = np.flatnonzero(column > goal)
        first = 0 if len(worse) == 0 else int(worse[-1]) + 1
        reached = f"{sizes[first]} adaptive runs" if first < len(sizes) else "not reached"
        print(f"{name} of {goal_size} uniform runs ({goal:.4f}): {reached}")


def stored(store: Store, sweep: str) -> Runs:
    """Finished runs of a sweep at scale laptop, of the loss's last version, in the plan's order."""
    columns = ["sweep", "scale", "status", "replicate", "versions.loss", *AXES, "metric.f1"]
    trials = store.load(columns=columns)
    trials = trials[
        (trials["sweep"] == sweep)
        & (trials["scale"] == "laptop")
        & (trials["status"] == "finished")
    ].sort_values("replicate")
    trials = trials[trials["versions.loss"] == trials["versions.loss"].max()]
    x, y, value = (trials[name].to_numpy(float) for name in (*AXES, "metric.f1"))
    return x, y, value


def predictions(runs: Runs, places: Runs) -> Floats:
    """Regression on ``runs`` at ``places``; a run at the very place is left out, as its own."""
    weight = np.ones((len(places[0]), len(runs[0])))
    own = np.ones(weight.shape, dtype=bool)
    for axis in 0, 1:
        apart = (places[axis][:, None] - runs[axis]) / BANDWIDTH[axis]
        weight *= np.exp(-0.5 * apart**2)
        own &= apart == 0
    weight[own] = 0
    predicted: Floats = weight @ runs[2] / weight.sum(axis=1)
    return predicted


def measured(runs: Runs, places: Runs) -> list[float]:
    """One figure for each of `MEASURED`."""
    flat = places[0] >= places[1] + 0.02
    error = (predictions(runs, places) - places[2]) ** 2
    surface = estimate_surface(*runs, *GRID, bandwidth=BANDWIDTH)
    errors = [float(np.sqrt(part.mean())) for part in (error, error[flat], error[~flat])]
    return [*errors, widest_band(surface)]


def compare_measured(store: Store, seeds: int) -> None:
    """Figures of uniform runs, medians over random parts of them, and of adaptive ones."""
    uniform_runs = stored(store, "softness-noise")
    adaptive_runs = stored(store, "softness-noise-adaptive")
    print(f"{'runs':>15}   " + "  ".join(f"{name:>14}" for name in MEASURED))

    total = len(uniform_runs[0])
    generator = np.random.default_rng(0)
    for size in range(INITIAL + 30, total, 35):
        parts = [generator.permutation(total)[:size] for _ in range(seeds)]
        figures = [measured(chosen(uniform_runs, part), uniform_runs) for part in parts]
        show("uniform", size, np.median(figures, axis=0))
    show("uniform", total, measured(uniform_runs, uniform_runs))
    for size in range(INITIAL, len(adaptive_runs[0]) + 1, BATCH):
        first = chosen(adaptive_runs, np.arange(size))
        show("adaptive", size, measured(first, uniform_runs))


def chosen(runs: Runs, positions: np.ndarray) -> Runs:
    x, y, value = (column[positions] for column in runs)
    return x, y, value


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--measured", metavar="STORE", help="store with both sweeps")
    options = parser.parse_args()
    started = time.process_time()
    if options.measured is None:
        target = Target(truth(*np.meshgrid(*GRID)), smoothed_truth())
        compare(simulated, target, options.seeds, list(range(60, 211, 15)), UNIFORM)
    else:
        compare_measured(Store.open(options.measured, create=False), options.seeds)
    print(f"{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
