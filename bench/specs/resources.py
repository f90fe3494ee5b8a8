"""What one trial occupies on a machine: what a specification's ``resources`` section may hold."""

from __future__ import annotations

from typing import Annotated

from bench.plugin import Ge, Gt, Options


class Resources(Options):
    """What one trial occupies; ``gpu: 0.25`` packs four trials on one GPU.

    A trial trains on one thread whatever it reserves, so that its result does not depend on it.
    """

    plugin_name = "resources"

    cpu: Annotated[float, Gt(0)] = 1.0
    gpu: Annotated[float, Ge(0)] = 0.0
