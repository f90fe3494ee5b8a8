"""Fixed cost of a trial, store and MLflow included, beside plain Ray Tune.

    python benchmarks/trial_cost.py [--trials 200] [--plain 10]

Ours runs sweeps of a plugin that does nothing through `bench.execution.driver.Job`, once with 2
trials and once with 200 more. The difference is what 200 trials cost: planning aside, everything
from handing a trial to a worker to its row in the store and its run in MLflow, the wait for MLflow
at the end included. The shorter run is the one-off start of Ray, workers and MLflow's database.

Plain Ray Tune does the same with nothing kept: a function that returns at once, with Tune's
defaults (a fresh process per trial, so ten trials are enough) and with ``reuse_actors=True``.

Each measurement has a process of its own. Target: at most 0.15 s a trial.
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

NOOP = Path(__file__).parents[1] / "tests" / "bench" / "plugins" / "noop.py"
TARGET = 0.15
WARM_UP = 2


def ours(trials: int) -> dict[str, float]:
    """Seconds of a sweep, its start to its end, and the driver's memory after it."""
    from bench.execution.driver import Job
    from bench.execution.run_settings import RunSettings
    from bench.planning.earlier_results import StoredResults
    from bench.planning.plan import plan
    from bench.plugin import load_file
    from results.store.trial_store import Store

    load_file(NOOP)
    with tempfile.TemporaryDirectory() as folder:
        specification = Path(folder) / "nothing.yaml"
        content = {
            "name": "nothing",
            "task": {"name": "noop", "number": {"grid": list(range(trials))}},
            "loss": {"name": "noop"},
            "train": {"steps": 1, "validations": 0},
        }
        specification.write_text(json.dumps(content))
        store = Store.open(Path(folder) / "store")
        planned = plan(str(specification))
        started = time.perf_counter()
        job = Job(planned, store, StoredResults(store), RunSettings(plugins=(NOOP,)))
        summary = job.run()
        seconds = time.perf_counter() - started
        assert summary.statuses == {"finished": trials}
        assert summary.mirror_problem is None, summary.mirror_problem
    return {"seconds": seconds, "bytes": resident_bytes()}


def resident_bytes() -> int:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def plain(trials: int, reuse: bool) -> dict[str, float]:
    """Seconds of as many trials of Ray Tune alone, and the driver's memory after them."""
    import ray
    from ray import tune

    def nothing(config: dict[str, int]) -> None:
        tune.report({"f1": 0.5})

    started = time.perf_counter()
    ray.init(address="local", include_dashboard=False, log_to_driver=False)
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            nothing,
            param_space={"number": tune.grid_search(list(range(trials)))},
            tune_config=tune.TuneConfig(reuse_actors=reuse),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )
        assert tuner.fit().num_terminated == trials
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "bytes": resident_bytes()}


MEASUREMENTS = {
    "ours": ours,
    "plain": lambda trials: plain(trials, reuse=False),
    "reuse": lambda trials: plain(trials, reuse=True),
}


def measure(name: str, trials: int) -> dict[str, float]:
    """One measurement in a fresh process."""
    command = [sys.executable, "-P", __file__, "--measure", name, "--trials", str(trials)]
    quiet = {**os.environ, "RAY_worker_niceness": "0"}  # or workers starve on a busy machine
    done = subprocess.run(command, env=quiet, stdout=subprocess.PIPE, text=True, check=True)
    values: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--plain", type=int, default=10, help="trials of plain Tune's defaults")
    parser.add_argument("--measure", choices=MEASUREMENTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(MEASUREMENTS[options.measure](options.trials)))
        return

    print(f"{'':36}{'trials':>7}{'s/trial':>9}{'100 trials':>12}{'start-up':>10}{'memory':>17}")
    each = 0.0
    for name, label, trials in (
        ("plain", "plain Ray Tune, defaults", options.plain),
        ("reuse", "plain Ray Tune, reuse_actors=True", options.trials),
        ("ours", "bench, store and MLflow included", options.trials),
    ):
        start, whole = measure(name, WARM_UP), measure(name, WARM_UP + trials)
        each = (whole["seconds"] - start["seconds"]) / trials
        gained = (whole["bytes"] - start["bytes"]) / trials / 1024
        print(
            f"{label:36}{trials:>7}{each:>9.3f}{100 * each:>10.0f} s"
            f"{start['seconds']:>8.1f} s{gained:>+8.0f} KiB/trial",
            flush=True,
        )
    print(f"target {TARGET} s a trial: {'met' if each <= TARGET else 'MISSED'}")
    sys.exit(each > TARGET)


if __name__ == "__main__":
    main()
