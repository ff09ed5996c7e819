"""What numba has no words for: sums over whole vectors, and a power of two by its bits."""

# An intrinsic's parameters are numba's types and llvmlite's values, which carry no types of ours;
# that many of them go unread is how an intrinsic says its signature.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, import-untyped, call-arg"
# ruff: noqa: ARG001

from __future__ import annotations

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# A tile of a product is ROWS × (VECTORS·LANES) sums, held in registers: 32 of them with AVX-512 and
# 16 with AVX2, where 16 lanes take two. The order of every sum is the same whatever the tile.
LANES = 16
ROWS, VECTORS = (8, 2) if llvmlite.binding.get_host_cpu_features().get("avx512f") else (6, 1)

_FLOAT = ir.FloatType()
_WHOLE = ir.IntType(64)
_VECTOR = ir.VectorType(_FLOAT, LANES)


@intrinsic
def two_to_the(_typing, n):
    """2ⁿ for a whole n from -126 to 127: n + 127 is put where a float32 keeps its exponent."""

    def generate(_context, builder, _signature, values):
        exponent = ir.IntType(32)
        biased = builder.add(builder.fptosi(values[0], exponent), exponent(127))
        return builder.bitcast(builder.shl(biased, exponent(23)), _FLOAT)

    return types.float32(types.float32), generate


@intrinsic
def tile(
    _typing, shape, a, a_at, a_row, a_term, b, b_at, b_term, c, c_at, c_row, terms, scale, add
):
    """One tile of c = a·b, or with `add` of c += scale·a·b, in whole vectors.

    The sums stay in registers only where their number is known, so there is a loop for each shape
    of tile: `shape` is its rows + ROWS · (its vectors - 1).
    """
    whole = types.int64
    arguments = (whole, a, *[whole] * 3, b, *[whole] * 2, c, *[whole] * 3, types.float32)
    signature = types.void(*arguments, types.boolean)

    def generate(context, builder, _signature, values):
        shape, a_, a_at, a_row, a_term, b_, b_at, b_term, c_, c_at, c_row, *rest = values
        first = [
            _at(builder, context.make_array(kind)(context, builder, array).data, start)
            for kind, array, start in ((a, a_, a_at), (b, b_, b_at), (c, c_, c_at))
        ]
        end = builder.append_basic_block("end")
        switch = builder.switch(shape, end)
        for vectors in range(1, VECTORS + 1):
            for rows in range(1, ROWS + 1):
                block = builder.append_basic_block(f"tile_{rows}_{vectors}")
                switch.add_case(_WHOLE(rows + ROWS * (vectors - 1)), block)
                builder.position_at_end(block)
                _emit_tile(builder, rows, vectors, *first, a_row, a_term, b_term, c_row, *rest)
                builder.branch(end)
        builder.position_at_end(end)
        return context.get_dummy_value()

    return signature, generate


def _emit_tile(builder, rows, vectors, a, b, c, a_row, a_term, b_term, c_row, terms, scale, add):
    multiply_add = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(_VECTOR, [_VECTOR] * 3), f"llvm.fmuladd.v{LANES}f32"
    )
    cells = [(i, j) for i in range(rows) for j in range(vectors)]
    zero = ir.Constant(_VECTOR, [0.0] * LANES)
    sums = {cell: cgutils.alloca_once(builder, _VECTOR) for cell in cells}
    for total in sums.values():
        builder.store(zero, total)
    a_rows = [_at(builder, a, builder.mul(a_row, _WHOLE(i))) for i in range(rows)]
    with cgutils.for_range(builder, terms) as loop:
        b_now = _at(builder, b, builder.mul(loop.index, b_term))
        right = [_load(builder, _vector_at(builder, b_now, j)) for j in range(vectors)]
        offset = builder.mul(loop.index, a_term)
        left = [_spread(builder, builder.load(_at(builder, row, offset))) for row in a_rows]
        for i, j in cells:
            so_far = builder.load(sums[i, j], typ=_VECTOR)
            builder.store(builder.call(multiply_add, [left[i], right[j], so_far]), sums[i, j])
    scales = _spread(builder, scale)
    with builder.if_else(builder.trunc(add, ir.IntType(1))) as (adds, replaces):
        for branch, is_adding in ((adds, True), (replaces, False)):
            with branch:
                for i, j in cells:
                    row = _at(builder, c, builder.mul(c_row, _WHOLE(i)))
                    place = _vector_at(builder, row, j)
                    value = builder.load(sums[i, j], typ=_VECTOR)
                    if is_adding:
                        before = _load(builder, place)
                        value = builder.call(multiply_add, [scales, value, before])
                    builder.store(value, place, align=4)


def _at(builder, start, offset):
    return builder.gep(start, [offset], source_etype=_FLOAT)


def _vector_at(builder, start, j):
    return builder.bitcast(_at(builder, start, _WHOLE(j * LANES)), ir.PointerType(_VECTOR))


def _load(builder, place):
    return builder.load(place, align=4, typ=_VECTOR)


def _spread(builder, number):
    anything = ir.Constant(_VECTOR, ir.Undefined)
    lane = builder.insert_element(anything, number, ir.IntType(32)(0))
    first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(lane, anything, first)
