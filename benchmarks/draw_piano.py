"""Picture of the `piano` task's data: an excerpt to train and one to test, with their onsets.

    python benchmarks/draw_piano.py FILE.png

docs/tasks/piano.md shows it.
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from bench.plugin import create_task
from tasks.data.audio.piano_pieces import LOWEST_BAND

EXTRACTS = 2
"""Extracts of 1.5 s that are shown of each recording."""


def main(file: str) -> None:
    """Draw world 0, size tiny, into a file."""
    splits = create_task("piano", size="tiny").splits(0, "events")
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.4), sharey=True, layout="constrained")
    parts = (splits.train, "to train: Piano 1, small room"), (splits.test, "to test: Piano 3, hall")
    for axis, (split, title) in zip(axes, parts, strict=True):
        inputs, _ = split.batch(np.arange(EXTRACTS))
        bands = np.concatenate(list(inputs.numpy()), 1)
        seconds = bands.shape[1] * split.pieces.grid.hop
        extent = (0, seconds, LOWEST_BAND - 0.5, LOWEST_BAND + len(bands) - 0.5)
        axis.imshow(bands, origin="lower", aspect="auto", extent=extent, cmap="gray_r")
        events = split.joined(split.truth)
        first = (events.sample == 0) & (events.time < seconds)
        lowest = split.keys[0]
        axis.plot(events.time[first], lowest + events.channel[first], "r|", ms=5, mew=1.2)
        axis.set(title=title, xlabel="s", ylim=(30, 110))
    axes[0].set_ylabel("MIDI key of the band")
    figure.savefig(file, dpi=66, metadata={"Software": None})


if __name__ == "__main__":
    main(sys.argv[1])
