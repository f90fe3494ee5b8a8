"""Where the store's files live: a local folder or any object store, behind one set of operations.

Names are relative and use ``/``. A file is written once and whole, or not at all; only files that
are rewritten by name (``store.json``, sessions) ever change, and each reader sees the old or the
new one.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Protocol

import filelock
import fsspec

from results.store_error import StoreError

STALE_SECONDS = 3600.0
_TEMPORARY = ".writing-"
_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class Folder(Protocol):
    """The operations. A missing file raises FileNotFoundError, all else that fails StoreError."""

    url: str
    """Opens this folder."""
    shown: str
    """The same for messages: without user name, password and options."""

    def list(self, name: str) -> list[str]:
        """Names of the files in sub-folder `name`, sorted; none if there is no such folder."""
        ...

    def read(self, name: str) -> bytes: ...

    def read_many(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Each name with its content, in order; None for a file that is gone."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """A seekable file, for readers that need a part of it."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write the whole file at once: after this call it survives a power cut."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Delete the files; those already gone are no error."""
        ...

    def lock(self) -> contextlib.AbstractContextManager[bool]:
        """The compaction lock: False at once if somebody else holds it."""
        ...

    def sweep(self, name: str) -> None:
        """Remove what killed writers left in sub-folder `name`, once it is an hour old."""
        ...


def open_folder(url: str | Path) -> Folder:
    """The folder at a local path, ``file://`` URL, or any URL that fsspec or pyarrow.fs knows.

    Raises:
        StoreError: nothing installed knows the URL's scheme, or its address is malformed.
    """
    text = os.fspath(url)
    if "://" not in text:
        return LocalFolder(Path(text).expanduser().absolute())
    if text.startswith(("file://", "local://")):
        return LocalFolder(Path(fsspec.core.strip_protocol(text)))
    try:
        return RemoteFolder(text, *_file_system(text))
    except (ImportError, ValueError, OSError) as error:
        raise StoreError(
            f"{_without_secrets(text)}: cannot open this store URL ({_brief(error)})"
        ) from error


def _file_system(url: str) -> tuple[Any, str]:
    """fsspec's file system if its package is installed, else the one pyarrow ships."""
    try:
        if "?" not in url:  # options after '?' (region, endpoint_override) are pyarrow's syntax
            return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]
    except (ImportError, ValueError):  # its package is not installed, or it knows no such scheme
        pass
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow import fs

    if url.startswith("s3://") and "allow_delayed_open" not in url:
        # Small files in one put instead of the three requests of a multi-part upload.
        url += ("&" if "?" in url else "?") + "allow_delayed_open=true"
    system, path = fs.FileSystem.from_uri(url)
    return ArrowFSWrapper(system), path


def _without_secrets(url: str) -> str:
    """``s3://key:secret@bucket/runs?region=…`` as ``s3://***@bucket/runs``."""
    return re.sub(r"://[^/?@]*@", "://***@", url).split("?")[0]


