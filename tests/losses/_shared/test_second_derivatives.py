"""A number with the graph of a formula: value of one, derivatives of the other."""

from __future__ import annotations

import pytest
import torch

from losses._shared.second_derivatives import graph_is_wanted, with_graph_of

torch.set_num_threads(1)


def test_value_of_the_number_and_derivatives_of_the_formula():
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    number = torch.tensor([7.0, 0.1])
    result = with_graph_of(x**3, number)
    assert torch.equal(result, number)
    (first,) = torch.autograd.grad(result.sum(), x, create_graph=True)
    assert first.tolist() == [12.0, 27.0]
    assert torch.autograd.grad(first.sum(), x)[0].tolist() == [12.0, 18.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_backward_pass_knows_whether_its_graph_is_wanted(create_graph):
    asked = []

    class Identity(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, grad):
            asked.append(graph_is_wanted())
            return grad

    x = torch.ones(2, requires_grad=True)
    torch.autograd.grad(Identity.apply(x).sum(), x, create_graph=create_graph)
    assert asked == [create_graph]
