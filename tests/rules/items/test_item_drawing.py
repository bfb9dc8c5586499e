"""Drawing quizzes and ordering options from a seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.items import Item, PoolItem, blueprint_problems, draw_feasible, draw_quiz, option_order
from tests.rules.items.item_strategies import choice_items, single

# Chi-square with 3 degrees of freedom stays below this in 999 of 1,000 fair samples.
FAIR_FOR_FOUR = 16.27

pools = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("abcde")), unique_by=lambda pair: pair[0], max_size=30
).map(lambda pairs: [PoolItem(f"item-{number}", objective) for number, objective in pairs])
seeds = st.text(max_size=8)


def pool_of(**counts: int) -> list[PoolItem]:
    return [PoolItem(f"{objective}-{n}", objective) for objective, count in counts.items() for n in range(count)]


def objectives_of(drawn: tuple[str, ...], pool: list[PoolItem]) -> Counter[str]:
    objective = {item.id: item.objective for item in pool}
    return Counter(objective[id_] for id_ in drawn)


def test_the_method_of_ordering_never_changes() -> None:
    assert option_order(single(), "seed", "salt") == ("o2", "o3", "o4", "o1")
    assert draw_quiz(pool_of(a=3, b=3, c=2), 5, "seed", {}) == ("a-0", "a-1", "b-1", "c-0", "b-0")


def test_every_place_gets_the_key_equally_often() -> None:
    places = Counter(option_order(single(), f"seed-{n}", "salt").index("o1") for n in range(2_000))

    chi_square = sum((places[place] - 500) ** 2 / 500 for place in range(4))

    assert chi_square < FAIR_FOR_FOUR


def test_items_and_salts_are_ordered_independently() -> None:
    items = [replace(single(), id=f"q-{n}") for n in range(2_000)]

    by_item = Counter(option_order(item, "seed", "salt").index("o1") for item in items)
    by_salt = Counter(option_order(single(), "seed", f"salt-{n}").index("o1") for n in range(2_000))

    for places in (by_item, by_salt):
        assert sum((places[place] - 500) ** 2 / 500 for place in range(4)) < FAIR_FOR_FOUR


def test_seed_and_salt_cannot_be_mistaken_for_each_other() -> None:
    item = single(count=8)

    assert option_order(item, "a", "bc") != option_order(item, "ab", "c")
    assert option_order(replace(item, id="bq-1"), "s", "a") != option_order(item, "s", "ab")


@given(choice_items(), seeds, seeds)
def test_an_order_holds_every_option_once_and_is_the_same_again(item: Item, seed: str, salt: str) -> None:
    order = option_order(item, seed, salt)

    assert sorted(order) == sorted(option.id for option in item.options)
    assert option_order(item, seed, salt) == order


@given(choice_items(), seeds)
def test_fixed_and_true_false_items_keep_their_order(item: Item, seed: str) -> None:
    if item.fixed or item.type == "true-false":
        assert option_order(item, seed, "salt") == tuple(option.id for option in item.options)


@given(pools, st.integers(0, 30), seeds, st.dictionaries(st.integers(0, 60).map("item-{}".format), st.integers(0, 3)))
def test_a_draw_is_even_unseen_first_without_repeats_and_the_same_again(
    pool: list[PoolItem], count: int, seed: str, seen: dict[str, int]
) -> None:
    count = min(count, len(pool))

    drawn = draw_quiz(pool, count, seed, seen)

    assert len(set(drawn)) == len(drawn) == count
    assert set(drawn) <= {item.id for item in pool}
    assert draw_quiz(pool[::-1], count, seed, seen) == drawn
    shares, sizes = objectives_of(drawn, pool), Counter(item.objective for item in pool)
    fullest = max(shares.values(), default=0)
    assert all(shares[objective] >= min(sizes[objective], fullest - 1) for objective in sizes)
    for item in pool:
        if item.id not in drawn:
            rivals = [other.id for other in pool if other.objective == item.objective and other.id in drawn]
            assert all(seen.get(rival, 0) <= seen.get(item.id, 0) for rival in rivals)


def test_who_has_seen_everything_gets_what_was_seen_least() -> None:
    seen = {"a-0": 2, "a-1": 1, "a-2": 3}

    assert set(draw_quiz(pool_of(a=3), 2, "seed", seen)) == {"a-0", "a-1"}


def test_the_surplus_goes_to_each_objective_equally_often() -> None:
    pool = pool_of(a=3, b=3, c=3, d=3)

    surplus = Counter(
        objectives_of(draw_quiz(pool, 5, f"seed-{n}", {}), pool).most_common(1)[0][0] for n in range(2_000)
    )

    assert sum((surplus[objective] - 500) ** 2 / 500 for objective in "abcd") < FAIR_FOR_FOUR


def test_each_unseen_item_is_drawn_equally_often_and_stands_first_equally_often() -> None:
    pool = pool_of(a=4)
    draws = [draw_quiz(pool, 2, f"seed-{n}", {}) for n in range(2_000)]

    drawn, first = Counter(id_ for draw in draws for id_ in draw), Counter(draw[0] for draw in draws)

    assert sum((drawn[item.id] - 1_000) ** 2 / 1_000 for item in pool) < FAIR_FOR_FOUR
    assert sum((first[item.id] - 500) ** 2 / 500 for item in pool) < FAIR_FOR_FOUR


@pytest.mark.parametrize(
    ("count", "pool"), [(3, pool_of(a=1, b=1)), (-1, pool_of(a=2)), (1, []), (1, pool_of(a=1) * 2)]
)
def test_a_pool_that_cannot_supply_the_draw_is_refused(count: int, pool: list[PoolItem]) -> None:
    with pytest.raises(ValueError, match=r"draw|twice"):
        draw_quiz(pool, count, "seed", {})


def test_a_blueprint_knows_how_many_forms_its_scarcest_part_can_supply() -> None:
    feasibility = draw_feasible({"a": 2, "b": 3}, pool_of(a=9, b=7, c=4))

    assert [(part.part, part.asked, part.held, part.forms) for part in feasibility.parts] == [
        ("a", 2, 9, 4),
        ("b", 3, 7, 2),
    ]
    assert (feasibility.forms, feasibility.feasible) == (2, True)


def test_a_blueprint_that_the_pool_can_supply_has_no_problem() -> None:
    assert blueprint_problems({"a": 2, "b": 3}, pool_of(a=4, b=6), forms=2) == ()


@pytest.mark.parametrize(
    ("blueprint", "forms", "codes"),
    [
        ({}, 1, ["blueprint-empty"]),
        ({"a": 5, "b": 1, "x": 1}, 1, ["blueprint-short", "blueprint-short"]),
        ({"a": 0, "b": -2}, 1, ["blueprint-count", "blueprint-count"]),
        ({"a": 2, "b": 2}, 3, ["blueprint-overlap"]),
    ],
)
def test_a_blueprint_that_cannot_be_met_says_why_part_by_part(
    blueprint: dict[str, int], forms: int, codes: list[str]
) -> None:
    problems = blueprint_problems(blueprint, pool_of(a=4, b=6), forms=forms)

    assert [problem.code for problem in problems] == codes
    assert all(problem.is_error and problem.message.in_english() for problem in problems)


@given(pools, st.dictionaries(st.sampled_from("abcde"), st.integers(1, 6), min_size=1))
def test_a_feasible_blueprint_can_be_drawn_part_by_part(pool: list[PoolItem], blueprint: dict[str, int]) -> None:
    feasible = draw_feasible(blueprint, pool).feasible

    assert feasible == (not blueprint_problems(blueprint, pool))
    for part, asked in blueprint.items():
        own = [item for item in pool if item.objective == part]
        if feasible:
            assert len(draw_quiz(own, asked, "seed", {})) == asked
