"""A model's tensors by name, and copies of them."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

from core.models import Parameters
from core.models.seam import SMALL_BYTES


@pytest.mark.parametrize("n_rows", [1, 27, SMALL_BYTES // 4])
def test_a_copy_has_the_same_numbers_and_storage_of_its_own(n_rows: int) -> None:
    rows = torch.randn(n_rows, 3, generator=torch.Generator().manual_seed(1))
    parameters = Parameters({"C": rows, "across": rows.T, "W": torch.empty(0, 0)})
    copy = parameters.copy()
    assert list(copy) == ["C", "across", "W"]
    for name, tensor in parameters.items():
        assert torch.equal(copy[name], tensor)
        assert (copy.arrays[name] == tensor.numpy()).all()
    copy["C"].add_(1)
    assert torch.equal(parameters["C"], rows)
    assert torch.equal(torch.from_numpy(copy.arrays["C"]), copy["C"])


def test_arrays_are_the_tensors_themselves() -> None:
    parameters = Parameters({"b": torch.zeros(2, requires_grad=True)})
    parameters.arrays["b"][0] = 7.0
    assert parameters["b"].tolist() == [7.0, 0.0]


def test_what_was_sent_to_another_process_has_one_storage_again() -> None:
    parameters = Parameters({"b": torch.zeros(2)})
    assert parameters.arrays["b"].tolist() == [0.0, 0.0]
    for same in (pickle.loads(pickle.dumps(parameters)), copy.deepcopy(parameters)):
        same["b"].fill_(7)
        assert same.arrays["b"].tolist() == [7.0, 7.0]
    assert parameters["b"].tolist() == [0.0, 0.0]
