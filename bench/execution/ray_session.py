"""Starting or joining Ray, with its tables, warnings and heavy defaults out of the way."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

from bench.execution.signal_handlers import restored
from bench.plugin import UsageError

_QUIET = {
    # Our store is the result log: Tune's own loggers and checkpoints would only cost time.
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "1000000",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    # Ctrl-C reaches the driver as KeyboardInterrupt.
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
}
_LOCAL_OBJECT_STORE_BYTES = 200 * 2**20
_STARTS = 3


@contextlib.contextmanager
def connect(address: str | None, verbose: bool = False) -> Iterator[Any]:
    """Ray, started on this machine or joined at ``address`` (or ``RAY_ADDRESS``).

    Yields:
        the ``ray`` module.

    Raises:
        UsageError: no cluster at the address, or none that a sweep can be driven in from here.
    """
    address = address or os.environ.get("RAY_ADDRESS")
    if address is not None:
        _check_address(address)
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    level = logging.INFO if verbose else logging.CRITICAL
    logging.getLogger("ray").setLevel(level)
    options: dict[str, Any] = {
        "log_to_driver": verbose,
        "logging_level": level,
        "configure_logging": verbose,
    }
    if address is None:
        options |= {
            "address": "local",
            "include_dashboard": False,
            "object_store_memory": _LOCAL_OBJECT_STORE_BYTES,
        }
    else:
        options["address"] = address
    with contextlib.ExitStack() as stack:
        # Ray prints what befalls workers on standard output, which belongs to results.
        sink = sys.stderr if verbose else stack.enter_context(open(os.devnull, "w"))
        stack.enter_context(contextlib.redirect_stdout(sink))
        # SIGTERM goes on doing what it did: Ray's handler would end this process in its middle.
        with restored(signal.SIGTERM):
            if address is None:
                _start(ray, options)
            else:
                _join(ray, address, options)
        stack.callback(ray.shutdown)
        yield ray


def _start(ray: Any, options: dict[str, Any]) -> None:
    """Start Ray here; it gives up after 30 s, which a busy machine may need more than once.

    Raises:
        UsageError: it did not start.
    """
    for attempt in range(1, _STARTS + 1):
        try:
            ray.init(**options)
            return
        except Exception as error:  # Ray raises no class of its own
            if "timed out during startup" not in str(error):
                raise
            ray.shutdown()
            if attempt == _STARTS:
                raise UsageError(
                    f"Ray did not start within 30 s, {_STARTS} times: this machine is too busy"
                ) from error


def _join(ray: Any, address: str, options: dict[str, Any]) -> None:
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"no Ray cluster at '{address}': {reason}{_hint(error)}") from error


def _check_address(address: str) -> None:
    """Refuse what cannot work; Ray itself would find out after minutes, or in the middle."""
    if address.startswith("ray://"):
        raise UsageError(
            f"a sweep cannot be driven through Ray Client ('{address}'): run it on a machine of "
            "the cluster with --address auto, or submit it: ray job submit -- bench run …"
        )
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        except (OSError, OverflowError) as error:
            raise UsageError(f"no Ray cluster at '{address}': {error}") from error


def _hint(error: Exception | None) -> str:
    """Ray says only that it cannot connect when the cluster asks for a token."""
    while error is not None:
        if "AuthToken" in str(error) or "uthentication" in type(error).__name__:
            return "; it asks for a token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN_PATH"
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return ""
