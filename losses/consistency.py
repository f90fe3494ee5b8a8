"""Consistency regularisation: two views of one input hold the same or equally many instances.

The two views of sample i are the rows 2i and 2i + 1 of a batch of even length, so that a network
needs to know nothing of it. Rows with a negative label count are unlabelled.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import field_validator

from bench.plugin import (
    EventTarget,
    Ge,
    InstanceTarget,
    LogUniform,
    Loss,
    Scheduled,
    constant,
    create_loss,
    register_loss,
)
from losses._shared.counts import instances, labelled_counts
from losses.poisson_binomial import log_prob

if TYPE_CHECKING:
    from torch import Tensor

HEADS = {"events", "instances"}


def rows_of(target: EventTarget | InstanceTarget, rows: Tensor) -> EventTarget | InstanceTarget:
    """The samples ``rows`` (bool) of a target."""
    from torch import Tensor

    fields = {
        field.name: getattr(target, field.name)[rows]
        for field in dataclasses.fields(target)
        if isinstance(getattr(target, field.name), Tensor)
    }
    return dataclasses.replace(target, **fields)


def log_prob_equal(p: Tensor, other: Tensor) -> Tensor:
    """Exact ``log Pr(C = C')`` for the counts of ``p (..., n)`` and ``other (..., m)``: ``(...)``.

    C = C' when C + Σ_j (1 - B'_j) = m, and the left side is a Poisson-binomial count, too.
    """
    import torch

    return log_prob(torch.cat([p, 1 - other], dim=-1), other.shape[-1])


class _Consistency(Loss):
    """What all measures share: pairing, and the supervised loss of the labelled rows."""

    needs_locations: ClassVar[bool] = False
    views: ClassVar[int] = 2

    supervised: str | None = None
    """Loss of the labelled rows, by name."""
    weight: Annotated[Scheduled, Ge(0)] = constant(1.0)
    """β, weight of the disagreement."""

    @field_validator("supervised")
    @classmethod
    def _check_supervised(cls, name: str | None) -> str | None:
        if name is not None:
            create_loss(name)
        return name

    def disagreement(self, first: Tensor, second: Tensor) -> Tensor:
        """``(pair,)``, from the probabilities ``(pair, channel, n)`` of both views."""
        raise NotImplementedError

    def __call__(
        self, prediction: Tensor, target: EventTarget | InstanceTarget, progress: float = 1.0
    ) -> Tensor:
        p = instances(prediction, target)
        if len(p) % 2:
            raise ValueError(f"rows 2i and 2i + 1 are two views of a sample, but got {len(p)} rows")
        loss = self.disagreement(p[0::2], p[1::2]).repeat_interleave(2) * self.weight(progress)
        if self.supervised is None:
            return loss
        labelled = (labelled_counts(target, p.shape[1]) >= 0).all(-1)
        if not bool(labelled.any()):
            return loss
        teacher = create_loss(self.supervised)
        errors = teacher(prediction[labelled], rows_of(target, labelled), progress)
        return loss.masked_scatter(labelled, loss[labelled] + errors)


@register_loss("instance_consistency", heads=HEADS, space={"weight": LogUniform(0.01, 10.0)})
class InstanceConsistency(_Consistency):
    """Squared distance of the predictions of two views, one by one; needs no labels.

    Equation:
        L = β Σ_i (p_i - p'_i)²

    Shapes:
        Rows 2i and 2i + 1 of a batch are two views of one sample, with probabilities p and p',
        ``(batch, channel, time)`` for events and ``(batch, n)`` for instances. The loss is
        ``(batch,)``, the mean over channels, the same for both rows of a pair. Rows whose label
        counts are not negative add the loss named ``supervised``, with its default options, so that
        one batch may mix labelled and unlabelled samples.

    When to use:
        The usual consistency regularisation, with unlabelled samples and changes that leave every
        prediction in its place: another gain, noise, colours. Where places change, such as by
        another playback rate, it punishes right predictions: see `count_consistency`.

    Departures:
        Eq 7.1 is written for the class probabilities of one prediction; here it is summed over
        predictions, and the norm over classes is the mean over channels.

    Defaults:
        β = ``weight`` 1: the thesis gives none. ``supervised`` none: unlabelled pairs only.
    """

    source: ClassVar[str] = "Schroeter, thesis, §7.1, eq 7.1; Laine & Aila 2017"

    def disagreement(self, first: Tensor, second: Tensor) -> Tensor:
        return (first - second).square().sum(-1).mean(-1)


@register_loss("count_consistency", heads=HEADS, space={"weight": LogUniform(0.01, 10.0)})
class CountConsistency(_Consistency):
    """Squared difference of the expected counts of two views; needs no labels.

    Equation:
        L = β (Σ_i p_i - Σ_i p'_i)²

    Shapes:
        Rows 2i and 2i + 1 of a batch are two views of one sample, with probabilities p and p',
        ``(batch, channel, time)`` for events and ``(batch, n)`` for instances. The loss is
        ``(batch,)``, the mean over channels, the same for both rows of a pair. Rows whose label
        counts are not negative add the loss named ``supervised``, with its default options, so that
        one batch may mix labelled and unlabelled samples.

    When to use:
        With unlabelled samples and changes that keep the number of events but not their places,
        such as another playback rate. On its own it is content with no events at all: name a
        ``supervised`` loss for the labelled rows.

    Departures:
        Eq 7.2 has the norm over classes, here the mean over channels.

    Defaults:
        β = ``weight`` 1: the thesis gives none. ``supervised`` none: unlabelled pairs only.
    """

    source: ClassVar[str] = "Schroeter, thesis, §7.1, eq 7.2"

    def disagreement(self, first: Tensor, second: Tensor) -> Tensor:
        return (first.sum(-1) - second.sum(-1)).square().mean(-1)


@register_loss(
    "poisson_binomial_consistency", heads=HEADS, space={"weight": LogUniform(0.01, 10.0)}
)
class PoissonBinomialConsistency(_Consistency):
    """Negative log-probability that two views hold equally many instances; needs no labels.

    Equation:
        L = -β log Pr(C = C') = -β log Σ_c Pr(C = c) Pr(C' = c)
        C = Σ_i B(p_i),  C' = Σ_i B(p'_i)

    Shapes:
        Rows 2i and 2i + 1 of a batch are two views of one sample, with probabilities p and p',
        ``(batch, channel, time)`` for events and ``(batch, n)`` for instances. The loss is
        ``(batch,)``, the mean over channels, the same for both rows of a pair. Rows whose label
        counts are not negative add the loss named ``supervised``, with its default options, so that
        one batch may mix labelled and unlabelled samples.

    When to use:
        As `count_consistency`, where predictions should be sparse as well: at its minima all
        probabilities are 0 or 1, equally many of them 1 in both views.

    Departures:
        Eq 7.4 is the logarithm, to be maximised; here its negative. The infinite sum is exact and
        costs one count: C = C' when C + Σ_j (1 - B'_j) = m (see `log_prob_equal`).

    Defaults:
        β = ``weight`` 1: the thesis gives none. ``supervised`` none: unlabelled pairs only.
    """

    source: ClassVar[str] = "Schroeter, thesis, §7.1, eq 7.3-7.4"
    version: ClassVar[str] = "3"
    sparse: ClassVar[bool] = True

    def disagreement(self, first: Tensor, second: Tensor) -> Tensor:
        return -log_prob_equal(first, second).mean(-1)
