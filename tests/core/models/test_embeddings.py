"""The map of characters, against numpy's eigenvalues and distances worked out by hand."""

from __future__ import annotations

import math
import unicodedata

import numpy as np
import pytest
import torch

from core.models.embeddings import (
    FEW,
    SameKind,
    aligned,
    apply,
    nearest,
    placed,
    project,
    same_kind,
    same_kind_of_shuffled,
    separation,
    separation_of_shuffled,
)
from core.text import kind_of


def table(rows, columns, seed=0):
    return torch.randn((rows, columns), generator=torch.Generator().manual_seed(seed))


def distances(points):
    points = np.asarray(points, dtype=np.float64)
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def test_two_dimensions_are_drawn_as_they_are() -> None:
    C = table(27, 2)
    projection = project(C)
    assert (projection.points == C.numpy()).all()
    shares = C.double().numpy().var(axis=0) / C.double().numpy().var(axis=0).sum()
    assert projection.explained == pytest.approx(tuple(shares), rel=1e-6)


def test_one_dimension_is_drawn_on_a_line() -> None:
    C = table(27, 1)
    projection = project(C)
    assert (projection.points[:, 0] == C.numpy()[:, 0]).all()
    assert (projection.points[:, 1] == 0).all()
    assert projection.explained == pytest.approx((1.0, 0.0), abs=1e-6)


@pytest.mark.parametrize("columns", [3, 10, FEW, FEW + 1])
def test_explained_variance_is_the_covariances_largest_eigenvalues(columns: int) -> None:
    C = table(27, columns) * torch.linspace(0.2, 3, columns)
    eigenvalues = np.linalg.eigvalsh(np.cov(C.double().numpy().T))[::-1]
    expected = tuple(eigenvalues[:2] / eigenvalues.sum())
    assert project(C).explained == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("columns", [3, 5, FEW, FEW + 1])
def test_points_vary_by_the_eigenvalues_and_do_not_correlate(columns: int) -> None:
    C = table(27, columns)
    eigenvalues = np.linalg.eigvalsh(np.cov(C.double().numpy().T))[::-1]
    assert np.cov(project(C).points.T) == pytest.approx(np.diag(eigenvalues[:2]), abs=1e-5)


def test_embeddings_of_any_size_and_of_few_directions_have_a_basis() -> None:
    C = table(27, 6) * torch.tensor([1e30, 1e-30, 0.0, 0.0, 1e-30, 0.0])
    projection = project(C)
    assert projection.basis.T @ projection.basis == pytest.approx(np.eye(2), abs=1e-12)
    assert projection.basis[:, 0] == pytest.approx([1, 0, 0, 0, 0, 0], abs=1e-12)
    same = torch.ones(27, 6)  # no direction is better than another
    assert project(same).basis.T @ project(same).basis == pytest.approx(np.eye(2))


@pytest.mark.parametrize("seed", range(40))
def test_one_token_far_away_leaves_two_directions(seed: int) -> None:
    C = table(27, 3, seed)
    C[5] *= 1e10  # as in a run that is about to diverge
    basis = project(C).basis
    assert basis.T @ basis == pytest.approx(np.eye(2), abs=1e-9)


def test_distances_are_kept_when_the_table_is_a_plane() -> None:
    flat = table(20, 2).double()
    turned = flat @ torch.linalg.qr(table(6, 6, seed=1).double())[0][:2] + 3
    assert distances(project(turned).points) == pytest.approx(distances(flat), abs=1e-5)
    assert sum(project(turned).explained) == pytest.approx(1)


def test_the_sign_of_a_component_is_fixed_by_its_largest_entry() -> None:
    C = table(27, 6)
    for projection in (project(C), project(-C), project(C.flip(0))):
        largest = np.abs(projection.basis).argmax(axis=0)
        assert (projection.basis[largest, [0, 1]] > 0).all()
    assert project(C.flip(0)).points == pytest.approx(project(C).points[::-1], abs=1e-5)


def test_an_earlier_table_is_shown_in_the_basis_of_a_later_one() -> None:
    now, before = table(27, 8), table(27, 8, seed=1)
    projection = project(now)
    by_hand = (before.double().numpy() - projection.mean) @ projection.basis
    assert apply(projection, before) == pytest.approx(by_hand, abs=1e-5)
    assert (project(before, basis_of=now).points == apply(projection, before)).all()
    assert (apply(projection, now) == projection.points).all()


def test_a_live_map_has_the_points_of_the_projection() -> None:
    C = table(27, 8)
    assert (placed(C) == project(C).points).all()


def test_a_basis_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="8 columns, got 5"):
        project(table(27, 8), basis_of=table(27, 5))
    with pytest.raises(ValueError, match="8 columns, got 5"):
        apply(project(table(27, 8)), table(27, 5))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("columns", [1, 2, 5])
