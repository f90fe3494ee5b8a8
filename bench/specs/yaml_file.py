"""Reading a specification file: safe YAML in which every value remembers its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bench.plugin import UsageError, nearest

KeyPath = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


def spec_file(path: Path) -> SpecFile:
    """The file as it is now; the same text is parsed once per process.

    Raises:
        UsageError: it cannot be read, or is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    return _parsed(path, text)


@cache
def _parsed(path: Path, text: str) -> SpecFile:
    return SpecFile(path, text)


class SpecFile:
    """A parsed YAML file with the position of each key (`spec_file` reads one)."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        try:
            self._tree = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            raise UsageError(f"{path}:{line}: not valid YAML: {error.problem}") from None
        except (YAMLError, ValueError) as error:
            raise UsageError(f"{path}: not valid YAML: {error}") from None
        if not isinstance(self._tree, CommentedMap):
            raise UsageError(f"{path}:1: a specification is a mapping of keys to values")

    @property
    def content(self) -> dict[str, Any]:
        """The file as plain dictionaries, lists, strings and numbers."""
        plain: dict[str, Any] = _plain(self._tree)
        return plain

    def at(self, path: Sequence[str | int], message: str) -> str:
        """``message`` with file and line of the key at ``path``, or of its closest parent."""
        return f"{self.path}:{self.line(path)}: {message}"

    def validate(self, model: type[Model], content: dict[str, Any] | None = None) -> Model:
        """The file as ``model``, or ``content`` that was made from it.

        Raises:
            UsageError: all that is wrong, each with its line and the nearest valid key.
        """
        content = self.content if content is None else content
        try:
            return model.model_validate(content, strict=True)
        except ValidationError as error:
            found = error.errors(include_url=False)
            raise UsageError([self._explain(detail, model, content) for detail in found]) from None

    def _explain(self, detail: Any, model: type[BaseModel], content: dict[str, Any]) -> str:
        missing = detail["type"] == "missing"
        place = _in_file(detail["loc"], content, missing)
        key = ".".join(str(part) for part in place)
        if missing:
            return self.at(place[:-1], f"key '{key}' is missing")
        if detail["type"] == "extra_forbidden":
            known = {name for owner in _owners(model, place[:-1]) for name in owner.model_fields}
            return self.at(place, f"unknown key '{key}'{nearest(str(place[-1]), known)}")
        rule = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if detail["type"] == "model_type":
            rule = "should be a mapping"
        return self.at(place, f"'{key}' {rule}, got {detail['input']!r}")

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


def _in_file(location: Sequence[str | int], content: Any, missing: bool) -> KeyPath:
    """``location`` without what pydantic adds: the kinds of a union's members."""
    place: list[str | int] = []
    for part in location:
        is_key = isinstance(content, dict) and part in content
        if is_key or (isinstance(content, list) and isinstance(part, int)):
            place.append(part)
            content = content[part]
    return (*place, location[-1]) if missing else tuple(place)


def _owners(model: type[BaseModel], place: Sequence[str | int]) -> list[type[BaseModel]]:
    """Sections that may stand at ``place``."""
    owners: list[type[BaseModel]] = [model]
    for name in (part for part in place if isinstance(part, str)):
        fields = [owner.model_fields[name] for owner in owners if name in owner.model_fields]
        owners = [inner for field in fields for inner in _models(field.annotation)]
    return owners


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


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
