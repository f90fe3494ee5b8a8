"""Sessions of respiration cycles as training pieces and as whole sequences; who is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from bench.plugin import EventTarget, UsageError
from tasks.data.sensors.sessions import FEATURES, Scale, Session
from tasks.metrics.event_lists import Events

PIECE = 50
"""Cycles of a training piece (the public code)."""
VALIDATION = 0.2
"""Share of the sessions of the people who are trained on."""

Labels = list[NDArray[np.float32]]


@dataclass(frozen=True)
class PuffPieces:
    """Training pieces of `PIECE` cycles that begin at every cycle, padded behind a session's end.

    Attributes:
        features: ``(row, 37)`` of all sessions, each followed by `PIECE` rows of padding.
        puffs: ``(row,)`` labelled puffs.
        real: ``(row,)`` False on padding.
        starts: ``(piece,)`` first row of each piece.
    """

    features: torch.Tensor
    puffs: torch.Tensor
    real: torch.Tensor
    starts: torch.Tensor

    @classmethod
    def of(cls, sessions: Sequence[Session], scale: Scale, labels: Labels) -> PuffPieces:
        """Pieces of some sessions with ``labels``, ``(cycle,)`` for each."""
        features, puffs, starts, row = [], [], [], 0
        for session, label in zip(sessions, labels, strict=True):
            features += [scale(session.features), np.zeros((PIECE, FEATURES), np.float32)]
            puffs += [label, np.full(PIECE, -1.0, np.float32)]
            starts.append(np.arange(row, row + len(session)))
            row += len(session) + PIECE
        marked = torch.from_numpy(np.concatenate(puffs))
        return cls(
            torch.from_numpy(np.concatenate(features)),
            marked.clamp(min=0),
            marked >= 0,
            torch.from_numpy(np.concatenate(starts)),
        )

    def __len__(self) -> int:
        return len(self.starts)

    def batch(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Inputs ``(batch, cycle, 37)`` and labels; nothing about them is random."""
        index = self.starts[torch.as_tensor(rows)][:, None] + torch.arange(PIECE)
        return self.features[index], EventTarget(self.puffs[index][:, None], 1.0, self.real[index])


@dataclass(frozen=True)
class WholeSessions:
    """Sessions as they are, padded to the longest; a split with clean labels.

    Attributes:
        inputs: ``(session, cycle, 37)``.
        target: labels and mask.
        unit: ``(session,)`` person.
        truth: puffs at the centres of their cycles.
        notes: on how the data were read.
    """

    inputs: torch.Tensor
    target: EventTarget
    unit: NDArray[np.int64]
    truth: Events
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, sessions: Sequence[Session], scale: Scale, notes: tuple[str, ...] = ()
    ) -> WholeSessions:
        """All of some sessions, longer than which none is."""
        longest = max(len(session) for session in sessions)
        inputs = np.zeros((len(sessions), longest, FEATURES), np.float32)
        puffs = np.zeros((len(sessions), 1, longest), np.float32)
        real = np.zeros((len(sessions), longest), bool)
        for row, session in enumerate(sessions):
            inputs[row, : len(session)] = scale(session.features)
            puffs[row, 0, : len(session)] = session.puff
            real[row, : len(session)] = True
        target = EventTarget(torch.from_numpy(puffs), 1.0, torch.from_numpy(real))
        people = np.array([session.person for session in sessions])
        truth = Events.counted(puffs, np.asarray(np.arange(longest) + 0.5, np.float64))
        return cls(torch.from_numpy(inputs), target, people, truth, notes)

    def __len__(self) -> int:
        return len(self.inputs)

    def batch(
        self, rows: NDArray[np.int64], draw: np.random.Generator | None = None
    ) -> tuple[torch.Tensor, EventTarget]:
        """Inputs ``(batch, cycle, 37)`` and labels; nothing about them is random."""
        chosen, target = torch.as_tensor(rows), self.target
        assert target.events is not None
        assert target.mask is not None
        picked = EventTarget(target.events[chosen], target.step, target.mask[chosen])
        return self.inputs[chosen], picked


def leave_out(
    sessions: Sequence[Session], people: set[int], draw: np.random.Generator
) -> tuple[list[Session], list[Session], list[Session]]:
    """Sessions to train, to validate and to test; those to test are all of ``people``.

    Of the other people a fifth of the sessions, drawn at random, validates.

    Raises:
        UsageError: too few sessions are left for one to train and one to validate.
    """
    others = [session for session in sessions if session.person not in people]
    if len(others) < 2:
        raise UsageError("puffs: two sessions or more of people who are not left out are needed")
    order = draw.permutation(len(others))
    held = {int(i) for i in order[: max(1, round(VALIDATION * len(others)))]}
    train = [session for i, session in enumerate(others) if i not in held]
    validation = [session for i, session in enumerate(others) if i in held]
    return train, validation, [session for session in sessions if session.person in people]


def noisy_labels(sessions: Sequence[Session], moves: NDArray[np.float64]) -> Labels:
    """Labels of each session with puff k of all of them moved by ``moves[k]`` cycles.

    Moved labels are rounded to cycles and clipped to their session. Where several meet they all
    count: the public code's ``a[index] += 1`` counts them once.
    """
    found, first = [], 0
    for session in sessions:
        cycle = np.flatnonzero(session.puff)
        moved = np.rint(cycle + moves[first : first + len(cycle)]).astype(np.int64)
        labels = np.zeros(len(session), np.float32)
        np.add.at(labels, moved.clip(0, len(session) - 1), 1.0)
        found.append(labels)
        first += len(cycle)
    return found
