"""What the attacks of a replicate share: a trained classifier, pictures, the rival's attacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tasks.data.images.handwritten_digits import Digits
from tasks.data.images.small_pictures import Pictures, Resolution, at_resolution
from tasks.metrics.pixel_evolution import evolved
from tasks.networks.lenets import Architecture
from tasks.networks.trained_lenet import Classifier, train_lenet
from tasks.splits.attack_split import Attacked, chosen
from tasks.splits.digit_split import split_digits

EVOLVED = (1, 3, 5)
"""Numbers of pixels of figure 7.1, for which the rival's attacks are prepared."""
_KEY = 0xA77AC


def prepare_attacks(
    directory: Path,
    world: int,
    pictures: Pictures,
    amount: tuple[int | None, int, int, int, int, int],
    architecture: Architecture,
    resolution: Resolution,
) -> None:
    """Train a classifier on the training part, and attack some of the others by evolution.

    Args:
        amount: pictures that are used (None: all), steps of the classifier, candidates and
            generations of the evolution, pictures to attack of the validation and of the test part.
    """
    most, steps, population, generations, *numbers = amount
    training, choosing = (np.random.default_rng([_KEY, world, purpose]) for purpose in range(2))
    images, labels = at_resolution(pictures.images, resolution), pictures.labels
    divisible = Digits(images, labels, pictures.tested)
    train, *held_out = split_digits(divisible, world, most)
    weights = train_lenet(images[train], labels[train], architecture, steps, training)
    classifier = Classifier(torch.from_numpy(weights), architecture, *images.shape[1:3])
    rows, accuracy = [], []
    for part, number in zip(held_out, numbers, strict=True):
        right = _seen(classifier, images[part]) == labels[part]
        accuracy.append(float(right.mean()))
        rows.append(part[chosen(right, number, choosing)])
    attacked = np.concatenate(rows)
    facts = {
        "trained_on": len(train),
        "classifier_accuracy": round(accuracy[1], 4),
        "misclassified": round((1 - accuracy[1]) * len(held_out[1])),
        "classes": list(pictures.names),
    }
    np.save(directory / "weights.npy", weights)
    np.save(directory / "images.npy", images[attacked])
    np.save(directory / "labels.npy", labels[attacked])
    (directory / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    for pixels in EVOLVED:
        draw = np.random.default_rng([_KEY, world, 2, pixels])
        pairs = zip(images[attacked], labels[attacked], strict=True)
        made = [
            evolved(classifier, image, int(label), pixels, draw, population, generations)
            for image, label in pairs
        ]
        np.save(directory / f"evolved-{pixels}.npy", np.stack(made))


def read_attacks(
    directory: Path, architecture: Architecture, bounded: bool
) -> tuple[Classifier, Attacked]:
    """The classifier and the pictures that `prepare_attacks` wrote; those that validate first.

    Args:
        bounded: see `Classifier`.
    """

    def load(name: str) -> Any:
        return np.load(directory / f"{name}.npy", allow_pickle=False)

    images, weights = load("images"), torch.from_numpy(load("weights"))
    channels, side = images.shape[1:3]
    classifier = Classifier(weights, architecture, channels, side, bounded)
    rivals = {pixels: load(f"evolved-{pixels}") for pixels in EVOLVED}
    facts = json.loads((directory / "facts.json").read_text(encoding="utf-8"))
    return classifier, Attacked(images, load("labels"), rivals, facts)


def _seen(classifier: Classifier, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The class that is seen in each picture."""
    with torch.no_grad():
        parts = np.array_split(images, max(1, len(images) // 500))
        found = [classifier(torch.from_numpy(part).float() / 255).argmax(-1) for part in parts]
    return torch.cat(found).numpy()
