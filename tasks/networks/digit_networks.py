"""Networks of the digits task: a canvas in, the probability of a digit in each cell out.

Both take ``(batch, 1, side, side)`` and return ``(batch, class, cell)``, cells in the order of a
Hilbert curve. The features of a cell are those of the window of 28 pixels around it, with
background beyond the canvas; only the recurrent part, which runs along the curve, knows others.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from bench.plugin import zero_count_bias
from tasks.data.images.digit_canvases import STEP
from tasks.data.images.hilbert_curve import hilbert_curve

WINDOW = 28
"""Pixels along a side of the window around a cell, those of a digit of the data set. The ink of a
digit, at most 20 pixels, lies whole in the window of the cell that holds its centre."""
REACH = (WINDOW - STEP) // 2
"""Pixels that a window reaches beyond its cell on each side."""
ZERO_MASS = 0.8
"""Probability of no digit of a class on a canvas before training (thesis eq 2.14)."""
UNITS = 48
"""Of the LSTM (thesis §4.3.3)."""
_VGG13 = (64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)
"""Filters of its convolutions; 0 is a pooling."""


class DigitNetwork(nn.Module):
    """Features of windows, an LSTM along the curve, a hidden layer, a sigmoid.

    Class attributes:
        width: units of the hidden layer.
        shortcut: whether that layer sees the features of the cell's window beside the state.
    """

    width: ClassVar[int]
    shortcut: ClassVar[bool]
    path: Tensor

    def __init__(self, order: int, classes: int, depth: int) -> None:
        super().__init__()
        side = 2**order
        row, column = hilbert_curve(order).T
        self.register_buffer("path", torch.from_numpy(row * side + column), persistent=False)
        self.recurrent = nn.LSTM(depth, UNITS)
        self.hidden = nn.Linear(UNITS + (depth if self.shortcut else 0), self.width)
        self.output = nn.Linear(self.width, classes)
        nn.init.constant_(self.output.bias, zero_count_bias(side * side, ZERO_MASS))

    def of_windows(self, windows: Tensor) -> Tensor:
        """``(n, depth)`` features of windows ``(n, 1, 28, 28)``."""
        raise NotImplementedError

    def of_cells(self, canvas: Tensor) -> Tensor:
        """``(cell, batch, depth)`` features of the windows around all cells, row by row."""
        raise NotImplementedError

    def forward(self, canvas: Tensor) -> Tensor:
        """Probabilities ``(batch, class, cell)``."""
        local = self.of_cells(canvas)[self.path]
        states, _ = self.recurrent(local)
        states = torch.cat([states, local], -1) if self.shortcut else states
        return torch.sigmoid(self.output(torch.relu(self.hidden(states)))).permute(1, 2, 0)


class Compact(DigitNetwork):
    """Three convolutions, with strides of 2, 2 and 1, on pixels averaged two by two.

    The layers have no padding of their own, and the canvas is padded by as much as a window reaches
    beyond its cell. So one pass over the canvas gives exactly the features of all windows, at a
    small part of the work of cutting them out. With the shortcut, classes are learned long before
    the LSTM knows which window of several that hold a digit is to tell of it.
    """

    width: ClassVar[int] = 48
    shortcut: ClassVar[bool] = True

    def __init__(
        self, order: int, classes: int, filters: tuple[int, int, int] = (16, 32, 48)
    ) -> None:
        super().__init__(order, classes, filters[-1])
        layers: list[nn.Module] = [nn.AvgPool2d(2)]
        depths = zip((1, *filters[:2]), filters, (4, 4, 2), (2, 2, 1), strict=True)
        for before, after, kernel, stride in depths:
            layers += [
                nn.Conv2d(before, after, kernel, stride, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            ]
        self.convolutions = nn.Sequential(*layers)
        self.convolutions.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def of_windows(self, windows: Tensor) -> Tensor:
        """``(n, depth)`` features of windows ``(n, 1, 28, 28)``."""
        return torch.flatten(self._maps(windows), 1)

    def of_cells(self, canvas: Tensor) -> Tensor:
        """``(cell, batch, depth)`` features of the windows around all cells, row by row."""
        padded = nn.functional.pad(canvas, (REACH,) * 4)
        return self._maps(padded).flatten(2).permute(2, 0, 1)

    def _maps(self, images: Tensor) -> Tensor:
        maps: Tensor = self.convolutions(images.contiguous(memory_format=torch.channels_last))
        return maps


class Vgg13(DigitNetwork):
    """The published network: the convolutional layers of VGG-13 on every window.

    Poolings round up, so that five of them leave one cell of 28 pixels. Source: thesis §4.3.3,
    Simonyan and Zisserman (2014), configuration B.
    """

    width: ClassVar[int] = 24
    shortcut: ClassVar[bool] = False

    def __init__(self, order: int, classes: int) -> None:
        super().__init__(order, classes, _VGG13[-2])
        layers: list[nn.Module] = []
        depth = 1
        for filters in _VGG13:
            if not filters:
                layers.append(nn.MaxPool2d(2, ceil_mode=True))
                continue
            convolution = nn.Conv2d(depth, filters, 3, padding=1)
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
            layers += [convolution, nn.ReLU(inplace=True)]
            depth = filters
        self.convolutions = nn.Sequential(*layers)

    def of_windows(self, windows: Tensor) -> Tensor:
        """``(n, depth)`` features of windows ``(n, 1, 28, 28)``."""
        return torch.flatten(self.convolutions(windows), 1)

    def of_cells(self, canvas: Tensor) -> Tensor:
        """``(cell, batch, depth)`` features of the windows around all cells, row by row."""
        padded = nn.functional.pad(canvas, (REACH,) * 4)
        windows = nn.functional.unfold(padded, WINDOW, stride=STEP).permute(2, 0, 1)
        cells, batch = windows.shape[:2]
        return self.of_windows(windows.reshape(-1, 1, WINDOW, WINDOW)).view(cells, batch, -1)
