"""Draw canvases of the `digits` task and the curve along which they are read.

    python benchmarks/digits_picture.py docs/tasks/digits.png

Left, three scenes of the test with boxes' centres; right, the cells in the order of the curve.
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

from bench.plugin import create_task
from tasks.data.images.digit_canvases import STEP
from tasks.data.images.hilbert_curve import hilbert_curve

SCENES = (1, 3, 4)


def main(path: str) -> None:
    """Write the picture to ``path``."""
    task = create_task("digits")
    split = task.splits(0, "events").test
    figure, axes = plt.subplots(1, len(SCENES) + 1, figsize=(7.2, 1.9), layout="constrained")
    for axis, scene in zip(axes, SCENES, strict=False):
        own = split.truth.sample == scene
        axis.imshow(split.inputs[scene, 0], cmap="gray_r", extent=(0, 64, 64, 0))
        y, x = split.truth.position[own].T
        axis.plot(x, y, "x", color="tab:red", markersize=5)
        axis.set_title(", ".join(map(str, split.truth.channel[own])), fontsize=8)
    row, column = (hilbert_curve(task.layout.order).T + 0.5) * STEP
    axes[-1].imshow(split.inputs[SCENES[0], 0], cmap="gray_r", extent=(0, 64, 64, 0), alpha=0.4)
    axes[-1].plot(column, row, color="tab:blue", linewidth=1)
    axes[-1].set_title("64 cells along the curve", fontsize=8)
    for axis in axes:
        axis.set_xticks(range(0, 65, STEP), [])
        axis.set_yticks(range(0, 65, STEP), [])
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(*sys.argv[1:])
