"""Networks of the piano task: spectrograms in, probabilities of an onset of each key out.

Both take ``(batch, bands, time)`` and return ``(batch, key, time)``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.plugin import zero_count_bias
from tasks.data.audio.piano_pieces import LOWEST_BAND
from tasks.networks.drum_networks import ZERO_MASS, published_convolutions

PARTIALS = (-12, -7, -1, 0, 1, 7, 12, 19, 24, 28, 31, 34, 36)
"""Bands that a key's detector reads, in semitones from its fundamental: partials 1 to 8, the
neighbouring keys, and the fundamentals that the key is a partial of."""


class SharedKeys(nn.Module):
    """One small detector for all keys, which sees each key's partials in the same places.

    A convolution over time in each band, the partials of each key side by side, an offset for each
    key, and two more convolutions over time. A state stands for two bins. It looks about 0.2 s
    ahead and back. That keys share weights lets a few hundred steps do.
    """

    stride = 2
    """Bins of a state."""

    def __init__(self, keys: tuple[int, int], bins: int, width: int = 12) -> None:
        super().__init__()
        self.lowest, self.keys = keys
        edge = 3
        self.edges = nn.Conv2d(1, edge, (1, 6), (1, self.stride), padding=(0, 2))
        self.partials = nn.Conv2d(edge * len(PARTIALS), width, 1, bias=False)
        self.normal = nn.BatchNorm2d(width)
        self.offset = nn.Parameter(torch.zeros(width, self.keys, 1))
        self.course = nn.Sequential(
            nn.Conv2d(width, width, (3, 3), padding=(1, 1), bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, (1, 5), padding=(0, 2)),
            nn.ReLU(inplace=True),
        )
        self.output = nn.Conv2d(width, self.stride, 1)
        assert self.output.bias is not None
        nn.init.constant_(self.output.bias, zero_count_bias(bins, ZERO_MASS))

    def forward(self, bands: Tensor) -> Tensor:
        """Probabilities ``(batch, key, time)``."""
        bins = bands.shape[-1]
        below = max(0, LOWEST_BAND - (self.lowest + min(PARTIALS)))
        last = self.lowest + self.keys + max(PARTIALS) - LOWEST_BAND
        above = max(0, last - bands.shape[1])
        padded = nn.functional.pad(bands, (0, bins % self.stride, below, above))
        edges = torch.relu(self.edges(padded[:, None]))
        start = self.lowest - LOWEST_BAND + below
        rows = [edges[:, :, start + shift : start + shift + self.keys] for shift in PARTIALS]
        own = torch.relu(self.normal(self.partials(torch.cat(rows, 1))) + self.offset)
        logits = self.output(self.course(own)).permute(0, 2, 3, 1)
        return torch.sigmoid(logits.flatten(2)[..., :bins])


class PianoThesis(nn.Module):
    """The published network (thesis §4.3.2 and §5.6.3): that of the drums, wider, for all keys.

    Six convolutions of 3 bins × 4 bands with 16, 32, … 32 filters (twice those of the drums), each
    followed by max-pooling over frequency, an LSTM, a hidden layer, a sigmoid for each key. Reads
    log-mel and, stacked with it, its derivative.

    Args:
        units: of the LSTM, 96 in §4.3.2 (four times the drums') and 128 in §5.6.3.
        hidden: nodes of the hidden layer, of which the text says nothing; the public code has 32
            for a block of ten keys.
    """

    derivative_scale = 5.0

    def __init__(self, keys: int, bins: int, units: int, hidden: int = 128) -> None:
        super().__init__()
        self.convolutions, depth = published_convolutions(16)
        self.recurrent = nn.LSTM(depth, units, batch_first=True)
        self.hidden = nn.Linear(units, hidden)
        self.output = nn.Linear(hidden, keys)
        nn.init.constant_(self.output.bias, zero_count_bias(bins, ZERO_MASS))

    def forward(self, bands: Tensor) -> Tensor:
        """Probabilities ``(batch, key, time)``."""
        rise = nn.functional.pad(bands[..., 1:] - bands[..., :-1], (1, 0))
        image = torch.stack((bands, self.derivative_scale * rise), 1)
        local = self.convolutions(image).amax(2).transpose(1, 2)
        states, _ = self.recurrent(local)
        logits = self.output(torch.sigmoid(self.hidden(states)))
        return torch.sigmoid(logits).transpose(1, 2)
