"""Draw frames of the `microscopy` task and their molecules.

    python benchmarks/microscopy_picture.py docs/tasks/microscopy.png

Left a test frame; then a corner of it with its molecules, and those of ten frames of its structure.
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

from bench.plugin import create_task
from tasks.data.molecules.simulated_stacks import PER_FIELD
from tasks.splits.molecule_split import PIXEL

CORNER = 16
"""Pixels of the detail along each side."""


def main(path: str) -> None:
    """Write the picture to ``path``."""
    split = create_task("microscopy").splits(0).test
    place, sample = split.truth.position / PIXEL, split.truth.sample
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.5), layout="constrained")
    for axis, side in zip(axes, (split.side, CORNER), strict=False):
        axis.imshow(split.frames[0, :side, :side], cmap="gray", extent=(0, side, side, 0))
        axis.set_title(f"{side} × {side} pixels of a frame", fontsize=8)
    row, column = place[(sample == 0) & (place < CORNER).all(1)].T
    axes[1].plot(column, row, "+", color="tab:red", markersize=6)
    row, column = place[sample < PER_FIELD].T
    axes[2].plot(column, row, ".", color="black", markersize=1)
    axes[2].set(xlim=(0, split.side), ylim=(split.side, 0), aspect="equal")
    axes[2].set_title(f"molecules of {PER_FIELD} frames", fontsize=8)
    for axis in axes:
        axis.tick_params(labelsize=6)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(*sys.argv[1:])
