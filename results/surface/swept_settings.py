"""Runs of a surface by setting: all that share x and y, however many replicates there are.

Leaving out one run of a setting says nothing of a bandwidth while another run of the same setting
stays: replicates predict each other best with no smoothing at all. So settings are left out, and
settings are what a bandwidth must reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from results.surface.kernel_sums import Floats

LEAST_SETTINGS = 3  # to choose a bandwidth from
_LEAST_SHARING = 2.0  # settings that share the weight, as `nadaraya_watson.LEAST_ESS` has of runs
_NEAREST = 32  # settings that are looked at: more could only add to those that share


@dataclass(frozen=True)
class SweptSettings:
    """The distinct settings of n runs.

    Attributes:
        x, y: (s,) places.
        count: (s,) runs there.
        mean: (s,) of their values; squares: (s,) sum of squared deviations from it.
    """

    x: Floats
    y: Floats
    count: Floats
    mean: Floats
    squares: Floats

    @classmethod
    def of(cls, x: Floats, y: Floats, value: Floats) -> SweptSettings:
        """Settings of runs (n,), in order of x and y."""
        places, setting = np.unique(np.stack([x, y], axis=1), axis=0, return_inverse=True)
        setting = setting.ravel()
        count = np.bincount(setting).astype(np.float64)
        mean = np.bincount(setting, value) / count
        squares = np.bincount(setting, (value - mean[setting]) ** 2).astype(np.float64)
        return cls(places[:, 0], places[:, 1], count, mean, squares)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def ranges(self) -> tuple[float, float]:
        """Extent of the settings along x and y."""
        return float(np.ptp(self.x)), float(np.ptp(self.y))

    def reached_by(self, bandwidth: tuple[float, float]) -> bool:
        """Whether kernels of this bandwidth reach from every setting to its neighbours.

        Along each axis, half of the widest gap between neighbouring values is at most a bandwidth,
        so that no stripe between two rows of a grid is out of reach; and at each setting the weight
        is shared by `_LEAST_SHARING` settings or more (Kish), each counted once. A surface is then
        not blank at its own runs: with S = Σ K and Q = Σ K² over settings, S² ≥ 2 Q, a further run
        of weight w ≤ 1 ≤ S, replicate or far away, keeps it so, (S + w)² ≥ 2 (Q + w²).
        """
        from scipy.spatial import cKDTree

        for at, h in zip((self.x, self.y), bandwidth, strict=True):
            if np.diff(np.unique(at)).max(initial=0.0) > 2 * h * (1 + 1e-9):
                return False
        scaled = np.stack([self.x / bandwidth[0], self.y / bandwidth[1]], axis=1)
        distance, _ = cKDTree(scaled).query(scaled, k=range(1, min(len(self), _NEAREST) + 1))
        kernel = np.exp(-0.5 * distance**2)
        sharing = kernel.sum(axis=1) ** 2 / (kernel**2).sum(axis=1)
        return bool(sharing.min() >= _LEAST_SHARING)
