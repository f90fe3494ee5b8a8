"""Real sampled drum kits of the soundfont that ``pretty_midi`` ships: one-shots and their mixing.

The kits of ``TimGM6mb.sf2`` share samples and have no velocity layers. `draw_kit` therefore gives
every recording its own kit: pitch, decay, tone and level of each instrument differ, and soft
strokes are darker than loud ones. Signals are mono, `SAMPLE_RATE` Hz, float32.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.data.audio.drum_patterns import Hit

SAMPLE_RATE = 22_050
FAMILIES: dict[str, tuple[int, ...]] = {
    "acoustic": (0, 8, 16),
    "electronic": (24, 25),
    "orchestral": (32, 40, 48),
}
"""Presets of bank 128: Standard, Room, Power; Electronic, TR-808; Jazz, Brush, Orchestra."""

KEYS: dict[str, tuple[int, ...]] = {
    "kick": (35, 36), "snare": (38, 40), "closed_hat": (42,), "pedal_hat": (44,),
    "open_hat": (46,), "tom_low": (41, 43), "tom_mid": (45, 47), "tom_high": (48, 50),
    "crash": (49, 57), "ride": (51, 59, 53), "china": (52,), "splash": (55,), "rim": (37,),
    "clap": (39,), "tambourine": (54,), "cowbell": (56,), "bongo": (60, 61), "conga_mute": (62,),
    "conga_high": (63,), "conga_low": (64,), "shaker": (69, 70, 82), "claves": (75, 76),
}  # fmt: skip
"""General MIDI keys of each instrument."""

_RENDER_RATE = 44_100
_LATENCY = 0.0012  # the synthesiser's onset offset in seconds, measured: 1.1 to 1.3 ms
_LENGTH = 1.2  # seconds of a one-shot
_HATS = ("closed_hat", "pedal_hat", "open_hat")

Signal = NDArray[np.float32]


@dataclass(frozen=True)
class Kit:
    """Loud and soft one-shot of each instrument of one recording, peak-normalised then levelled."""

    loud: dict[str, Signal]
    soft: dict[str, Signal]


def soundfont() -> Path:
    """Path of the soundfont inside the installed ``pretty_midi`` package (not imported)."""
    from importlib.util import find_spec

    spec = find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("package pretty_midi, which ships TimGM6mb.sf2, is not installed")
    return Path(spec.origin).parent / "TimGM6mb.sf2"


@functools.cache
def _synthesizer() -> object:
    from symusic import Synthesizer

    return Synthesizer(sf_path=str(soundfont()), sample_rate=_RENDER_RATE)


@functools.cache
def one_shot(preset: int, key: int) -> Signal:
    """A sample of the soundfont with its onset at index 0 and peak 1, faded out at the end."""
    from scipy import signal
    from symusic.core import NoteSecond, ScoreSecond, TrackSecond

    score, track = ScoreSecond(480), TrackSecond(program=preset, is_drum=True, name="drums")
    track.notes.append(NoteSecond(0.0, _LENGTH, key, 110))
    score.tracks.append(track)
    rendered = np.asarray(_synthesizer().render(score, stereo=True))  # type: ignore[attr-defined]
    mono = rendered.mean(0)[round(_LATENCY * _RENDER_RATE) :][: round(_LENGTH * _RENDER_RATE)]
    sound = signal.resample_poly(mono, 1, _RENDER_RATE // SAMPLE_RATE)
    fade = round(0.1 * SAMPLE_RATE)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(sound / max(float(np.abs(sound).max()), 1e-6), np.float32)


def draw_kit(
    rng: np.random.Generator, family: str, instruments: set[str], others: float = -12.0
) -> Kit:
    """A kit of ``family`` whose instruments are all transformed at random.

    Each instrument has a generator of its own, so its sound does not depend on which others are
    asked for.

    Args:
        others: mean level in dB of all but kick, snare and hi-hat.
    """
    from scipy import signal

    preset = int(rng.choice(FAMILIES[family]))
    loud, soft = {}, {}
    for (name, keys), own in zip(KEYS.items(), rng.spawn(len(KEYS)), strict=True):
        if name not in instruments:
            continue
        sound = _resample(one_shot(preset, int(own.choice(keys))), 2 ** (own.uniform(-2, 2) / 12))
        if own.random() < 0.6:
            decay = np.exp(own.uniform(np.log(0.08), np.log(0.8)))
            sound = sound * np.exp(-np.arange(len(sound)) / (decay * SAMPLE_RATE))
        sound = _tilt(sound, own.uniform(-3, 3))
        level = 10 ** ((_LEVELS.get(name, others) + own.normal(0, 2.0)) / 20)
        loud[name] = (level / max(float(np.abs(sound).max()), 1e-6) * sound).astype(np.float32)
        smoothing = signal.butter(1, own.uniform(0.3, 0.7))
        soft[name] = signal.lfilter(*smoothing, loud[name]).astype(np.float32)
    return Kit(loud, soft)


_LEVELS = {"kick": 0.0, "snare": 0.0, "closed_hat": -5.0, "pedal_hat": -5.0, "open_hat": -5.0}


def _resample(sound: Signal, factor: float) -> Signal:
    """Played ``factor`` times as fast (and as high)."""
    positions = np.arange(0, len(sound) - 1, factor)
    return np.asarray(np.interp(positions, np.arange(len(sound)), sound), np.float32)


def _tilt(sound: Signal, decibels_per_decade: float) -> Signal:
    """Spectrum tilted about 1 kHz."""
    from scipy import fft

    n = fft.next_fast_len(len(sound), real=True)
    frequency = np.maximum(fft.rfftfreq(n, 1 / SAMPLE_RATE), 30.0)
    gain = 10 ** (decibels_per_decade * np.log10(frequency / 1000.0) / 20)
    tilted = fft.irfft(fft.rfft(sound, n) * gain, n)[: len(sound)]
    return np.asarray(tilted, np.float32)


def mix(rng: np.random.Generator, kit: Kit, hits: list[Hit], duration: float) -> Signal:
    """Dry mono signal of ``hits`` (sorted by time); a hi-hat stroke damps an open hi-hat before it.

    Args:
        rng: per-stroke level and tone.
        kit: sounds.
        hits: strokes within ``[0, duration)``.
        duration: seconds.
    """
    length = round(duration * SAMPLE_RATE)
    out = np.zeros(length + 1, np.float32)
    hat_times = [hit.time for hit in hits if hit.instrument in _HATS]
    for hit in hits:
        start = round(hit.time * SAMPLE_RATE)
        brightness = float(np.clip(hit.velocity * 1.3 - 0.25 + rng.normal(0, 0.08), 0, 1))
        gain = 10 ** ((-11.0 * (1 - hit.velocity) + rng.normal(0, 1.0)) / 20)
        size = min(len(kit.loud[hit.instrument]), length - start)
        if hit.instrument == "open_hat":
            following = next((t for t in hat_times if t > hit.time), duration)
            size = min(size, max(1, round((following - hit.time) * SAMPLE_RATE)))
        if size <= 0:
            continue
        loud, soft = kit.loud[hit.instrument][:size], kit.soft[hit.instrument][:size]
        sound = gain * (brightness * loud + (1 - brightness) * soft)
        fade = min(size, round(0.004 * SAMPLE_RATE))
        sound[size - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        out[start : start + size] += sound
    return out[:length]