def test_a_row_that_is_not_finite_leaves_the_others_where_they_were(bad, columns) -> None:
    C = table(10, columns)
    broken = torch.cat([C, torch.full((1, columns), bad)])
    projection = project(broken)
    assert projection.points[:10] == pytest.approx(project(C).points, abs=1e-6)
    assert not np.isfinite(projection.points[10, 0])


def test_a_table_of_nothing_finite_or_nothing_different_raises_no_error() -> None:
    assert project(torch.full((27, 5), math.nan)).explained == (0.0, 0.0)
    assert project(torch.zeros(27, 5)).explained == (0.0, 0.0)
    assert (project(torch.zeros(27, 5)).points == 0).all()


def test_a_turned_and_mirrored_map_is_turned_back() -> None:
    before = project(table(27, 5)).points
    angle = 2.1
    rotation = np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    ) @ np.diag([1, -1])
    assert aligned((before @ rotation).astype(np.float32), before) == pytest.approx(
        before, abs=1e-5
    )


def test_alignment_keeps_every_distance_and_comes_nearer_than_any_turn() -> None:
    now, before = project(table(27, 5)).points, project(table(27, 5, seed=1)).points
    best = aligned(now, before)
    assert distances(best) == pytest.approx(distances(now), abs=1e-5)
    error = np.square(best - before).sum()
    for angle in np.linspace(0, 2 * math.pi, 90):
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        for mirror in ([1, 1], [1, -1]):
            assert np.square(now @ (turn * mirror) - before).sum() >= error - 1e-3


def test_alignment_passes_over_points_that_are_not_finite() -> None:
    before = project(table(27, 5)).points
    now = (before @ np.array([[0, 1], [-1, 0]])).astype(np.float32)
    now[3] = math.nan
    result = aligned(now, before)
    assert np.delete(result, 3, axis=0) == pytest.approx(np.delete(before, 3, axis=0), abs=1e-5)
    assert np.isnan(aligned(np.full_like(now, math.nan), before)).all()


def test_maps_of_different_sizes_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="shape"):
        aligned(np.zeros((5, 2), np.float32), np.zeros((4, 2), np.float32))


def test_neighbours_come_nearest_first_without_the_character_itself() -> None:
    C = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0], [-2.0, 0.0]])
    assert nearest(C, 0, 2) == [(2, 1.0), (3, 2.0)]
    assert nearest(C, 0, 99) == [(2, 1.0), (3, 2.0), (1, 5.0)]


def test_cosine_asks_for_direction_only() -> None:
    C = torch.tensor([[1.0, 0.0], [100.0, 0.0], [1.0, 1.0], [-1.0, 0.0]])
    found = nearest(C, 0, 3, metric="cosine")
    assert [index for index, _ in found] == [1, 2, 3]
    assert [value for _, value in found] == pytest.approx([1, math.sqrt(0.5), -1])


def test_neighbours_that_are_not_finite_or_have_no_direction_are_left_out() -> None:
    C = torch.tensor([[1.0, 0.0], [math.nan, 0.0], [0.0, 0.0], [2.0, 0.0], [math.inf, 1.0]])
    assert nearest(C, 0, 9) == [(2, 1.0), (3, 1.0)]
    assert nearest(C, 0, 9, metric="cosine") == [(3, 1.0)]
    assert nearest(C, 1, 9) == []


@pytest.mark.parametrize("index", [-1, 4])
def test_a_character_outside_the_table_has_no_neighbours(index) -> None:
    with pytest.raises(IndexError):
        nearest(torch.zeros(4, 2), index, 1)


@pytest.mark.parametrize(
    ("kind", "characters"),
    [
        ("vowel", "aeiouyAEIOUYéÉïÿöåæøαόеёИ"),
        ("consonant", "bcdfghjklmnpqrstvwxzBZçñßłйЙкλ"),
        ("other", ".'-’ 3_名א"),
    ],
)
def test_kinds_of_characters(kind, characters) -> None:
    assert {c: kind_of(c) for c in characters} == dict.fromkeys(characters, kind)


def test_an_accent_written_apart_does_not_change_the_kind() -> None:
    assert kind_of(unicodedata.normalize("NFD", "é")) == "vowel"


def kinds_of(*characters: str) -> list[str]:
    return ["boundary" if each == "." else kind_of(each) for each in characters]


def test_separation_is_the_vowels_mean_silhouette_by_hand() -> None:
    kinds = kinds_of(".", "a", "b", "e")
    C = torch.tensor([[99.0], [0.0], [4.0], [1.0]])
    # a: 1 to e, 4 to b; e: 1 to a, 3 to b.
    assert separation(C, kinds) == pytest.approx(((4 - 1) / 4 + (3 - 1) / 3) / 2)


