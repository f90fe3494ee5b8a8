"""How attacks of the `pixel_attack` task go on with their steps, on validation pictures.

    python benchmarks/attack_progress.py

The 24 validation pictures of a world that no sweep uses are attacked with 1, 3 and 5 pixels at
once, with the published λ, step size and number of steps. The last row is differential evolution's.
"""

from __future__ import annotations

import sys

import torch
from settings import held_back_world

from bench.plugin import AttackTarget, Task, create_loss, create_task
from tasks.metrics.attack_outcomes import outcomes, stored
from tasks.networks.perturbations import Perturbations
from tasks.splits.attack_split import AttackSplit, Bytes

PIXELS = (1, 3, 5)
STEPS = (250, 500, 1000, 2000, 5000)


def main() -> None:
    """Print a row for each number of steps."""
    Task.world = held_back_world  # type: ignore[method-assign]
    torch.set_num_threads(1)
    task = create_task("pixel_attack")
    split: AttackSplit = task.splits(1000).validation
    losses = [create_loss("sparse_perturbation", pixels=pixels) for pixels in PIXELS]
    target: AttackTarget = split.target
    torch.manual_seed(0)
    attacks, (_, channels, side, _) = len(split), target.image.shape
    network = Perturbations(attacks * len(PIXELS), channels, side)
    numbers = torch.arange(attacks * len(PIXELS))[:, None].split(attacks)
    optimizer = torch.optim.SGD(network.parameters(), task.train.lr(0.0))
    heads = "".join(f" {pixels} px: success | altered |" for pixels in PIXELS)
    sys.stdout.write(f"| steps |{heads}\n{'|---' * (1 + 2 * len(PIXELS))}|\n")
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        for loss, own in zip(losses, numbers, strict=True):
            loss(network(own), target).sum().backward()
        optimizer.step()
        if step in STEPS:
            cells = [
                cell
                for pixels, own in zip(PIXELS, numbers, strict=True)
                for cell in _outcome(network, own, split, pixels)
            ]
            _row(str(step), cells)
    rivals = [cell for pixels in PIXELS for cell in _cells(split, split.rival(pixels), pixels)]
    _row("evolution", rivals)


def _row(name: str, cells: list[str]) -> None:
    sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _outcome(
    network: Perturbations, numbers: torch.Tensor, split: AttackSplit, pixels: int
) -> tuple[str, str]:
    """The cells of the attacks with these numbers."""
    with torch.no_grad():
        found = network(numbers)
        images = split.target.image + found.p[:, None] * found.magnitude
    return _cells(split, stored(images.numpy()), pixels)


def _cells(split: AttackSplit, images: Bytes, pixels: int) -> tuple[str, str]:
    """Success, and mean number of pixels altered."""
    pictures, classifier = split.pictures, split.target.classifier
    seen = outcomes(pictures.images, images, pictures.labels, classifier, pixels)
    return f"{seen.success.mean():.2f}", f"{seen.altered.mean():.1f}"


if __name__ == "__main__":
    main()
