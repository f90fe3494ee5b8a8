"""Reading a specification file: safe YAML in which every value remembers its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bench.plugin import UsageError

KeyPath = tuple[str | int, ...]


class SpecFile:
    """A parsed YAML file with the position of each key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be read: {error}") from error
        try:
            self._tree = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            raise UsageError(f"{path}:{line}: not valid YAML: {error.problem}") from None
        except (YAMLError, ValueError) as error:
            raise UsageError(f"{path}: not valid YAML: {error}") from None
        if not isinstance(self._tree, CommentedMap):
            raise UsageError(f"{path}:1: a sweep is a mapping with at least name, task and loss")

    @property
    def content(self) -> dict[str, Any]:
        """The file as plain dictionaries, lists, strings and numbers."""
        plain: dict[str, Any] = _plain(self._tree)
        return plain

    def at(self, path: Sequence[str | int], message: str) -> str:
        """``message`` with file and line of the key at ``path``, or of its closest parent."""
        return f"{self.path}:{self.line(path)}: {message}"

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the key at ``path`` (1 is the first), or of its closest parent that exists."""
        node, line = self._tree, 1
        remaining = list(path)
        while remaining and isinstance(node, CommentedMap | CommentedSeq):
            part = remaining.pop(0)
            if isinstance(node, CommentedMap) and part not in node and remaining:
                part = ".".join([str(part), *map(str, remaining)])  # a dotted key of a scale
                remaining = []
            try:
                mark = node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part)
                line = mark[0] + 1
                node = node[part]
            except (KeyError, IndexError, TypeError, AttributeError):
                break
        return line


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, float):
        return float(node)
    if isinstance(node, int):
        return int(node)
    return str(node)
