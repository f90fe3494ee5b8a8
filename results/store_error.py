"""The error of a store that cannot be read or written."""

from __future__ import annotations


class StoreError(ValueError):
    """One clear line that names the path and says what to do."""
