"""Clips on disk: all frames one after the other, memory-mapped, and where the events are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.data.video.swing_motion import ADDRESS, EVENTS, IMPACT

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Clip:
    """One swing on film.

    Attributes:
        frames: uint8 ``(frame, …)``.
        events: ``(8,)`` frame of each event, counted from 0 at the first frame.
        group: what must not be divided between training and test, such as the video it is from.
        fold: part of a published partition, 0 where there is none.
    """

    frames: NDArray[np.uint8]
    events: Indices
    group: int
    fold: int = 0


@dataclass(frozen=True)
class SwingClips:
    """All clips of a corpus.

    Attributes:
        frames: uint8 ``(frame of all clips, …)``, memory-mapped.
        start: ``(clip + 1,)`` first frame of each clip, and the end of the last.
        events: ``(clip, 8)`` frame of each event from the start of its clip.
        group, fold: ``(clip,)`` as in `Clip`.
        left_out: how many clips were left out, by reason.
    """

    frames: NDArray[np.uint8]
    start: Indices
    events: Indices
    group: Indices
    fold: Indices
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.events)

    @property
    def length(self) -> Indices:
        """``(clip,)`` frames of each clip."""
        return np.diff(self.start)


def swing_length(events: Indices) -> Indices:
    """``(clip,)`` frames from address to impact, of events ``(clip, 8)``."""
    return np.asarray(events[:, IMPACT] - events[:, ADDRESS], np.int64)


def write_clips(
    directory: Path, clips: Iterable[Clip | str], shape: tuple[int, ...], most: int
) -> None:
    """Write clips into ``directory`` one by one.

    Args:
        clips: in place of a clip that is left out, the reason.
        shape: of a frame.
        most: frames that there can be in all.
    """
    file = np.lib.format.open_memmap(
        directory / "frames.npy", "w+", np.uint8, (max(1, most), *shape)
    )
    start, kept, reasons = [0], [], Counter[str]()
    for clip in clips:
        if isinstance(clip, str):
            reasons[clip] += 1
            continue
        first, end = start[-1], start[-1] + len(clip.frames)
        file[first:end] = clip.frames
        start.append(end)
        kept.append((clip.events, clip.group, clip.fold))
    file.flush()
    np.savez(
        directory / "clips.npz",
        start=np.array(start, np.int64),
        events=np.array([events for events, _, _ in kept], np.int64).reshape(-1, len(EVENTS)),
        group=np.array([group for _, group, _ in kept], np.int64),
        fold=np.array([fold for _, _, fold in kept], np.int64),
    )
    (directory / "left_out.json").write_text(json.dumps(reasons, sort_keys=True), "utf-8")


def read_clips(directory: Path) -> SwingClips:
    """What `write_clips` wrote."""
    with np.load(directory / "clips.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    frames = np.load(directory / "frames.npy", mmap_mode="r", allow_pickle=False)
    left_out = json.loads((directory / "left_out.json").read_text("utf-8"))
    return SwingClips(frames, **arrays, left_out=left_out)
