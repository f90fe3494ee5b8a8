"""Features of one rendered recording with and without further percussion, and its labels.

python benchmarks/drums_picture.py docs/tasks/drums.png
"""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tasks.data.audio.drum_patterns import CLASSES
from tasks.data.audio.log_mel import log_mel
from tasks.data.audio.rendered_drums import Recording, render, render_amid_percussion

SECONDS, WORLD, INDEX = 3.0, 10, 9


def main(path: str) -> None:
    """Write the picture."""
    mpl.use("agg")
    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    recordings: dict[str, Recording] = {
        "drums alone (D-DTD)": render(WORLD, INDEX, SECONDS),
        "amid percussion (D-DTP)": render_amid_percussion(WORLD, INDEX, SECONDS),
    }
    for number, (title, one) in enumerate(recordings.items(), start=1):
        axes = figure.add_subplot(2, 1, number)
        mel = log_mel(one.audio, one.sample_rate, np.arange(0, SECONDS, 0.01), 40)
        shades = np.round(4 * mel) / 4  # few, for a small file
        axes.imshow(
            shades, origin="lower", aspect="auto", extent=(0, SECONDS, 0, 40), cmap="gray_r",
            interpolation="nearest",
        )  # fmt: skip
        for channel, (name, mark) in enumerate(zip(CLASSES, "ovx", strict=True)):
            own = one.times[one.channels == channel]
            axes.plot(own, np.full(len(own), 42 + 3 * channel), mark, ms=4, label=name)
        axes.set(ylim=(0, 51), ylabel="mel band", title=title, xlim=(0, SECONDS))
        axes.title.set_fontsize(9)
    axes.set_xlabel("seconds")
    figure.legend(*axes.get_legend_handles_labels(), ncols=3, fontsize=8, loc="outside upper right")
    figure.savefig(path, dpi=75)


if __name__ == "__main__":
    main(sys.argv[1])
