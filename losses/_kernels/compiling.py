"""How kernels are compiled, and when what was compiled before still holds.

numba keeps compiled functions beside their file until that file changes. They contain functions
and constants of other files of the package, whose changes numba does not see, so that a mended
kernel would run on as it was. Here all files of the folder count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy.typing as npt
from numba.core import caching

Array = npt.NDArray[Any]
_Function = TypeVar("_Function", bound=Callable[..., Any])


@cache
def _digest(folder: Path) -> str:
    """Of the names and contents of all source files in ``folder``."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


class _OfFolder:
    """Makes a numba cache locator, which knows the file as ``_py_file``, see the whole folder."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return _digest(Path(self._py_file).parent)


class UserProvided(_OfFolder, caching.UserProvidedCacheLocator):
    """Where ``NUMBA_CACHE_DIR`` says."""


class InTree(_OfFolder, caching.InTreeCacheLocator):
    """In ``__pycache__`` beside the source."""


class UserWide(_OfFolder, caching.UserWideCacheLocator):
    """In the user's cache, where the source's folder cannot be written to."""


_LOCATORS = ",".join(f"{__name__}.{kind.__name__}" for kind in (UserProvided, InTree, UserWide))


def _compiler(*reordering: str, inline: bool = False) -> Callable[[_Function], _Function]:
    def compile_lazily(function: _Function) -> _Function:
        config: Any = numba.config  # its settings are made at run time
        others = config.CACHE_LOCATOR_CLASSES
        config.CACHE_LOCATOR_CLASSES = _LOCATORS
        try:
            dispatcher: Any = numba.njit(
                cache=True,
                nogil=True,
                error_model="numpy",
                fastmath={"contract", *reordering},
                forceinline=inline,
            )(function)
        finally:
            config.CACHE_LOCATOR_CLASSES = others
        kept: _Function = dispatcher
        return kept

    return compile_lazily


compiled = _compiler()
"""Compiles at the first call, with fused multiply-add but no other liberty."""

inlined = _compiler(inline=True)
"""For what loops call: they vectorise only when no call remains in them."""

reordering = _compiler("reassoc", "nsz")
"""For sums whose terms the compiler may reorder, which it needs to vectorise them."""
