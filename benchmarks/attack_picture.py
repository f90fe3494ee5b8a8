"""Draw attacked pictures of the `pixel_attack` task: before, by evolution with 1, 3 and 5 pixels.

    python benchmarks/attack_picture.py docs/tasks/pixel_attack.png

They are validation pictures of a world that no sweep uses.
"""

from __future__ import annotations

import sys

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import torch
from settings import held_back_world

from bench.plugin import Task, create_task

PICTURES = 6
PIXELS = (1, 3, 5)


def main(path: str) -> None:
    """Write the picture to ``path``."""
    Task.world = held_back_world  # type: ignore[method-assign]
    split = create_task("pixel_attack").splits(1000).validation
    names, classifier = split.pictures.facts["classes"], split.target.classifier
    rows = {"before": split.pictures.images, **{f"{d} px": split.rival(d) for d in PIXELS}}
    figure, grid = plt.subplots(len(rows), PICTURES, figsize=(6.4, 4.9), layout="constrained")
    for axes, (name, images) in zip(grid, rows.items(), strict=True):
        with torch.no_grad():
            p = classifier(torch.from_numpy(images[:PICTURES]).float() / 255).softmax(-1)
        for axis, image, seen in zip(axes, images, p, strict=False):
            axis.imshow(image[0], cmap="gray", vmin=0, vmax=255)
            axis.set_title(f"{names[seen.argmax()]} [{100 * seen.max():.0f} %]", fontsize=8)
            axis.set_xticks([])
            axis.set_yticks([])
        axes[0].set_ylabel(name, fontsize=8)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(*sys.argv[1:])
