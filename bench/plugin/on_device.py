"""Moving every tensor of a prediction or target to a device or type."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import torch


class OnDevice:
    """Gives a dataclass the method `to`."""

    def to(self, device: torch.device | str | None = None, **options: Any) -> Self:
        """Copy with all tensors moved by ``torch.Tensor.to``; integers keep their type.

        A module among the attributes keeps its type, too, and is moved in place.
        """
        moved = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if hasattr(value, "to"):
                floating = getattr(value, "is_floating_point", bool)()
                passed = {k: v for k, v in options.items() if floating or k != "dtype"}
                moved[field.name] = value.to(device=device, **passed)
        return dataclasses.replace(self, **moved)  # type: ignore[type-var]
