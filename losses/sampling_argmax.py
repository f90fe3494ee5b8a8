"""Sampling-argmax: the expectation of the error, over differentiable samples of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from bench.plugin import (
    Choice,
    Ge,
    Gt,
    HeatmapTarget,
    Loss,
    PointPrediction,
    Scheduled,
    linear,
    register_loss,
)
from losses._shared.heatmaps import axes, expected_point, labelled, mean_over_labelled
from losses._shared.numerics import at_least_float32

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Basis = Literal["uniform", "triangular", "gaussian"]
Tempered = Literal["softmax", "noise"]
Weights = Literal["cell", "place"]
Gradient = Literal["exact", "sign"]


def sample(
    logits: Tensor,
    n_samples: int,
    temperature: float,
    basis: Basis = "triangular",
    generator: torch.Generator | None = None,
    tempered: Tempered = "softmax",
    weights: Weights = "cell",
    gradient: Gradient = "exact",
) -> Tensor:
    """Differentiable samples of the mixture distribution that a map spans (SA eq 6-12).

    Ŷ = Σ_i π̂_i ŷ_i, with Gumbel-softmax weights π̂ = softmax((g + log π) / τ) and ŷ_i a draw from
    the basis distribution around cell i. As τ → 0, Ŷ follows Σ_i π_i f_i. Along each axis the cells
    of a slice share one draw, as in the authors' code, which changes neither the distribution of
    any ŷ_i nor that limit.

    float32 maps on the CPU go through compiled code, whose memory does not grow with the number
    of samples times cells; others through chunks of plain torch operations, recomputed in the
    backward pass. The two draw different numbers from the same generator. Both are differentiable
    repeatedly, for the same draws; compiled code then hands its noise to the plain operations.
    ``torch.vmap`` refuses it, since its seed is a number: put the maps into the batch. Keep it out
    of ``torch.compile`` (``torch.compiler.disable``), too. With other ``weights`` or ``gradient``
    than those of eq 12, plain torch operations do all of it.

    Args:
        logits: ``(batch, keypoint, *grid)``, a grid of any dimension; -inf for impossible cells.
        n_samples: samples per map.
        temperature: τ > 0.
        basis: distribution around a cell, of width 1 (``uniform``), 2 (``triangular``), or
            standard deviation 1 (``gaussian``).
        generator: source of randomness; None for torch's global one.
        tempered: ``softmax`` for eq 11; ``noise`` for softmax(g / τ + log π), the authors' code.
        weights: ``cell`` for eq 12, where a draw has the weight of its cell; ``place`` for the
            map's weight where the draw fell, normalised again along the axis, the authors' code.
        gradient: ``exact`` for that of eq 12; ``sign`` for 2 sign(ŷ_i - Ŷ) in place of ŷ_i as the
            derivative by a weight, the authors' code for poses in images. The value is the same.

    Returns:
        ``(n_samples, batch, keypoint, dim)``, in grid cells: the centre of cell i is at i + 0.5.
    """
    import torch

    from losses._shared import gumbel_softmax, released_samples

    if n_samples < 1 or not temperature > 0:
        raise ValueError(
            f"needs n_samples >= 1 and temperature > 0, got {n_samples} and {temperature}"
        )
    integral = released_samples.integral(basis, weights, gradient)
    logits = at_least_float32(logits)
    maps, grid = logits.flatten(0, 1), logits.shape[2:]
    draws = [
        place + _draw(basis, (n_samples, len(maps), len(place)), maps, generator)
        for place in axes(grid, maps)
    ]
    scales = (1 / temperature if tempered == "softmax" else 1.0, 1 / temperature)
    device = generator.device if generator is not None else None
    seed = int(torch.randint(2**62, (), generator=generator, device=device))
    expected = gumbel_softmax.expected(maps, draws, scales, seed, integral)
    return expected.view(n_samples, *logits.shape[:2], len(grid))


def _draw(
    basis: Basis, shape: tuple[int, ...], like: Tensor, generator: torch.Generator | None
) -> Tensor:
    """Draws around 0 from a basis distribution (SA eq 7-9)."""
    import torch

    options: dict[str, Any] = {
        "dtype": like.dtype,
        "device": like.device,
        "generator": generator,
    }
    if basis == "gaussian":
        return torch.randn(shape, **options)
    if basis == "uniform":
        return torch.rand(shape, **options) - 0.5
    if basis == "triangular":
        return torch.rand(shape, **options) + torch.rand(shape, **options) - 1
    raise ValueError(f"basis must be uniform, triangular or gaussian, got {basis!r}")


@register_loss(
    "sampling_argmax",
    heads={"heatmap"},
    space={"basis": Choice("uniform", "triangular", "gaussian"), "samples": Choice(5, 10, 30)},
)
class SamplingArgmax(Loss):
    """Expectation of the error, over samples of the distribution that the map spans.

    Equation:
        L = 1/N_s Σ_k ‖y - Ŷ_k‖₁
        Ŷ_k = Σ_i π̂_i ŷ_i,  π̂ = softmax((g + log π) / τ),  g_i ~ Gumbel(0, 1)
        ŷ_i ~ f_i, the basis distribution around cell i

    Shapes:
        Logits are ``(batch, keypoint, *grid)`` over a grid of any dimension, π their softmax over
        the grid, y_i the centres of its cells, at 0.5, 1.5, … along each axis, and y the label
        ``(batch, keypoint, dim)``, in cells. The loss is ``(batch,)``, the mean over labelled
        keypoints; samples come from torch's global generator.

    When to use:
        For one point per map, where the map itself should be right: probability far from the label
        costs even if the mean is right. Decoded as `soft_argmax`, with no randomness.

    Departures:
        Along each axis, the cells of a slice share one draw, as in the authors' code. What else
        that code does beyond the equations are options. ``tempered: noise`` is its weight softmax(g
        / τ + log π) instead of eq 11. ``weights: place`` reads the map again where a draw fell:
        triangular draws take weights interpolated linearly between cells (0 beyond the grid),
        Gaussian ones their cell's times exp(-2ε²) for a draw at distance ε, both normalised again
        along the axis. ``gradient: sign`` keeps the value and takes 2 sign(ŷ_i - Ŷ) in place of ŷ_i
        as the derivative of Ŷ by a weight. For poses in images (COCO) the code has all three; for
        faces (MTFL) and poses in space (Human3.6M) it has no sign gradient, and for the latter no
        ``place`` with the Gaussian basis. By how much they differ, for a Gaussian map 4 cells wide
        on 64 cells, the label 3 cells off its mean, τ = 2 and the Gaussian basis: ``place`` raises
        the standard deviation of samples from 1.00 to 1.33 cells and leaves the mean gradient its
        direction; ``sign`` turns that (cosine .89) and shortens it (length .43); all three together
        give cosine .75 and 1.08 cells. ``place`` and ``sign`` run in plain torch operations.

    Defaults:
        30 samples, τ from 2 to 0.5 linearly and the triangular basis are the code's COCO
        configuration, which reaches 0.5 after 25 of 140 epochs (``finish: 0.18``); here after the
        whole training. ``tempered``, ``weights`` and ``gradient`` are eq 11 and 12.
    """

    source: ClassVar[str] = "Li et al., Sampling-Argmax, §3, eq 6-14"
    version: ClassVar[str] = "2"

    basis: Basis = "triangular"
    """Distribution around a cell: width 1, width 2, or standard deviation 1."""
    samples: Annotated[int, Ge(1)] = 30
    """N_s, samples per map."""
    temperature: Annotated[Scheduled, Gt(0)] = linear(2.0, 0.5)
    """τ, of the Gumbel-softmax weights."""
    tempered: Tempered = "softmax"
    """What τ divides: noise and logits (eq 11), or the noise alone."""
    weights: Weights = "cell"
    """Weight of a draw: its cell's (eq 12), or the map's where the draw fell."""
    gradient: Gradient = "exact"
    """By the weights: that of eq 12, or its sign alone, two cells long."""

    def __call__(self, prediction: Tensor, target: HeatmapTarget, progress: float = 1.0) -> Tensor:
        logits, position = labelled(prediction, target)
        drawn = sample(
            logits[:, None],
            self.samples,
            self.temperature(progress),
            self.basis,
            tempered=self.tempered,
            weights=self.weights,
            gradient=self.gradient,
        )
        error = (drawn.squeeze(2) - position).abs().sum(-1).mean(0)
        return mean_over_labelled(error, target)

    def decode(self, prediction: Tensor) -> PointPrediction:
        """Expected coordinate of each map, with its largest probability as score."""
        return expected_point(prediction)
