"""What runs inside a Ray actor: one actor trains many trials, one after the other."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ray import tune

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
    ) -> None:
        """Check this machine's installation, load plugin files, limit threads.

        Args:
            config: the trial (`Trial.to_config`).
            plugins: name and text of each ``--plugin`` file of the driver.
            versions: library versions of the driver; pointbench must be the same here.
        """
        import torch

        from bench.execution import environment
        from bench.plugin import UsageError, load_file
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
        self._folder = ExitStack()
        if plugins:  # a killed actor leaves its folder behind
            folder = tempfile.TemporaryDirectory(prefix="pointbench-plugins-")
            path = Path(self._folder.enter_context(folder))
            for name, text in plugins:
                (path / name).write_text(text, encoding="utf-8")
                load_file(path / name)
        self._sweep = sweep
        self._config = config

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Take the next trial; nothing of the previous one is kept."""
        self._config = new_config
        return True

    def cleanup(self) -> None:
        """Remove the plugin files; they stay until now so that tracebacks can quote them."""
        self._folder.close()

    def step(self) -> dict[str, Any]:
        """Train and evaluate; failures and divergence come back as records, not as exceptions."""
        import torch

        from bench.execution.trial_record import execute
        from bench.planning.trial import from_config

        record = execute(from_config(self._config), self._sweep)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return {RECORD: record.to_json(), "done": True}
