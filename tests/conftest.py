"""What all tests share: none of the settings that a developer's shell may hold."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

SETTINGS = ("POINTBENCH_STORE", "POINTBENCH_PLUGINS", "MLFLOW_TRACKING_URI", "RAY_ADDRESS")


def pytest_configure(config: pytest.Config) -> None:
    # MLflow uses what SQLAlchemy has deprecated.
    module = "mlflow.store.tracking.sqlalchemy_store"
    config.addinivalue_line("filterwarnings", f"ignore::DeprecationWarning:{module}")


@pytest.fixture(autouse=True)
def unset_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "")  # so that whatever a test sets is undone after it
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def debian_program() -> Callable[[str], str]:
    """Finds what `.ci/packages` installs; a test that lacks it is skipped, but fails in CI."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            reason = f"{name} is not installed: run .ci/packages as root"
            if os.environ.get("POINTBENCH_CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find
