"""What was smoothed and how, and how well that predicts, in words for figures and pages."""

from __future__ import annotations

from results.surface.bandwidth import BandwidthErrors
from results.surface.nadaraya_watson import Surface

Scales = tuple[float, float]
"""Factors from the units of x and y to those of their axes."""


def smoothing_words(surface: Surface, scales: Scales) -> str:
    """``Gaussian bandwidths 10 × 20 in units of the axes (given)``."""
    how = "chosen by leave-one-setting-out" if surface.chosen else "given"
    return f"Gaussian bandwidths {_pair(surface.bandwidth, surface.log, scales)} ({how})"


def error_words(errors: BandwidthErrors, log: tuple[bool, bool], scales: Scales) -> str:
    """How well settings are predicted that were left out, and by which bandwidths best."""
    text = f"settings left out are predicted with RMSE {errors.used_error:.3g}"
    if errors.best == errors.used:
        return f"{text}, the least of all bandwidths tried"
    best = _pair(errors.best, log, scales)
    return f"{text}; leave-one-setting-out prefers {best}: {errors.best_error:.3g}"


def _pair(bandwidth: tuple[float, float], log: tuple[bool, bool], scales: Scales) -> str:
    """Decades on a logarithmic axis, else the axis's own unit."""
    parts = [
        f"{h:.3g} decades" if is_log else f"{h * scale:.3g}"
        for h, is_log, scale in zip(bandwidth, log, scales, strict=True)
    ]
    return " × ".join(parts) + (" in units of the axes" if not any(log) else "")
