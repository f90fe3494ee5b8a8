"""Networks of the puff task: features of respiration cycles in, probabilities of a puff out.

Both take ``(batch, cycle, feature)``, return ``(batch, 1, cycle)``, and look back only.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PuffLSTM(nn.Module):
    """The published network: a layer of 14 units, dropout, an LSTM of 14, a layer with one output.

    Source: thesis §5.6.2 and its public code, which also has the dropout, the ReLU and the forget
    gates' bias of 1. A softmax over two classes there is a sigmoid here.
    """

    def __init__(self, features: int, units: int = 14, dropout: float = 0.5) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, units)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = nn.LSTM(units, units, batch_first=True)
        self.output = nn.Linear(units, 1)
        biases = dict(self.recurrent.named_parameters())
        nn.init.zeros_(biases["bias_hh_l0"])  # of the two biases of each gate one is enough
        nn.init.zeros_(biases["bias_ih_l0"])
        nn.init.ones_(biases["bias_ih_l0"][units : 2 * units])

    def forward(self, cycles: Tensor) -> Tensor:
        """Probabilities ``(batch, 1, cycle)``."""
        states, _ = self.recurrent(self.dropout(torch.relu(self.hidden(cycles))))
        return torch.sigmoid(self.output(states)).transpose(1, 2)


class LinearPuffs(nn.Module):
    """Logistic regression on the features of the cycle: the model of LR-M (Adams & Marlin 2017)."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.output = nn.Linear(features, 1)

    def forward(self, cycles: Tensor) -> Tensor:
        """Probabilities ``(batch, 1, cycle)``."""
        return torch.sigmoid(self.output(cycles)).transpose(1, 2)
