"""The picture of docs/tasks/puffs.md: a session of a simulated smoker.

python benchmarks/draw_puffs.py docs/tasks/puffs.png
"""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np

from bench.plugin import create_task
from tasks.data.sensors.cycle_features import NAMES
from tasks.labels.noise import standard_draws
from tasks.puffs import Puffs
from tasks.splits.puff_split import noisy_labels

SHOWN = {"stretch": "stretch of the chest", "expiration": "expiration [s]", "raised": "hand raised"}
NOISE = 2.0
REPLICATE = 1000


def main() -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    task = create_task("puffs")
    assert isinstance(task, Puffs)
    session = task.recordings(REPLICATE)[0][0]
    moves = NOISE * standard_draws("puffs", REPLICATE, int(session.puff.sum()), "normal")
    [labels] = noisy_labels([session], moves)
    figure, axes = plt.subplots(len(SHOWN) + 1, 1, figsize=(7.2, 3.6), sharex=True)
    cycle = np.arange(len(session))
    for axis, (name, title) in zip(axes, SHOWN.items(), strict=False):
        axis.plot(cycle, session.features[:, NAMES.index(name)], color="0.35", linewidth=0.8)
        for puff in np.flatnonzero(session.puff):
            axis.axvspan(puff - 0.5, puff + 0.5, color="tab:orange", alpha=0.35, linewidth=0)
        axis.set_ylabel(title, rotation=0, ha="right", va="center", fontsize=8)
        axis.tick_params(labelsize=7)
    below = axes[-1]
    below.eventplot(
        np.flatnonzero(session.puff), lineoffsets=1, linelengths=0.8, color="tab:orange"
    )
    moved = np.repeat(cycle, labels.astype(int))
    below.eventplot(moved, lineoffsets=0, linelengths=0.8, color="tab:blue")
    below.set_yticks([0, 1], ["labels, σ = 2", "puffs"], fontsize=8)
    below.set_xlabel("respiration cycle", fontsize=8)
    below.tick_params(axis="x", labelsize=7)
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=80)


if __name__ == "__main__":
    main()
