"""Attacks on single pixels by differential evolution (Su et al. 2019), the published rival."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor


def evolved(
    classifier: Callable[[Tensor], Tensor],
    image: NDArray[np.uint8],
    label: int,
    pixels: int,
    draw: Generator,
    population: int = 400,
    generations: int = 100,
) -> NDArray[np.uint8]:
    """The picture with up to ``pixels`` altered, by a search against the probability of its class.

    A candidate holds row, column and new value of each pixel. As published, places are uniform and
    values normal about 128 with deviation 127 at first, differences weigh .5, and nothing is
    crossed over. The search ends as soon as some candidate is seen as another class.

    Args:
        classifier: from images ``(batch, channel, side, side)`` in [0, 1] to logits.
        image: ``(channel, side, side)``.
        population: candidates; the default is published, as that of the generations.
    """
    from scipy.optimize import differential_evolution

    channels, side, _ = image.shape
    found: list[NDArray[np.uint8]] = []

    def probability(candidates: NDArray[np.float64]) -> NDArray[np.float64]:
        made = altered(image, candidates.T.reshape(-1, pixels, 2 + channels))
        with torch.no_grad():
            logits = classifier(torch.from_numpy(made).float() / 255)
        own = logits.softmax(-1)[:, label].double().numpy()
        fooled = np.flatnonzero((logits.argmax(-1) != label).numpy())
        if len(fooled):
            found.append(made[fooled[own[fooled].argmin()]])
        return np.asarray(own)

    places = draw.uniform(0, side, (population, pixels, 2))
    values = draw.normal(128, 127, (population, pixels, channels)).clip(0, 255)
    result = differential_evolution(
        probability,
        [*[(0.0, side - 1e-6)] * 2, *[(0.0, 255.0)] * channels] * pixels,
        init=np.concatenate([places, values], -1).reshape(population, -1).clip(0, None),
        strategy="rand1bin",
        mutation=0.5,
        recombination=1.0,
        maxiter=generations,
        tol=0.0,
        polish=False,
        updating="deferred",
        vectorized=True,
        callback=lambda intermediate_result: bool(found),
        rng=draw,
    )
    return found[0] if found else altered(image, result.x.reshape(1, pixels, -1))[0]


def altered(image: NDArray[np.uint8], changes: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A picture for each candidate, ``(candidate, channel, side, side)``.

    Args:
        changes: ``(candidate, pixel, 2 + channel)``: row, column, new values. Of several changes of
            one pixel the last holds.
    """
    made = np.repeat(image[None], len(changes), 0)
    place, value = changes[..., :2].astype(np.int64), changes[..., 2:].round().astype(np.uint8)
    every = np.arange(len(changes))
    for number in range(changes.shape[1]):
        row, column = place[:, number].T
        made[every, :, row, column] = value[:, number]
    return made