class LocalFolder:
    """A folder of this machine, or of a network file system that it mounts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = self.shown = str(path)
        self._made: set[Path] = set()

    def list(self, name: str) -> list[str]:
        with self._readable(name):
            try:
                with os.scandir(self.path / name) as entries:
                    return sorted(entry.name for entry in entries if not entry.name.startswith("."))
            except FileNotFoundError:
                return []

    def read(self, name: str) -> bytes:
        with self._readable(name):
            return (self.path / name).read_bytes()

    def read_many(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        for name in names:
            try:
                yield name, self.read(name)
            except FileNotFoundError:
                yield name, None

    def open(self, name: str) -> IO[bytes]:
        with self._readable(name):
            return (self.path / name).open("rb")

    def write(self, name: str, content: bytes) -> None:
        target = self.path / name
        try:
            if target.parent not in self._made:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._made.add(target.parent)
            temporary = target.parent / f"{_TEMPORARY}{secrets.token_hex(8)}"
            try:
                with temporary.open("xb") as file:
                    file.write(content)
                    file.flush()
                    _sync(file.fileno())
                os.replace(temporary, target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync_directory(target.parent)
        except OSError as error:
            raise StoreError(
                f"{target}: cannot write to the store ({_brief(error)}); "
                "make the folder writable or choose another with --store"
            ) from error

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                (self.path / name).unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"{self.path / name}: cannot delete ({_brief(error)})") from error

    @contextlib.contextmanager
    def lock(self) -> Iterator[bool]:
        held = filelock.FileLock(self.path / ".lock")
        try:
            held.acquire(blocking=False)
        except filelock.Timeout:
            yield False
            return
        except OSError as error:
            raise StoreError(
                f"{self.path / '.lock'}: cannot lock the store ({_brief(error)})"
            ) from error
        try:
            yield True
        finally:
            held.release()

    def sweep(self, name: str) -> None:
        for path in (self.path / name).glob(f"{_TEMPORARY}*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink()

    @contextlib.contextmanager
    def _readable(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(
                f"{self.path / name}: cannot read the store ({_brief(error)}); "
                "check the path and its permissions"
            ) from error


class RemoteFolder:
    """A folder of an object store: one put writes a file, and there is nothing to clean up.

    Object stores have no lock that all of them share, so `lock` always succeeds. Two compactors at
    once cost work, not data: each deletes only files whose rows it has written.
    """

    def __init__(self, url: str, system: Any, path: str) -> None:
        self.url = url
        self.shown = _without_secrets(url)
        self._system = system
        self._path = path.rstrip("/")

    def list(self, name: str) -> list[str]:
        path = f"{self._path}/{name}" if name else self._path
        with self._reachable(name):
            self._system.invalidate_cache(path)
            try:
                found = self._system.ls(path, detail=False)
            except FileNotFoundError:
                return []
        return sorted(str(entry).rstrip("/").rsplit("/", 1)[-1] for entry in found)

    def read(self, name: str) -> bytes:
        with self._reachable(name):
            return bytes(self._system.cat_file(f"{self._path}/{name}"))

    def read_many(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        def read(name: str) -> tuple[str, bytes | None]:
            try:
                return name, self.read(name)
            except FileNotFoundError:
                return name, None

        with ThreadPoolExecutor(16) as pool:
            yield from pool.map(read, names)

    def open(self, name: str) -> IO[bytes]:
        with self._reachable(name):
            return self._system.open(f"{self._path}/{name}", "rb")  # type: ignore[no-any-return]

    def write(self, name: str, content: bytes) -> None:
        path = f"{self._path}/{name}"
        try:
            with self._reachable(name):
                try:
                    self._system.pipe_file(path, content)
                except FileNotFoundError:  # a file system that has folders, such as HDFS
                    self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
                    self._system.pipe_file(path, content)
        except FileNotFoundError as error:
            raise StoreError(
                f"{self.shown}: cannot write to the store ({_brief(error)}); does the bucket exist?"
            ) from error

    def delete(self, names: Iterable[str]) -> None:
        def delete(name: str) -> None:
            with contextlib.suppress(FileNotFoundError), self._reachable(name):
                self._system.rm_file(f"{self._path}/{name}")

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(delete, names))

    @contextlib.contextmanager
    def lock(self) -> Iterator[bool]:
        yield True

    def sweep(self, name: str) -> None:
        """Nothing to do: an unfinished put leaves no file."""

    @contextlib.contextmanager
    def _reachable(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(
                f"{self.shown}/{name}: the object store does not answer as it should "
                f"({_brief(error)}); check the address, credentials and permissions"
            ) from error


def _sync_directory(path: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _brief(error: BaseException) -> str:
    """The first line of what went wrong."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    lines = text.strip().splitlines()
    return lines[0] if lines else type(error).__name__
