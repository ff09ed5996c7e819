"""Three ways to the same numbers, and what each of them shares."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from core.config import RunConfig
from core.lesson import one_row
from core.models import initial_parameters

# Two examples of two characters, three numbers each.
EMB = torch.arange(12.0).view(2, 2, 3)
ROWS = [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]]


@pytest.fixture
def emb() -> Tensor:
    return EMB.clone()


@pytest.mark.parametrize("way", one_row.WAYS)
def test_every_way_gives_the_same_rows(emb: Tensor, way: str) -> None:
    assert one_row.join(emb, way).rows.tolist() == ROWS


def test_only_the_view_shares_the_memory(emb: Tensor) -> None:
    made = {way: one_row.join(emb, way) for way in one_row.WAYS}
    assert [joined.is_shared for joined in made.values()] == [False, False, True]
    assert [joined.n_bytes_copied for joined in made.values()] == [48, 48, 0]  # 12 of 4 bytes
    emb[0, 0, 0] = -1.0
    assert [joined.rows[0, 0].item() for joined in made.values()] == [0.0, 0.0, -1.0]
    assert (emb.stride(), made["view"].rows.stride()) == ((6, 3, 1), (6, 1))


def test_the_product_needs_one_row(emb: Tensor) -> None:
    assert "cannot be multiplied (4x3 and 6x5)" in one_row.product_error(emb, torch.ones(6, 5))
    assert one_row.product_error(emb[:, :1], torch.ones(3, 5)) == ""


def test_a_swapped_tensor_has_no_view(emb: Tensor) -> None:
    swapped = one_row.swap(emb)
    assert "view size is not compatible" in swapped.error
    assert swapped.stride == (6, 1, 3)
    assert swapped.is_copied


@pytest.mark.parametrize("shape", [(12, 1, 1), (4, 1, 3), (4, 3, 1)])
def test_nothing_is_swapped_where_one_length_is_1(emb: Tensor, shape: tuple[int, ...]) -> None:
    swapped = one_row.swap(emb.view(shape))
    assert swapped.error == ""
    assert not swapped.is_copied


def test_times_are_medians_of_a_call(emb: Tensor) -> None:
    ticks = itertools.accumulate([0, 4, 0, 6, 0, 2, 0, 100, 0, 6, 0, 2, 0, 4, 0, 8, 0, 2])
    seconds = one_row.seconds_of_each(emb, n_rounds=3, n_calls=2, clock=lambda: float(next(ticks)))
    assert seconds == {"slices": 2.0, "unbind": 3.0, "view": 1.0}


def test_slices_are_counted_in_words(emb: Tensor) -> None:
    assert one_row.slices_text(emb) == "(2, 3), two"
    assert one_row.slices_text(torch.zeros(5, 16, 1)) == "(5, 1), sixteen"


@pytest.mark.parametrize(("block_size", "n_embd"), [(3, 2), (1, 1), (1, 3), (4, 1), (16, 2)])
def test_the_code_shown_finds_the_same(run_code, names, capsys, block_size, n_embd) -> None:
    config = RunConfig.from_settings(
        {"block_size": block_size, "n_embd": n_embd, "n_hidden": 4, "seed": 5}
    )
    words = names[:20]
    code = one_row.code(config, row=3, way="unbind")
    assert max(map(len, code.lines.splitlines())) <= 100
    variables = run_code(code, config, words)
    C, W1, *_ = initial_parameters(config.model, variables["V"]).values()
    emb = C[variables["X"]]
    made = {way: one_row.join(emb, way) for way in one_row.WAYS}
    emb[3, 0, 0] *= -1
    for way, joined in made.items():
        assert torch.equal(variables[f"by_{way}"], joined.rows), way
    printed = capsys.readouterr().out
    assert one_row.product_error(emb, W1) in printed
    assert one_row.swap(emb).error in printed
    assert f"reshape copied: {one_row.swap(emb).is_copied}" in printed
    assert printed.count("same numbers: True same memory: True") == 1
    assert printed.count("same numbers: True same memory: False") == 2
