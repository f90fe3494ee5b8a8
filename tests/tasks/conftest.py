"""Prepared data of the tests go to one temporary folder per session."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POINTBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
