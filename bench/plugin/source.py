"""Plugin files: each is read once, run as read, and known by a hash of its text.

Python code of a plugin file is compiled under the file's own name, so that tracebacks name and
quote it, on this machine and on workers that were sent the text.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import linecache
import sys
import types
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.plugin.errors import UsageError

_BUILT_IN = ("losses", "tasks", "bench")


@dataclass(frozen=True)
class PluginSource:
    """A plugin file as it was read.

    Attributes:
        path: where it was read, absolute.
    """

    path: str
    text: str

    @property
    def digest(self) -> str:
        """Hash of the text, 12 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def module(self) -> str:
        """Name of the module that it becomes: another text is another module."""
        return f"pointbench_plugin_{Path(self.path).stem}_{self.digest}"


_loaded: dict[str, PluginSource] = {}
"""By path, the text that was loaded last."""


def read_source(path: str | Path) -> PluginSource:
    """The file's text.

    Raises:
        UsageError: no such file, or not a text file of Python.
    """
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"plugin file '{file}' does not exist")
    if file.suffix != ".py":
        raise UsageError(f"plugin file '{file}' is not a Python file")
    try:
        return PluginSource(str(file.resolve()), file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"plugin file '{file}' cannot be read: {error}") from error


def load_source(source: PluginSource) -> str:
    """Run a plugin file's text, unless it runs already, and return the name of its module.

    Raises:
        UsageError: running it fails.
    """
    _loaded[source.path] = source
    name = source.module
    if name in sys.modules:
        return name
    module = types.ModuleType(name)
    module.__file__ = source.path
    sys.modules[name] = module
    # Tracebacks quote this text, whatever the file holds by then, or where there is no such file.
    lines = source.text.splitlines(keepends=True)
    linecache.cache[source.path] = (len(source.text), None, lines, source.path)
    try:
        exec(compile(source.text, source.path, "exec"), module.__dict__)
    except UsageError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise UsageError(
            f"plugin file '{source.path}' fails: {type(error).__name__}: {error}"
        ) from error
    return name


def load_file(path: str | Path) -> str:
    """Import a plugin file (``bench --plugin``) and return the name of its module.

    The module's name holds a hash of the text, so that the same file loads once and an edited one
    is another plugin.

    Raises:
        UsageError: no such file, or importing it fails.
    """
    return load_source(read_source(path))


def sources_of(paths: Iterable[str | Path]) -> tuple[PluginSource, ...]:
    """The texts of plugin files as this process loaded them; those it did not load are read now."""
    return tuple(
        _loaded.get(str(Path(path).resolve())) or read_source(path) for path in map(Path, paths)
    )


def source_digest(cls: type) -> str | None:
    """Hash of the text that defines a plugin which does not come with pointbench.

    None for built-in plugins, whose ``version`` says what they are, and where there is no text.
    """
    if cls.__module__.partition(".")[0] in _BUILT_IN:
        return None
    for source in _loaded.values():
        if source.module == cls.__module__:
            return source.digest
    return _digest_of_module(cls.__module__)


@functools.cache
def _digest_of_module(name: str) -> str | None:
    try:
        text = inspect.getsource(sys.modules[name])
    except (KeyError, OSError, TypeError):
        return None
    return hashlib.sha256(text.encode()).hexdigest()[:12]
