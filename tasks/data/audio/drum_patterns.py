"""Drum patterns: bars of a style with swing, ghost notes, fills, rolls and flams.

A recording has one style, tempo and swing. Its bars are variations of one drawn groove, so that
hits depend on each other as they do in music, and every few bars end in a fill. Beside kick, snare
and hi-hat it holds other percussion, which a detector must leave alone.

Times are seconds from the start of the recording; velocities lie in (0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLASSES: tuple[str, ...] = ("kick", "snare", "hihat")
"""The three classes to be detected, in channel order."""

CLASS_OF: dict[str, int] = {
    "kick": 0, "snare": 1, "closed_hat": 2, "pedal_hat": 2, "open_hat": 2,
}  # fmt: skip
"""Channel of each instrument that counts; every other instrument is other percussion."""

TOMS = ("tom_low", "tom_mid", "tom_high")


@dataclass(frozen=True)
class Hit:
    """One stroke: time in seconds, instrument name, velocity in (0, 1]."""

    time: float
    instrument: str
    velocity: float


@dataclass(frozen=True)
class Style:
    """Sixteen-step grooves, ``x`` a stroke, ``o`` an accent, ``-`` a possible ghost note.

    Attributes:
        kick, snare, hat: the groove of each; where ``hat_on`` names another instrument, the time
            is kept on that one and the hi-hat is played by foot.
        hat_on: instrument that plays the ``hat`` line.
        tempo: range in beats a minute.
        swing: range of the delay of off-beat sixteenths, as a fraction of a sixteenth.
        percussion: instruments that may join, each with a line of its own.
    """

    kick: str
    snare: str
    hat: str
    hat_on: str = "closed_hat"
    tempo: tuple[float, float] = (80.0, 150.0)
    swing: tuple[float, float] = (0.0, 0.12)
    percussion: tuple[str, ...] = ("tambourine", "cowbell", "clap", "shaker")


@dataclass(frozen=True)
class Company:
    """Which further percussion joins a groove.

    Attributes:
        lines: numbers of further instruments, each as likely.
        density: shares of the sixteenths that one of them strikes, likewise.
        instruments: which may join; None for those of the style.
        level: of their loudest strokes, in dB; that of kick and snare is 0.
        rims_apart: no stroke on the rim is near one on the snare, since one hand has both.
    """

    lines: tuple[int, ...]
    density: tuple[float, ...]
    instruments: tuple[str, ...] | None = None
    level: float = -12.0
    rims_apart: bool = False


SPARSE = Company(lines=(0, 0, 1, 1), density=(0.1, 0.2, 0.3))
"""A drummer, perhaps with something in one hand: recordings of drums only."""
DENSE = Company(
    lines=(2, 3, 4),
    density=(0.15, 0.25, 0.35),
    instruments=(
        "tom_low", "tom_mid", "tom_high", "crash", "ride", "china", "splash", "rim", "clap",
        "tambourine", "cowbell", "bongo", "conga_mute", "conga_high", "conga_low", "shaker",
        "claves",
    ),
    level=-6.0,
    rims_apart=True,
)  # fmt: skip
"""Two to four further instruments throughout, of all that there are, and not in the background."""


STYLES: dict[str, Style] = {
    "rock": Style("o..-..x.o-x.....", "....o..-....o..-", "x.x.x.x.x.x.x.x.", tempo=(85, 170)),
    "rock_ride": Style(
        "o.....x.o.......", "....o.......o.-.", "x.x.x.x.x.x.x.x.", "ride", tempo=(85, 170)
    ),
    "funk": Style(
        "o..x..x..-x..x..", "-..-o-.-.-.-o-.-", "xxxxxxxxxxxxxxxx", tempo=(80, 118),
        percussion=("cowbell", "conga_high", "conga_low", "tambourine"),
    ),
    "disco": Style(
        "o...o...o...o...", "....o.......o...", "x.o.x.o.x.o.x.o.", tempo=(108, 132),
        percussion=("clap", "tambourine", "shaker", "conga_high"),
    ),
    "shuffle": Style(
        "o.....x.o..x....", "....o..-....o..-", "x..xx..xx..xx..x", tempo=(70, 130),
        swing=(0.3, 0.6),
    ),
    "swing": Style(
        "-.......-.......", "..-...-...-..-..", "x...x..xx...x..x", "ride", tempo=(110, 190),
        swing=(0.4, 0.66), percussion=("rim", "crash"),
    ),
    "breakbeat": Style(
        "o.x.......xx....", "....o..-.-..o..-", "x.x.x.x.x.x.x.x.", tempo=(120, 175)
    ),
    "double_kick": Style(
        "oxxxoxxxoxxxoxxx", "....o.......o...", "x...x...x...x...", tempo=(90, 150),
        percussion=("crash", "china", "splash"),
    ),
    "half_time": Style(
        "o.....-...x..x..", "........o.....-.", "x.x.x.xxx.x.xxx.", tempo=(60, 90),
        percussion=("clap", "rim", "cowbell", "shaker"),
    ),
    "latin": Style(
        "x..xx..xx..xx..x", "..-...-...-...-.", "x.xx.xx.x.xx.xx.", "cowbell", tempo=(85, 125),
        percussion=("conga_high", "conga_low", "conga_mute", "bongo", "shaker", "claves"),
    ),
    "bossa": Style(
        "x..xx..xx..xx..x", "-.-.--.-.--.-.--", "xxxxxxxxxxxxxxxx", tempo=(100, 150),
        percussion=("rim", "shaker", "conga_low"),
    ),
    "train": Style("x...x...x...x...", "-xo--xo--xo--xo-", "..x...x...x...x.", "pedal_hat",
                   tempo=(95, 130)),
    "tribal": Style(
        "o..x..x.o..x..x.", "......-.......x.", "x...x...x...x...", "tom_low", tempo=(80, 140),
        percussion=("tom_mid", "tom_high", "tambourine", "clap"),
    ),
}  # fmt: skip


def draw_pattern(rng: np.random.Generator, duration: float, company: Company = SPARSE) -> list[Hit]:
    """Strokes of one recording, sorted by time, all within ``[0, duration)``.

    Args:
        rng: source of all choices.
        duration: seconds.
        company: further percussion.
    """
    style = STYLES[str(rng.choice(sorted(STYLES)))]
    sixteenth = 15.0 / rng.uniform(*style.tempo)
    swing = rng.uniform(*style.swing)
    looseness = rng.uniform(0.001, 0.012)
    percussion = _percussion_lines(rng, style, company)
    groove = {
        "kick": _vary(rng, style.kick, 0.10),
        "snare": _vary(rng, style.snare, 0.08),
        style.hat_on: _vary(rng, style.hat, 0.06),
        **percussion,
    }
    if style.hat_on not in CLASS_OF and rng.random() < 0.8:
        groove["pedal_hat"] = "....x.......x..." if rng.random() < 0.7 else "x...x...x...x..."
    busy, every = rng.uniform(0.03, 0.15), int(rng.choice([2, 4, 4, 8]))
    open_rate = rng.uniform(0.0, 0.15)
    start, bar, hits = -sixteenth * rng.uniform(0, 16), int(rng.integers(8)), list[Hit]()
    while start < duration:
        lines = {name: _vary(rng, line, busy) for name, line in groove.items()}
        strokes = _bar(rng, lines, open_rate)
        if bar % every == every - 1:
            strokes = _with_fill(rng, strokes)
        elif bar % every == 0 and rng.random() < 0.5:
            strokes.append((0.0, str(rng.choice(["crash", "splash", "china"])), 0.9))
        for step, name, velocity in strokes:
            late = swing if int(step) % 2 == 1 and step == int(step) else 0.0
            time = start + (step + late) * sixteenth + rng.normal(0.0, looseness)
            hits.append(Hit(time, name, float(np.clip(velocity, 0.2, 1.0))))
        start += 16 * sixteenth
        bar += 1
    hits = rims_apart(hits) if company.rims_apart else hits
    return sorted(
        (hit for hit in hits if 0.0 <= hit.time < duration),
        key=lambda hit: (hit.time, hit.instrument),
    )


def rims_apart(hits: list[Hit], gap: float = 0.05) -> list[Hit]:
    """Without strokes on the rim less than ``gap`` seconds from one on the snare."""
    snare = np.array([hit.time for hit in hits if hit.instrument == "snare"])
    return [
        hit for hit in hits if hit.instrument != "rim" or not (np.abs(snare - hit.time) < gap).any()
    ]


def _percussion_lines(rng: np.random.Generator, style: Style, company: Company) -> dict[str, str]:
    """Further instruments, each with a random line."""
    known = style.percussion if company.instruments is None else company.instruments
    known = tuple(name for name in known if name != style.hat_on)  # it has its line
    names = rng.permutation(known)[: int(rng.choice(company.lines))]
    lines = {}
    for name in names:
        density = rng.choice(company.density)
        lines[str(name)] = "".join(rng.choice(["x", "-", "."], p=[density, 0.05, 0.95 - density])
                                   for _ in range(16))  # fmt: skip
    return lines


def _vary(rng: np.random.Generator, line: str, rate: float) -> str:
    """The line with each step changed with probability ``rate``."""
    steps = list(line)
    for index in np.flatnonzero(rng.random(len(steps)) < rate):
        steps[index] = str(rng.choice(["x", "-", ".", "."]))
    return "".join(steps)


def _bar(
    rng: np.random.Generator, lines: dict[str, str], open_rate: float
) -> list[tuple[float, str, float]]:
    """Strokes ``(step, instrument, velocity)`` of one bar, with ghost notes, flams and rolls."""
    strokes = []
    for name, line in lines.items():
        for step, mark in enumerate(line):
            if mark == "." or (mark == "-" and rng.random() < 0.4):
                continue
            velocity = {"o": 0.9, "x": 0.68, "-": 0.35}[mark] + rng.normal(0.0, 0.07)
            played = name
            if name == "closed_hat":
                velocity -= 0.15 * (step % 4 != 0)
                if rng.random() < open_rate or (mark == "o" and rng.random() < 0.8):
                    played = "open_hat"
            strokes.append((float(step), played, velocity))
            if name == "snare" and mark == "o" and rng.random() < 0.04:
                strokes.append((step - rng.uniform(0.25, 0.4), name, 0.35))
            if name in ("snare", "closed_hat") and rng.random() < 0.03:
                strokes.append((step + 0.5, name, 0.6 * velocity))
    return strokes


def _with_fill(
    rng: np.random.Generator, strokes: list[tuple[float, str, float]]
) -> list[tuple[float, str, float]]:
    """The end of the bar replaced by a run over snare and toms, or by a snare roll."""
    begin = int(rng.choice([8, 12, 12, 14]))
    kept = [s for s in strokes if s[0] < begin or (s[1] in ("kick", "pedal_hat") and s[0] % 4 == 0)]
    places = ("snare", *TOMS[::-1])
    roll = rng.random() < 0.3
    spacing = 0.5 if roll and rng.random() < 0.5 else 1.0
    position = 0.0
    for step in np.arange(begin, 16, spacing):
        if rng.random() < 0.15:
            continue
        position = min(3.0, position + (0.0 if roll else rng.uniform(0, 0.8)))
        rise = 0.5 + 0.4 * (step - begin) / (16 - begin)
        kept.append((float(step), places[int(position)], rise + rng.normal(0.0, 0.08)))
    return kept
