"""Simulated smokers: respiration cycles and a wrist, with puffs in runs and baselines of their own.

A session is an ordinary hour with a cigarette or two in it. In a cigarette puffs come in runs of
consecutive cycles. A puff is a deep, drawn-out breath with the hand at the mouth; talking, walking,
sighs and sips share one or the other with it. How each person breathes, holds the wrist and puffs
is drawn once, so a new person differs from all known ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.data.sensors.cycle_features import cycle_features
from tasks.data.sensors.sessions import Session

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Amount(NamedTuple):
    """Sessions of each person, and cycles of the shortest and of the longest."""

    sessions: int
    shortest: int
    longest: int


SIZES: dict[str, Amount] = {"tiny": Amount(2, 60, 80), "full": Amount(6, 120, 280)}
CIGARETTE = (45, 90)
"""Cycles from the first puff of a cigarette on."""
RUN, GAP = 2.5, 5.0
"""Mean number of consecutive puffs, and of cycles between two runs."""
LONGEST_RUN = 7

# Effects on log inspiration, log expiration, log stretch, share of upper stretch, and on pitch,
# roll, spread of the roll, motion, time that the hand is raised.
PUFF = np.array([0.30, 0.42, 0.50, 0.35, 0.75, 0.70, 0.10, 0.15, 0.90])
SIGH = np.array([0.30, 0.35, 0.60, 0.30, 0.0, 0.0, 0.0, 0.0, 0.0])
SIP = np.array([-0.05, 0.05, -0.10, 0.0, 0.70, 0.60, 0.15, 0.15, 0.85])
TALK = np.array([-0.25, 0.45, 0.10, 0.15, 0.10, 0.15, 0.20, 0.20, 0.05])
WALK = np.array([-0.15, -0.15, 0.20, 0.0, 0.05, 0.0, 0.35, 0.60, 0.0])
SPREAD = np.array([0.19, 0.22, 0.28, 0.28, 0.35, 0.38, 0.25, 0.28, 0.35])
"""Standard deviation from one cycle to the next of all that these act on."""
BASELINE = np.array([0.20, 0.20, 0.35, 0.25, 0.25, 0.30, 0.15, 0.15, 0.10])
"""Standard deviation of the baseline over people."""
STYLE = 0.25
"""Standard deviation over people of the logarithm of each effect of a puff."""


@dataclass(frozen=True)
class Smoker:
    """How one person breathes and puffs.

    Attributes:
        baseline: ``(9,)`` of what the effects act on.
        puff: ``(9,)`` effect of a puff.
    """

    baseline: Numbers
    puff: Numbers


def smoker_sessions(draw: np.random.Generator, person: int, amount: Amount) -> list[Session]:
    """All sessions of a person who is drawn anew."""
    baseline = BASELINE * draw.standard_normal(len(BASELINE))
    smoker = Smoker(baseline, PUFF * np.exp(STYLE * draw.standard_normal(len(PUFF))))
    lengths = draw.integers(amount.shortest, amount.longest + 1, amount.sessions)
    return [_session(draw, person, smoker, int(cycles)) for cycles in lengths]


def _session(draw: np.random.Generator, person: int, smoker: Smoker, cycles: int) -> Session:
    puff = _puffs(draw, cycles)
    talk, walk = _spells(draw, cycles, 0.015, 12.0), _spells(draw, cycles, 0.01, 20.0)
    sigh = (draw.random(cycles) < 0.02) & ~puff
    sip = _spells(draw, cycles, 0.015, 1.6) & ~puff
    strength = np.exp(0.2 * draw.standard_normal(cycles))[:, None]  # no two puffs are alike
    state = smoker.baseline + SPREAD * _wandering(draw, cycles)
    state = state + puff[:, None] * strength * smoker.puff
    for happens, effect in ((sigh, SIGH), (sip, SIP), (talk & ~puff, TALK), (walk, WALK)):
        state = state + happens[:, None] * effect
    features = cycle_features(
        inspiration=1.5 * np.exp(state[:, 0]),
        expiration=2.1 * np.exp(state[:, 1]),
        stretch=np.exp(state[:, 2]),
        upper=1 / (1 + np.exp(-state[:, 3])),
        wrist=state[:, 4:],
    )
    return Session(person, features, puff)


def _puffs(draw: np.random.Generator, cycles: int) -> Flags:
    """One cigarette, in long sessions perhaps two: runs of puffs with gaps between them."""
    puff = np.zeros(cycles, bool)
    begin = int(draw.integers(5, 40))
    while begin < cycles - 20:
        end = min(begin + int(draw.integers(CIGARETTE[0], CIGARETTE[1] + 1)), cycles)
        while begin < end:
            run = min(int(draw.geometric(1 / RUN)), LONGEST_RUN)
            puff[begin : min(begin + run, end)] = True
            begin += run + int(draw.geometric(1 / GAP))
        begin = end + int(draw.integers(80, 200))
    return puff


def _spells(draw: np.random.Generator, cycles: int, rate: float, length: float) -> Flags:
    """Spells of a geometric length that begin at a constant rate, ``(cycle,)``."""
    flags = np.zeros(cycles, bool)
    for begin in np.flatnonzero(draw.random(cycles) < rate):
        flags[begin : begin + draw.geometric(1 / length)] = True
    return flags


def _wandering(draw: np.random.Generator, cycles: int) -> Numbers:
    """Half of the variance changes with every cycle, half wanders over about ten of them."""
    from scipy.signal import lfilter

    fast, slow = draw.standard_normal((2, cycles, len(SPREAD)))
    keep = 0.9
    slow = lfilter([np.sqrt(1 - keep**2)], [1.0, -keep], slow, axis=0)
    return np.asarray(np.sqrt(0.5) * (fast + slow))
