"""Training settings of a trial: what a specification's ``train`` section may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from bench.plugin import Ge, Gt, Options


class TrainSettings(Options):
    """How a network is trained. The same for every loss that is compared.

    Defaults are those of the `laptop` scale; the publications' own are in the sweeps' ``paper``
    scale. Optimiser: Adam.
    """

    plugin_name = "train"

    steps: Annotated[int, Gt(0)] = 1500
    batch_size: Annotated[int, Gt(0)] = 32
    lr: Annotated[float, Gt(0)] = 3e-3
    clip_norm: Annotated[float, Gt(0)] = 10.0
    validations: Annotated[int, Ge(0)] = 3
    """Evaluations on validation data during training, for the learning curve."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"


class Resources(Options):
    """What one trial occupies; ``gpu: 0.25`` packs four trials on one GPU.

    A trial trains on one thread whatever it reserves, so that its result does not depend on it.
    """

    plugin_name = "resources"

    cpu: Annotated[float, Gt(0)] = 1.0
    gpu: Annotated[float, Ge(0)] = 0.0
