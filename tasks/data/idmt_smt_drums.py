"""Reader of IDMT-SMT-Drums (Dittmar & Gärtner 2014): drum-only recordings of three families."""

from __future__ import annotations

FAMILIES: tuple[str, ...] = ("RealDrum", "TechnoDrum", "WaveDrum")
