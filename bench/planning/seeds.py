"""Seeds of a trial: they depend on task, replicate and purpose, never on the loss."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_ODD = 0x9E3779B97F4A7C15
_MASK = (1 << 63) - 1


def seed(task: str, replicate: int, purpose: str) -> np.random.SeedSequence:
    """Seeds shared by all losses."""
    words = hashlib.sha256(f"{task}/{purpose}".encode()).digest()
    return np.random.SeedSequence([replicate, *np.frombuffer(words[:16], dtype=np.uint32).tolist()])


def torch_seed(task: str, replicate: int, purpose: str) -> int:
    """The same as one integer, for ``torch.manual_seed``."""
    return int(seed(task, replicate, purpose).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True)
class StepStreams:
    """Randomness of one purpose, a stream for every training step.

    What a step draws depends on its number alone, not on what earlier steps or other purposes drew:
    a loss that samples leaves dropout masks and augmentation as they are for all others.
    """

    task: str
    replicate: int
    purpose: str

    def numpy(self, step: int) -> np.random.Generator:
        """The stream of a step (Philox, its counter begun at the step's number)."""
        return np.random.Generator(np.random.Philox(key=self._key, counter=[0, 0, 0, step]))

    def torch(self, step: int) -> int:
        """Seed of a step for a generator of torch; no two steps agree in the 32 bits it uses."""
        return (self._base + step * _ODD) & _MASK

    @cached_property
    def _key(self) -> np.ndarray:
        return seed(self.task, self.replicate, self.purpose).generate_state(2, np.uint64)

    @cached_property
    def _base(self) -> int:
        return torch_seed(self.task, self.replicate, self.purpose)
