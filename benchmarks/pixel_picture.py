"""The picture of docs/tasks/one_pixel.md: candidates in a pixel, with and without counting.

python benchmarks/pixel_picture.py FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench.execution.trainer import run
from bench.planning.trial import Trial
from bench.plugin import TrainSettings, create_loss
from tasks.one_pixel import OnePixel

REPLICATE, STEPS = 1000, 3000
LOSSES = {"without counting": "none", "with counting": "count"}


def picture() -> Figure:
    """The first start, as its trial keeps it."""
    figure = Figure(figsize=(5.6, 2.6), dpi=80, layout="constrained")
    train = TrainSettings(**{**OnePixel.train.options(), "steps": STEPS, "device": "cpu"})
    for axes, (title, regularizer) in zip(
        figure.subplots(1, 2, sharey=True), LOSSES.items(), strict=True
    ):
        loss = create_loss("heatmap_matching", regularizer=regularizer)
        found = run(Trial(OnePixel(), loss, train, "laptop", REPLICATE, "points"))
        for name, points in found.details["points"].items():
            hollow = {"facecolors": "none", "edgecolors": "black"} if name == "truths" else {}
            axes.scatter(
                points["x"], points["y"], s=90 if hollow else 22, label=name, **hollow, alpha=0.8
            )
        axes.set(title=title, xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="x [px]")
    figure.axes[0].set_ylabel("y [px]")
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8
    )
    return figure


if __name__ == "__main__":
    FigureCanvasAgg(picture()).print_png(Path(sys.argv[1]), metadata={"Software": None})
