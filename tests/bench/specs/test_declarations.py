"""Sweeps, tables and claims of other packages are found beside our own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.plugin import UsageError
from bench.specs.declarations import Kind, declared

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make a package with an entry point and files importable, as pip would leave it."""

    def make(kind: Kind, value: str, **files: str) -> Path:
        package = tmp_path / "acme_points"
        folder = package / kind
        folder.mkdir(parents=True)
        (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)
        about = tmp_path / "acme_points-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-points\nVersion: 1\n")
        (about / "entry_points.txt").write_text(f"[pointbench.{kind}]\nacme = {value}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return folder

    return make


@pytest.mark.parametrize("kind", ["sweeps", "tables", "claims"])
def test_files_of_a_package_stand_behind_our_own(kind: Kind, install: Install) -> None:
    own = declared(kind)
    folder = install(kind, f"acme_points:{kind}", theirs="name: theirs\n")
    assert declared(kind) == own | {"theirs": folder / "theirs.yaml"}


def test_a_name_that_is_taken_names_both_files(install: Install) -> None:
    folder = install("sweeps", "acme_points:sweeps", **{"drums-noise": ""})
    with pytest.raises(UsageError, match="the name 'drums-noise' is taken by") as raised:
        declared("sweeps")
    assert str(folder / "drums-noise.yaml") in str(raised.value)


@pytest.mark.parametrize("value", ["acme_points:nowhere", "no_such_package_here:sweeps"])
def test_an_entry_point_without_folder_is_named(value: str, install: Install) -> None:
    install("sweeps", value)
    with pytest.raises(UsageError, match=r"pointbench\.sweeps 'acme' names .* no folder"):
        declared("sweeps")


def test_a_sweep_of_a_package_is_planned_and_listed_by_name(install: Install) -> None:
    from bench.planning.plan import plan
    from bench.specs.sweep import shipped

    text = "name: theirs\ntask: {name: drums}\nloss: {name: softloc}\n"
    install("sweeps", "acme_points:sweeps", theirs=text)
    assert "theirs" in shipped()
    assert len(plan("theirs").trials) == 1
