"""Networks of the drum task: mel features in, occurrence probabilities out.

Both take ``(batch, 2 * bands, time)`` (log-mel and its derivative, stacked) and return
``(batch, channel, time)`` probabilities. Their recurrent part runs forward in time only; the
convolutions look a few bins ahead.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.plugin import zero_count_bias

ZERO_MASS = 0.8
"""Probability of no event at all in a piece before training (thesis eq 2.14)."""


class Compact(nn.Module):
    """Three convolutions over time on all mel bands at once, an LSTM, a hidden layer.

    One network for all channels. The first convolution reads four bins and moves by two, and each
    state of the LSTM gives the probabilities of the two bins that it stands for: half the work of a
    state for every bin. Sees 60 ms ahead at a hop of 10 ms. Channels lie last in memory
    throughout, which makes it a third faster on a CPU.
    """

    stride = 2
    """Bins of a state."""

    def __init__(
        self, bands: int, channels: int, bins: int, width: int = 32, units: int = 24
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for depth, kernel, stride in ((2 * bands, 4, self.stride), (width, 3, 1), (width, 3, 1)):
            layers += [
                nn.Conv2d(depth, width, (1, kernel), (1, stride), padding=(0, 1), bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
            ]
        self.convolutions = nn.Sequential(*layers)
        self.convolutions.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.recurrent = nn.LSTM(width, units)
        self.hidden = nn.Linear(units, 16)
        self.output = nn.Linear(16, self.stride * channels)
        nn.init.constant_(self.output.bias, zero_count_bias(bins, ZERO_MASS))

    def forward(self, features: Tensor) -> Tensor:
        """Probabilities ``(batch, channel, time)``."""
        batch, _, bins = features.shape
        even = nn.functional.pad(features, (0, bins % self.stride))
        image = even[:, :, None].contiguous(memory_format=torch.channels_last)
        local = self.convolutions(image)[:, :, 0].permute(2, 0, 1)
        states, _ = self.recurrent(local)
        logits = self.output(torch.relu(self.hidden(states)))
        per_bin = logits.view(len(states), batch, self.stride, -1).permute(1, 3, 0, 2)
        return torch.sigmoid(per_bin.flatten(2)[..., :bins])


def published_convolutions(first: int) -> tuple[nn.Sequential, int]:
    """The convolutions of the thesis on a spectrogram and its derivative, and their depth.

    Six of 3 bins × 4 bands with ReLU, with ``first`` filters and then twice as many, each followed
    by max-pooling over frequency (2, 2, 2, 2, 3, 3).
    """
    layers: list[nn.Module] = []
    depth, wide = 2, 2 * first
    for filters, pool in zip((first, *[wide] * 5), (2, 2, 2, 2, 3, 3), strict=True):
        layers += [
            nn.ZeroPad2d((1, 1, 1, 2)),  # time before and after, frequency below and above
            nn.Conv2d(depth, filters, (4, 3)), nn.ReLU(),
            nn.MaxPool2d((pool, 1), ceil_mode=True),
        ]  # fmt: skip
        depth = filters
    return nn.Sequential(*layers), wide


class ThesisBranch(nn.Module):
    """The published network for one class (thesis §4.3.1 and its drum code).

    Six convolutions of 3 bins × 4 bands with 8, 16, … 16 filters and ReLU, each followed by
    max-pooling over frequency (2, 2, 2, 2, 3, 3), a 24-unit LSTM, a 16-unit layer, a sigmoid.
    """

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.convolutions, depth = published_convolutions(8)
        self.recurrent = nn.LSTM(depth, 24, batch_first=True)
        self.hidden = nn.Linear(24, 16)
        self.output = nn.Linear(16, 1)
        nn.init.constant_(self.output.bias, zero_count_bias(bins, ZERO_MASS))

    def forward(self, image: Tensor) -> Tensor:
        """Probabilities ``(batch, 1, time)`` of ``(batch, 2, bands, time)``."""
        local = self.convolutions(image).amax(2).transpose(1, 2)
        states, _ = self.recurrent(local)
        logits = self.output(torch.sigmoid(self.hidden(states)))
        return torch.sigmoid(logits).transpose(1, 2)


class Thesis(nn.Module):
    """One `ThesisBranch` per channel, as the thesis trains three separate models."""

    def __init__(self, bands: int, channels: int, bins: int) -> None:
        super().__init__()
        self.bands = bands
        self.branches = nn.ModuleList(ThesisBranch(bins) for _ in range(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Probabilities ``(batch, channel, time)``."""
        image = features.reshape(features.shape[0], 2, self.bands, -1)
        return torch.cat([branch(image) for branch in self.branches], dim=1)
