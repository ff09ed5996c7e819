"""What numba has no words for: whole vectors, a power of two, numbers that threads share."""

# An intrinsic's parameters are numba's types and llvmlite's values, which carry no types of ours;
# that many of them go unread is how an intrinsic says its signature.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, import-untyped, call-arg"
# ruff: noqa: ARG001

from __future__ import annotations

import os

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# A tile of a product is ROWS × (VECTORS·LANES) sums, held in registers: 32 of them with AVX-512 and
# 16 with AVX2, where 16 lanes take two. The order of every sum is the same whatever the tile.
LANES = 16
SIDE = 8  # of the squares that are transposed
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


@intrinsic
def transpose_square(_typing, a, a_at, a_row, b, b_at, b_row):
    """B = aᵀ for SIDE × SIDE numbers that stand at these places, within registers."""
    whole = types.int64
    signature = types.void(a, whole, whole, b, whole, whole)

    def generate(context, builder, _signature, values):
        a_, a_at, a_row, b_, b_at, b_row = values
        source, target = (
            _at(builder, context.make_array(kind)(context, builder, array).data, start)
            for kind, array, start in ((a, a_, a_at), (b, b_, b_at))
        )
        side = ir.VectorType(_FLOAT, SIDE)

        def place(start, step, i):
            row = _at(builder, start, builder.mul(step, _WHOLE(i)))
            return builder.bitcast(row, ir.PointerType(side))

        rows = [builder.load(place(source, a_row, i), align=4, typ=side) for i in range(SIDE)]
        # Each stage swaps the parts that stand across in squares of half the width.
        half = SIDE // 2
        while half:
            for i in range(SIDE):
                if not i & half:
                    upper, lower = rows[i], rows[i + half]
                    for k, first in ((i, 0), (i + half, half)):
                        lanes = [
                            first + j if not j & half else first + j - half + SIDE
                            for j in range(SIDE)
                        ]
                        order = ir.Constant(ir.VectorType(ir.IntType(32), SIDE), lanes)
                        rows[k] = builder.shuffle_vector(upper, lower, order)
            half //= 2
        for i, row in enumerate(rows):
            builder.store(row, place(target, b_row, i), align=4)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def read(_typing, numbers, i):
    """numbers[i], after all that its writer had done before."""

    def generate(context, builder, signature, values):
        place = _whole_at(context, builder, signature.args[0], *values)
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(numbers, types.int64), generate


@intrinsic
def write(_typing, numbers, i, value):
    """numbers[i] = value, for other threads to see, and all that was done before it."""

    def generate(context, builder, signature, values):
        place = _whole_at(context, builder, signature.args[0], *values[:2])
        builder.store_atomic(values[2], place, "release", 8)
        return context.get_dummy_value()

    return types.void(numbers, types.int64, types.int64), generate


@intrinsic
def count_one(_typing, numbers, i):
    """numbers[i] += 1, as no other thread can in between."""

    def generate(context, builder, signature, values):
        place = _whole_at(context, builder, signature.args[0], *values)
        builder.atomic_rmw("add", place, _WHOLE(1), "acq_rel")
        return context.get_dummy_value()

    return types.void(numbers, types.int64), generate


@intrinsic
def replace(_typing, numbers, i, old, new):
    """numbers[i] = new if it is still old; whether it was, and nobody else can say so too."""

    def generate(context, builder, signature, values):
        place = _whole_at(context, builder, signature.args[0], *values[:2])
        result = builder.cmpxchg(place, values[2], values[3], "acq_rel", "acquire")
        return builder.extract_value(result, 1)

    return types.boolean(numbers, types.int64, types.int64, types.int64), generate


@intrinsic
def step_aside(_typing):
    """Let another thread have this core, where the system has a word for it."""

    def generate(context, builder, _signature, _values):
        if os.name == "posix":
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), generate


def _whole_at(context, builder, kind, array, i):
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [i], source_etype=_WHOLE)
