"""The picture of docs/tasks/box_counting.md: a scene, its objects and its boxes.

python benchmarks/boxes_picture.py FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tasks.data.boxes.box_scenes import scenes

SEED, SCENES = 4, 3


def picture() -> Figure:
    """True boxes of the kind that is asked for, of others, and what is proposed."""
    made = scenes(np.random.default_rng(SEED), SCENES, 0.3)
    figure = Figure(figsize=(7.2, 2.6), dpi=80, layout="constrained")
    for number, axes in enumerate(figure.subplots(1, SCENES)):
        for box in made.boxes[number]:
            _frame(axes, box, color="0.7", linewidth=0.6)
        for box, kind in zip(made.objects[number], made.kind[number], strict=True):
            if kind >= 0:
                wanted = kind == made.asked[number]
                _frame(axes, box, color="tab:red" if wanted else "tab:blue", linewidth=1.8)
        count = int(made.wanted[number].sum())
        axes.set(xlim=(-0.1, 1.1), ylim=(1.1, -0.1), aspect="equal", title=f"count {count}")
        axes.set_axis_off()
    return figure


def _frame(axes, box, **style) -> None:  # type: ignore[no-untyped-def]
    left, top, right, bottom = box
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, **style))


if __name__ == "__main__":
    FigureCanvasAgg(picture()).print_png(Path(sys.argv[1]), metadata={"Software": None})
