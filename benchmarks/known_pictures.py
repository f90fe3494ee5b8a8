"""The pictures of docs/tasks/shift.md and docs/tasks/semi_supervised.md.

    python benchmarks/known_pictures.py FOLDER

Writes FOLDER/shift.png and FOLDER/semi_supervised.png: what theory says of each loss, and two views
of a piece.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench.plugin import create_loss
from tasks.semi_supervised import SemiSupervised
from tasks.shift import REACH, SHOWN, Shift

LOSSES = {
    "cross-entropy": create_loss("cross_entropy"),
    "smoothed labels": create_loss("label_smoothing_ce", softness=3),
    "SoftLoc": create_loss("softloc", softness=3),
}


def shift() -> Figure:
    """Known answers for normal and skewed errors of 3 bins."""
    figure = Figure(figsize=(6.4, 2.2), layout="constrained")
    bins = np.arange(-SHOWN, SHOWN + 1)
    for axes, kind in zip(figure.subplots(1, 2, sharey=True), ("normal", "skewed"), strict=True):
        task = Shift(noise=3, noise_kind=kind)
        for name, loss in LOSSES.items():
            answer = task.theory(loss)
            assert answer is not None
            axes.plot(bins, answer[REACH - SHOWN : REACH + SHOWN + 1], label=name, linewidth=1)
        axes.set(title=f"{kind} errors", xlabel="bins from the impulse", ylim=(0, 0.35))
    figure.axes[0].set_ylabel("φ")
    figure.axes[1].legend(frameon=False, fontsize=8)
    return figure


def semi_supervised() -> Figure:
    """Two views of one piece, each as far as it is counted."""
    figure = Figure(figsize=(6.4, 2.2), dpi=70, layout="constrained")
    train = SemiSupervised(size="tiny", labelled=8).splits(0).train
    inputs, target = train.batch(np.array([1, 1]), np.random.default_rng(3))
    assert target.mask is not None
    counts = ", ".join(map(str, target.counts[0].tolist()))
    for axes, view, mask in zip(figure.subplots(1, 2), inputs, target.mask, strict=True):
        mel = view[: len(view) // 2, : int(mask.sum())]
        seconds = mel.shape[1] * target.step
        axes.imshow(mel, origin="lower", aspect="auto", extent=(0, seconds, 0, len(mel)))
        axes.set(title=f"kick, snare, hi-hat: {counts}", xlabel="s", ylabel="mel band")
    return figure


def main(folder: Path) -> None:
    """Write both."""
    for name, draw in (("shift", shift), ("semi_supervised", semi_supervised)):
        FigureCanvasAgg(draw()).print_png(folder / f"{name}.png", metadata={"Software": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
