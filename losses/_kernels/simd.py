"""Vectors of `LANES` numbers inside numba functions, as LLVM vector types.

LLVM does not vectorise loops over lanes well when they read and write one array, which is what
recursions do. With explicit vectors it emits the machine's widest instructions and splits vectors
that are wider; no compiler is needed at installation.

    v = load(a, i)      # a[i], …, a[i + LANES - 1] of a flat array
    store(a, i, add(mul(v, v), splat(a[0])))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic, models, register_model

LANES = 32
TILE = 16
"""Side of the square that `transpose` turns."""

_INDEX = ir.IntType(32)
_Generated = tuple[Any, Callable[..., Any]]


def _intrinsic(typing: Callable[..., _Generated]) -> Callable[..., Any]:
    """`numba.extending.intrinsic` with the type that callers see: no typing context."""
    function: Callable[..., Any] = intrinsic(typing)
    return function


class Vector(types.Type):
    """numba type of a vector with elements of type ``dtype``."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Vector{LANES}({dtype})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Vector) -> None:
        element = manager.lookup(vector.dtype).get_value_type()
        super().__init__(manager, vector, ir.VectorType(element, LANES))  # type: ignore[no-untyped-call]


def _address(
    context: Any, builder: Any, array_type: Any, array: Any, index: Any, width: int = LANES
) -> tuple[Any, int]:
    """Pointer to ``width`` elements from ``index``, and their alignment in bytes."""
    data = context.make_array(array_type)(context, builder, array).data
    vector = ir.VectorType(context.get_data_type(array_type.dtype), width)
    pointer = builder.bitcast(builder.gep(data, [index]), vector.as_pointer())
    return pointer, array_type.dtype.bitwidth // 8


@_intrinsic
def load(typing_context: Any, array: Any, index: Any) -> _Generated:
    """Vector of ``array[index], …, array[index + LANES - 1]``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, align = _address(context, builder, signature.args[0], *arguments)
        return builder.load(pointer, align=align)

    return Vector(array.dtype)(array, types.intp), generate


@_intrinsic
def store(typing_context: Any, array: Any, index: Any, vector: Any) -> _Generated:
    """Write ``vector`` to ``array[index], …, array[index + LANES - 1]``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, align = _address(context, builder, signature.args[0], *arguments[:2])
        builder.store(arguments[2], pointer, align=align)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@_intrinsic
def splat(typing_context: Any, number: Any) -> _Generated:
    """Vector with ``number`` in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = context.get_value_type(signature.return_type)
        first = builder.insert_element(ir.Constant(vector, ir.Undefined), arguments[0], _INDEX(0))
        return builder.shuffle_vector(first, first, _mask([0] * LANES))

    return Vector(number)(number), generate


def _binary(instruction: str) -> Any:
    @_intrinsic
    def operation(typing_context: Any, left: Any, right: Any) -> _Generated:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            # "contract" allows fused multiply-add
            return getattr(builder, instruction)(*arguments, flags=("contract",))

        return left(left, right), generate

    return operation


add = _binary("fadd")
sub = _binary("fsub")
mul = _binary("fmul")
div = _binary("fdiv")


@_intrinsic
def where_below(typing_context: Any, left: Any, right: Any, yes: Any, no: Any) -> _Generated:
    """Lanes of ``yes`` where ``left`` is below ``right``, of ``no`` elsewhere and where NaN is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        below = builder.fcmp_ordered("<", *arguments[:2])
        return builder.select(below, *arguments[2:])

    return yes(left, right, yes, no), generate


@_intrinsic
def widen(typing_context: Any, vector: Any) -> _Generated:
    """The vector in float64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if signature.args[0] == signature.return_type:
            return arguments[0]
        return builder.fpext(arguments[0], context.get_value_type(signature.return_type))

    return Vector(types.float64)(vector), generate


@_intrinsic
def prefetch(typing_context: Any, array: Any, index: Any) -> _Generated:
    """Start to bring the cache line of ``array[index]`` closer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, _ = _address(context, builder, signature.args[0], arguments[0], arguments[1], 1)
        flag = ir.IntType(32)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        read, close, data = flag(0), flag(3), flag(1)
        builder.call(function, [builder.bitcast(pointer, byte), read, close, data])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


def _mask(lanes: list[int]) -> Any:
    return ir.Constant(ir.VectorType(_INDEX, len(lanes)), lanes)


@_intrinsic
def transpose(
    typing_context: Any, source: Any, source_rows: Any, target: Any, target_rows: Any
) -> _Generated:
    """Copy a transposed square: ``target[target_rows[j] + i] = source[source_rows[i] + j]``.

    For i, j < `TILE`; arrays are flat, ``*_rows`` hold the positions of the rows' first elements.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def row(number: int, array: int) -> tuple[Any, int]:
            rows = context.make_array(signature.args[array + 1])
            first = builder.gep(
                rows(context, builder, arguments[array + 1]).data, [types_intp(number)]
            )
            index = builder.load(first)
            return _address(context, builder, signature.args[array], arguments[array], index, TILE)

        types_intp = context.get_value_type(types.intp)
        rows = []
        for i in range(TILE):
            pointer, align = row(i, 0)
            rows.append(builder.load(pointer, align=align))
        for i, vector in enumerate(_transposed(builder, rows)):
            pointer, align = row(i, 2)
            builder.store(vector, pointer, align=align)
        return context.get_dummy_value()

    return types.void(source, source_rows, target, target_rows), generate


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Transpose by log2(TILE) rounds that swap off-diagonal blocks of half the size each."""
    block = TILE // 2
    while block:
        # lanes with bit `block` clear stay in the upper row, the others go to the lower one
        clear = [i for i in range(TILE) if not i & block]
        upper = _mask([i if not i & block else TILE + i - block for i in range(TILE)])
        lower = _mask([i + block if not i & block else TILE + i for i in range(TILE)])
        swapped = list(rows)
        for i in clear:
            swapped[i] = builder.shuffle_vector(rows[i], rows[i + block], upper)
            swapped[i + block] = builder.shuffle_vector(rows[i], rows[i + block], lower)
        rows = swapped
        block //= 2
    return rows
