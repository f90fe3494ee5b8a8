"""Frames of rendered golf swings at their events, as a picture for the documentation.

python benchmarks/golf_picture.py FILE.png
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from tasks.data.video.swing_frames import render_clips

CLIPS, ZOOM = 5, 3


def main(path: str) -> None:
    """A row for each clip, a column for each event."""
    frames, events = render_clips(np.random.default_rng(1), CLIPS)
    rows = [
        np.concatenate([np.pad(frames[n, frame], 1) for frame in events[n]], 1)
        for n in range(CLIPS)
    ]
    picture = np.concatenate(rows)
    picture = picture // 16 * 16  # a small file
    large = cv2.resize(picture, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_NEAREST)
    cv2.imwrite(path, large)


if __name__ == "__main__":
    main(sys.argv[1])
