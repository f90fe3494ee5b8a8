"""Draw scenes of the `keypoints` task.

    python benchmarks/keypoints_picture.py docs/tasks/keypoints.png

Images of the test; head and hip are yellow, the figure's left red, its right blue; crosses are
feet.
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

from bench.plugin import create_task

SCENES = range(2, 10)
MARKS = (("o", "gold"), ("o", "gold"), ("o", "red"), ("o", "blue"), ("x", "red"), ("x", "blue"))


def main(path: str) -> None:
    """Write the picture to ``path``."""
    split = create_task("keypoints", size="tiny").splits(0, "heatmap").test
    figure, axes = plt.subplots(1, len(SCENES), figsize=(7.2, 0.92), layout="constrained")
    for axis, scene in zip(axes.flat, SCENES, strict=True):
        axis.imshow(split.inputs[scene, 0], cmap="gray", extent=(0, 12, 12, 0), vmin=0, vmax=255)
        for (y, x), (mark, colour) in zip(split.truth[scene], MARKS, strict=True):
            axis.plot(x, y, mark, color=colour, markersize=2.5, markerfacecolor="none")
        axis.axis("off")
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(*sys.argv[1:])
