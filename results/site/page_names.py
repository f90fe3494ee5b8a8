"""File names, shards and links made from names that anybody may have chosen."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit, urlunsplit

_LONGEST = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # on Windows
_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193


def file_stem(name: str) -> str:
    """A file name without suffix that is safe everywhere; different names give different ones.

    A name of lower-case letters, digits, ``-``, ``_`` and inner dots stays as it is; any other
    loses what is unsafe and gets a part of its hash.
    """
    safe = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip(".-")[:_LONGEST].strip(".-")
    if safe and safe == name and not _RESERVED.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()[:10]
    return f"{safe or 'x'}-{digest}"


def shard_of(trial_id: str, shards: int) -> int:
    """Which of the data files holds a trial: FNV-1a of its id, as ``trial.js`` computes it."""
    value = _FNV_OFFSET
    for byte in trial_id.encode("ascii"):
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return value % shards


def web_address(uri: str | None) -> str | None:
    """``uri`` without user name, password, query and final slash; None unless it is http(s)."""
    if uri is None:
        return None
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