def test_separation_is_one_when_vowels_fall_together_and_negative_when_consonants_lie_between() -> (
    None
):
    kinds = kinds_of(".", "a", "b", "e")
    assert separation(torch.tensor([[0.0], [1.0], [2.0], [1.0]]), kinds) == 1.0
    assert separation(torch.tensor([[0.0], [0.0], [1.0], [2.0]]), kinds) == -0.5
    assert separation(torch.zeros(4, 1), kinds) == 0.0


def test_letters_drawn_by_lot_lie_in_the_band_and_gathered_ones_beyond_it() -> None:
    kinds = ["vowel"] * 5 + ["consonant"] * 21
    outside = 0
    for seed in range(40):
        C = np.random.default_rng(seed).normal(size=(26, 10))
        low, high = separation_of_shuffled(C, kinds)
        outside += not low <= separation(C, kinds) <= high
    assert outside <= 6  # of 40 one in twenty is 2; 7 or more come once in 200
    C[:5] += 3
    assert separation(C, kinds) > separation_of_shuffled(C, kinds)[1]


def test_separation_without_enough_to_compare_is_nan() -> None:
    C = torch.zeros(3, 2)
    assert math.isnan(separation(C, kinds_of(".", "b", "c")))
    assert math.isnan(separation(C, kinds_of(".", "a", "c")))
    assert math.isnan(separation(C, kinds_of(".", "a", "e")))
    assert math.isnan(separation(torch.full((4, 2), math.nan), kinds_of(".", "a", "b", "e")))


def test_same_kind_is_counted_by_hand() -> None:
    C = torch.tensor([[1.0, 0.0], [5.0, 0.1], [0.0, 1.0], [0.3, 1.0], [1.0, 0.2]])
    kinds = ["noun", "noun", "verb", "verb", "verb"]
    # The last is nearer to the second, a noun, than to any verb; the second's nearest is the first.
    assert same_kind(C, kinds) == SameKind(4 / 5, (2 * 1 + 3 * 2) / (5 * 4))


def test_same_kind_agrees_with_a_loop_over_all_pairs() -> None:
    C = table(300, 7).double()
    kinds = [("noun", "verb", "adverb")[i % 7 % 3] for i in range(300)]
    unit = C / C.norm(dim=1, keepdim=True)
    n_same = 0
    for i in range(300):
        others = [j for j in range(300) if j != i]
        best = others[int((unit[others] @ unit[i]).argmax())]
        n_same += kinds[i] == kinds[best]
    found = same_kind(C, kinds)
    assert found is not None
    assert found.share == n_same / 300
    pairs = [kinds[i] == kinds[j] for i in range(300) for j in range(300) if i != j]
    assert found.chance == pytest.approx(np.mean(pairs))


def test_random_weights_are_of_the_same_kind_as_often_as_by_chance() -> None:
    kinds = [f"kind {i % 5}" for i in range(2_000)]
    found = same_kind(table(2_000, 20), kinds)
    assert found is not None
    assert found.share == pytest.approx(found.chance, abs=0.04)  # 4.5 standard errors


def test_what_says_nothing_of_use_counts_neither_as_a_token_nor_as_a_neighbour() -> None:
    C = torch.tensor([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [0.1, 1.0], [1.0, 0.02]])
    kinds = ["noun", "noun", "verb", "verb", "verb"]
    without = ["boundary", "rare", "other"]
    more = torch.cat([C, C[:3] + 1e-4, torch.full((1, 2), math.nan), torch.zeros(1, 2)])
    assert same_kind(more, [*kinds, *without, "noun", "noun"]) == same_kind(C, kinds)


def test_one_kind_alone_says_nothing() -> None:
    assert same_kind(table(4, 2), ["noun", "noun", "other", "rare"]) is None
    assert same_kind(table(2, 2), ["boundary", "rare"]) is None
    with pytest.raises(ValueError, match="kinds"):
        same_kind(table(4, 2), ["noun"])


def test_kinds_at_random_share_a_neighbour_within_the_band_of_shuffles_in_19_of_20_cases() -> None:
    random = np.random.default_rng(3)
    outside = 0
    for seed in range(60):
        kinds = random.choice(["noun", "verb", "adverb"], size=120).tolist()
        C = table(120, 8, seed=seed)
        low, high = same_kind_of_shuffled(C, kinds)
        found = same_kind(C, kinds)
        assert found is not None
        assert low < found.chance < high
        outside += not low <= found.share <= high
    assert outside <= 8  # 3 of 60 is one in twenty; more than 8 come once in 200
    apart = torch.cat([table(60, 8) + 3, table(60, 8, seed=1) - 3])
    kinds = ["noun"] * 60 + ["verb"] * 60
    found = same_kind(apart, kinds)
    assert found is not None
    assert found.share > same_kind_of_shuffled(apart, kinds)[1]
    assert all(map(math.isnan, same_kind_of_shuffled(apart[:3], ["noun"] * 3)))
