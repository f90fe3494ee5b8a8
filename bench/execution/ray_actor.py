"""What runs inside a Ray actor: one actor trains many trials, one after the other."""

from __future__ import annotations

import os
import signal
from typing import Any

from ray import tune

from bench.execution.checkpoints import Checkpoints
from bench.execution.stop_request import stop_request

RECORD = "record"
"""Key under which a trial's record (JSON) travels to the driver."""


class TrialActor(tune.Trainable):
    """Runs whole trials: one Tune step is one trial, and the process is reused for the next."""

    def setup(
        self,
        config: dict[str, Any],
        sweep: str = "",
        plugins: tuple[tuple[str, str], ...] = (),
        versions: dict[str, str] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        """Check this machine's installation, load plugin files, limit threads, leave Ctrl-C alone.

        Args:
            config: the trial (`Trial.to_config`).
            plugins: path and text of each ``--plugin`` file of the driver.
            versions: library versions of the driver; pointbench must be the same here.
            checkpoints: where trainings are kept while they last.
        """
        import torch

        from bench.execution import environment
        from bench.plugin import UsageError
        from bench.plugin.source import PluginSource, load_source
        from bench.startup import check_packages

        check_packages()
        here, there = environment.versions(), versions or {}
        if there and here["pointbench"] != there["pointbench"]:
            raise UsageError(
                f"worker {environment.host()} has pointbench {here['pointbench']}, "
                f"the driver {there['pointbench']}: install the same version on both"
            )
        # Always one: another number of threads gives other bits, whatever a trial reserves.
        torch.set_num_threads(1)
        # Ctrl-C reaches every process of a terminal. The driver ends the sweep; here it would look
        # like a trial that failed.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for path, text in plugins:
            load_source(PluginSource(path, text))
        self._sweep = sweep
        self._config = config
        self._checkpoints = checkpoints
        if checkpoints is not None:  # a notice that this node goes away, scancel, docker stop
            signal.signal(signal.SIGTERM, stop_request)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take the next trial; nothing of the previous one is kept."""
        self._config = new_config
        return True

    def step(self) -> dict[str, Any]:
        """Train and evaluate; failures and divergence come back as records, not as exceptions."""
        import torch

        from bench.execution.trainer import Stopped
        from bench.execution.trial_record import execute
        from bench.planning.trial import from_config

        try:
            record = execute(from_config(self._config), self._sweep, self._checkpoints)
        except Stopped:
            os._exit(128 + signal.SIGTERM)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return {RECORD: record.to_json(), "done": True}
