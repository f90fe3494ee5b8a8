"""A device that is none: tensors that say they are elsewhere and compute on the CPU.

Code that asks ``tensor.device.type`` takes the way that it takes on an accelerator, so that the
operations of that way, and where the host would wait for their results, can be counted without one.
The device is torch's ``lazy``, which no build has a backend for and whose backward pass runs in the
calling thread. Fused kernels of an accelerator (cuDNN's recurrent layers) are counted as the many
operations that the CPU has for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_any, tree_map

DEVICE = "lazy"
_WAITING = {
    "aten::_local_scalar_dense",
    "aten::nonzero",
    "aten::masked_select",
    "aten::equal",
    "aten::is_nonzero",
    "aten::unique_dim",
    "aten::_unique2",
}
"""Operations whose result's value or size the host must know."""
_INDEXING = {"aten::index", "aten::index_put_", "aten::index_put", "aten::_index_put_impl_"}


class Elsewhere(Tensor):
    """A tensor that says it is on the stand-in; ``held`` has its values."""

    held: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held: Tensor) -> Elsewhere:
        made: Elsewhere = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            layout=held.layout,
            device=torch.device(DEVICE),
        )
        made.held = held
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Elsewhere({self.held!r})"

    @classmethod
    def __torch_dispatch__(
        cls, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _computed(function, args, kwargs or {})


class StandIn(TorchDispatchMode):
    """While it is on, the stand-in can be used, and ``seen`` is told of each of its operations.

    Args:
        seen: ``seen(operation, waits)``; whether the host would wait for the operation.
    """

    def __init__(self, seen: Callable[[Any, bool], None]) -> None:
        super().__init__()
        self._seen = seen

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if tree_any(_there, (args, kwargs)):
            self._seen(function, waits(function, args, kwargs, _there_tensor))
        return _computed(function, args, kwargs)


def waits(function: Any, args: Any, kwargs: dict[str, Any], there: Callable[[Any], bool]) -> bool:
    """Whether the host waits for the device in an operation.

    Args:
        there: whether a value is a tensor on the device.
    """
    name = function._schema.name
    if name in _WAITING or (name == "aten::repeat_interleave" and len(args) == 1):
        return not kwargs.get("output_size")
    tensors = [value for value in args if isinstance(value, Tensor)]
    if name == "aten::copy_":
        return there(tensors[0]) != there(tensors[1]) and tensors[1].dim() > 0
    if name == "aten::_to_copy":
        wanted = kwargs.get("device")
        crossing = wanted is not None and (torch.device(wanted).type == "cpu") == there(tensors[0])
        return crossing and not kwargs.get("non_blocking", False)
    if name in _INDEXING:
        indices = [index for index in args[1] if index is not None]
        return any(
            index.dtype in (torch.bool, torch.uint8) or not there(index) for index in indices
        )
    return False


@contextmanager
def stand_in(seen: Callable[[Any, bool], None]) -> Iterator[None]:
    """`StandIn`, and what of torch knows devices by name told of this one."""
    autocast, tensor, as_tensor = torch.autocast, torch.tensor, torch.as_tensor

    def known_autocast(device: str, *rest: Any, **options: Any) -> Any:
        return autocast("cpu" if device == DEVICE else device, *rest, **options)

    def moved(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def maker(data: Any, *rest: Any, device: Any = None, **options: Any) -> Tensor:
            made = make(data, *rest, **options)
            return made if device is None else made.to(device)

        return maker

    class KnownGenerator(torch.Generator):
        def __new__(cls, device: Any = "cpu") -> KnownGenerator:
            here = torch.device(device).type == DEVICE
            return super().__new__(cls, device="cpu" if here else device)

    with ExitStack() as stack:
        for name, value in (
            ("autocast", known_autocast),
            ("Generator", KnownGenerator),
            ("tensor", moved(tensor)),
            ("as_tensor", moved(as_tensor)),
            (DEVICE, torch.cpu),
        ):
            stack.enter_context(mock.patch.object(torch, name, value, create=True))
        stack.enter_context(StandIn(seen))
        yield


def _computed(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The operation on the CPU, its result back on the stand-in."""
    if not tree_any(_there, (args, kwargs)):
        return function(*args, **kwargs)
    found = function(*tree_map(_here, args), **tree_map(_here, kwargs))
    wanted = kwargs.get("device")
    if wanted is not None and torch.device(wanted).type != DEVICE:
        return found
    if "out" in kwargs:
        return kwargs["out"]
    if function._schema.name.endswith("_"):
        return args[0]
    return tree_map(_away, found)


def _there(value: Any) -> bool:
    return isinstance(value, Elsewhere) or (
        isinstance(value, torch.device) and value.type == DEVICE
    )


def _there_tensor(value: Any) -> bool:
    return isinstance(value, Elsewhere)


def _here(value: Any) -> Any:
    if isinstance(value, Elsewhere):
        return value.held
    if isinstance(value, torch.device) and value.type == DEVICE:
        return torch.device("cpu")
    return value


def _away(value: Any) -> Any:
    if isinstance(value, Tensor) and not isinstance(value, Elsewhere):
        return Elsewhere(value)
    return value
