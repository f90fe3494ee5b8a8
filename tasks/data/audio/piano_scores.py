"""Scores of music21's corpus that a piano can play: which there are, and a draw of them.

The corpus is read as files of the installed package; music21 itself, which takes seconds to load,
is not needed.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np

from tasks.data.audio.musicxml_notes import ScoreNotes, read_notes

STYLES: dict[str, tuple[str, ...]] = {
    "chorales": ("bach",),
    "madrigals": ("monteverdi",),
    "quartets": ("haydn", "mozart", "beethoven", "schumann_robert"),
    "keyboard and other": ("joplin", "cpebach", "schumann_clara", "weber", "handel"),
}
"""Folders of the corpus by style."""
SHARES: dict[str, float] = {
    "chorales": 0.35, "madrigals": 0.15, "quartets": 0.4, "keyboard and other": 0.1,
}  # fmt: skip
"""Of the recordings."""
SHORTEST = 60
"""Notes of a score that is used."""
MOST = 40
"""Scores of a style that a world uses for training, and for the test."""
CONTENT = "37ee27b7ba4f9dcf"
"""Of all these scores, whatever the version of music21: results are named after them."""
_LARGEST = 60_000  # bytes of a file: the longest quartets take a second to read


def corpus() -> Path:
    """Folder of the scores inside the installed ``music21`` package (not imported)."""
    from importlib.util import find_spec

    spec = find_spec("music21")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("package music21, whose corpus holds the scores, is not installed")
    return Path(spec.origin).parent / "corpus"


@functools.cache
def scores(style: str) -> tuple[str, ...]:
    """Names of a style's scores, paths within the corpus, in order."""
    root = corpus()
    found = (path for folder in STYLES[style] for path in root.glob(f"{folder}/**/*.mxl"))
    small = (path for path in found if path.stat().st_size <= _LARGEST)
    return tuple(sorted(path.relative_to(root).as_posix() for path in small))


def content() -> str:
    """Hash of the names and the bytes of all scores."""
    found, root = hashlib.sha256(), corpus()
    for style in STYLES:
        for name in scores(style):
            found.update(name.encode() + (root / name).read_bytes())
    return found.hexdigest()[:16]


@functools.cache
def score(name: str) -> ScoreNotes:
    """Notes of a score by name."""
    return read_notes(corpus() / name)


def divided(rng: np.random.Generator) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Scores by style, to train and to test: at most `MOST` for each, no score in both."""
    train, test = {}, {}
    for style in STYLES:
        names = [str(name) for name in rng.permutation(np.array(scores(style)))]
        half = len(names) // 2
        train[style], test[style] = names[half:][:MOST], names[:half][:MOST]
    return train, test


def draw_score(rng: np.random.Generator, names: dict[str, list[str]]) -> tuple[str, ScoreNotes]:
    """A score long enough to be played, its style drawn first."""
    while True:
        style = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        name = str(rng.choice(names[style]))
        if len(score(name)) >= SHORTEST:
            return name, score(name)
