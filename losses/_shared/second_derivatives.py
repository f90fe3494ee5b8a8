"""Second derivatives of what compiled code computes: its numbers, with the graph of a formula.

A compiled gradient is a number to autograd. Where the graph of the gradient is asked for
(``create_graph=True``), it is the number that plain torch operations say how to differentiate.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def graph_is_wanted() -> bool:
    """Whether a backward pass, from which this is asked, is to be differentiated itself."""
    return torch.is_grad_enabled()


class _Number(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(number: Tensor, formula: Tensor) -> Tensor:
        return number.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor]:
        return None, grad


def with_graph_of(formula: Tensor, number: Tensor) -> Tensor:
    """The bits of ``number``, differentiated as ``formula``, of the same shape."""
    result: Tensor = _Number.apply(number, formula)  # type: ignore[no-untyped-call]
    return result
