"""Answering an item: what may be sent, what it is worth, and what a sitting may show."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.items import (
    TYPES,
    BadResponse,
    Item,
    Option,
    Score,
    option_order,
    profile,
    public_form,
    score,
    total,
    type_named,
)
from lms.items.types.numeric import NumericKey
from lms.items.types.short_text import ShortTextKey, compared
from tests.rules.items.item_strategies import (
    answered,
    choice_items,
    item_of,
    items,
    numbers,
    question,
    right_response,
    single,
)

ONE, NOTHING = Score(Decimal(1), Decimal(1)), Score(Decimal(0), Decimal(1))


def numeric(answer: str = "8", tolerance: str = "0.1", unit: str = "m/s") -> Item:
    key = NumericKey(Decimal(answer), Decimal(tolerance), unit)
    return Item(id="q-1", type="numeric", objective="ob-1", stem="How fast?", key=key)


def short_text(*accept: str) -> Item:
    return Item(id="q-1", type="short-text", objective="ob-1", stem="Which?", key=ShortTextKey(accept))


def multiple(*right: bool) -> Item:
    options = tuple(Option(f"o{n}", f"Option {n}", "", mark) for n, mark in enumerate(right, start=1))
    return Item(id="q-1", type="multiple", objective="ob-1", stem="Which ones?", options=options)


def test_there_are_five_types_in_this_release() -> None:
    assert list(TYPES) == ["multiple", "numeric", "short-text", "single", "true-false"]
    assert all(type_named(name).name == name for name in TYPES)
    with pytest.raises(ValueError, match="'haiku'"):
        type_named("haiku")


@pytest.mark.parametrize("item", [single(), multiple(True, False), numeric(), short_text("PHV")])
def test_no_value_is_a_blank_response(item: Item) -> None:
    type_ = type_named(item.type)

    assert type_.read_response(item, []) == type_.blank_response()
    assert not type_.is_answered(type_.blank_response())
    assert type_.describe(item, type_.blank_response()) == ()
    assert score(item, type_.blank_response()) == NOTHING


def test_ticked_boxes_become_the_ids_of_options_in_source_order() -> None:
    item = multiple(True, False, True)

    response = type_named("multiple").read_response(item, ["o3", "o1", "o3", ""])

    assert response == {"options": ["o1", "o3"]}
    assert type_named("multiple").describe(item, response) == ("Option 1", "Option 3")


def test_typed_text_is_kept_as_it_was_typed() -> None:
    response = type_named("numeric").read_response(numeric(), ["  8,1 m/s "])

    assert response == {"text": "  8,1 m/s "}
    assert type_named("numeric").describe(numeric(), response) == ("  8,1 m/s ",)


@pytest.mark.parametrize(
    ("item", "values"),
    [
        (single(), ["o9"]),
        (single(), ["Option A"]),
        (single(), ["o1", "o2"]),
        (single(), ["o1", "o1"]),
        (multiple(True, False), ["o1", "o3"]),
        (numeric(), ["8", "8"]),
        (short_text("a"), ["x" * 10_001]),
        (single(), ["o1"] * 5_001),
        (multiple(True, False), [""] * 1_001),
        (short_text("a"), ["a\x00b"]),
        (numeric(), ["8\ud800"]),
        (single(), ["\udfff"]),
    ],
)
def test_what_no_honest_page_sends_is_a_bad_response(item: Item, values: list[str]) -> None:
    with pytest.raises(BadResponse) as caught:
        type_named(item.type).read_response(item, values)

    assert caught.value.message.in_english()
    assert caught.value.status == 422
    assert isinstance(caught.value, ValueError)


def test_a_response_of_ten_thousand_characters_is_taken() -> None:
    assert type_named("short-text").read_response(short_text("a"), ["x" * 10_000]) == {"text": "x" * 10_000}


@pytest.mark.parametrize(
    "text",
    ["8", "8.1", "7.9", "8,1", "+8", "8.", " 8 ", "8 m/s", "8m/s", "8 m / s", "8 M/S", "8.05\u00a0m/s", "8\u202fm/s", "８", "008", "8.0000000000000000000000"],
)  # fmt: skip
def test_a_number_within_the_tolerance_is_right_however_it_is_written(text: str) -> None:
    assert score(numeric(), {"text": text}) == ONE


@pytest.mark.parametrize(
    "text",
    ["8.11", "7.89", "8.1000000000000000000000001", "-8", "8 m", "8 km/h", "8-10", "8–10", "8 8", "eight", "", "m/s", "8e0", "8^1", "8'", "8.0.0", "±8", "0x8", "8" * 10_000, "NaN", "Infinity", "8\n9"],
)  # fmt: skip
def test_any_other_text_is_wrong(text: str) -> None:
    assert score(numeric(), {"text": text}) == NOTHING


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("1234", "1 234"), ("1234", "1\u2009234"), ("1234", "1,234"), ("1.234", "1,234"), ("1.234", "1.234"), ("1234.5", "1,234.5"),
        ("1234.5", "1.234,5"), ("1234567", "1.234.567"), ("1234567", "1,234,567"), ("-8", "−8"), ("-8", "- 8"), ("-8", "–8"), ("0.5", ".5"), ("0.5", ",5"), ("0.125", "0,125"),
    ],
)  # fmt: skip
def test_separators_and_minus_signs_of_all_habits_are_read(answer: str, text: str) -> None:
    assert score(numeric(answer, "0", ""), {"text": text}) == ONE


@pytest.mark.parametrize(
    ("answer", "text"), [("1234", "1.234"), ("125", "0,125"), ("1234", "12,34"), ("1234", "1,234.0.0")]
)
def test_what_is_no_grouping_of_thousands_is_not_read_as_one(answer: str, text: str) -> None:
    assert score(numeric(answer, "0", ""), {"text": text}) == NOTHING


def test_words_after_a_number_are_not_judged_where_the_item_has_no_unit() -> None:
    assert score(numeric("8", "0", ""), {"text": "8 athletes"}) == ONE
    assert score(numeric("8", "0", ""), {"text": "8 or 9"}) == NOTHING
    assert score(numeric("8", "0", ""), {"text": "8 - x"}) == NOTHING


@given(numbers, numbers.map(abs), numbers)
def test_a_number_is_right_exactly_within_the_tolerance(answer: Decimal, tolerance: Decimal, given_: Decimal) -> None:
    item = numeric(str(answer), str(tolerance))

    assert score(item, {"text": f"{given_:f}"}).full == (answer - tolerance <= given_ <= answer + tolerance)


@pytest.mark.parametrize(
    "text",
    [
        "PHV",
        "phv",
        " Phv. ",
        "ＰＨＶ",
        "peak  height velocity!",
        "PEAK\u00a0HEIGHT\tVELOCITY",
        "athlete's",
        "ATHLETE’S",
    ],
)
def test_a_text_is_right_in_any_way_of_writing_that_does_not_count(text: str) -> None:
    assert score(short_text("PHV", "peak height velocity", "athlete’s"), {"text": text}) == ONE


@pytest.mark.parametrize("text", ["PH V", "P.H.V", "", ".", "peak velocity", "PHV peak height velocity"])
def test_any_other_text_is_not_accepted(text: str) -> None:
    assert score(short_text("PHV", "peak height velocity"), {"text": text}) == NOTHING


@given(st.text())
def test_comparing_twice_is_comparing_once(text: str) -> None:
    assert compared(compared(text)) == compared(text)


@given(choice_items(), st.data())
def test_a_choice_scores_exactly_when_the_right_options_are_chosen(item: Item, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from([option.id for option in item.options])))

    right = {option.id for option in item.options if option.right}

    assert score(item, {"options": sorted(chosen)}).full == (chosen == right)


@given(choice_items(), st.randoms(use_true_random=False))
def test_the_order_in_which_options_are_named_does_not_matter(item: Item, random: Any) -> None:
    chosen = [option.id for option in item.options if option.right]
    random.shuffle(chosen)

    assert score(item, {"options": chosen}) == ONE


@given(answered())
def test_a_score_lies_between_nothing_and_its_maximum(pair: tuple[Item, dict[str, Any]]) -> None:
    item, response = pair

    earned = score(item, response)

    assert 0 <= earned.raw <= earned.maximum == 1


@given(items)
def test_the_right_response_earns_everything_and_survives_the_form_and_json(item: Item) -> None:
    response = right_response(item)
    values = response.get("options", [response.get("text")])

    read = type_named(item.type).read_response(item, values)

    assert read == response
    assert score(item, json.loads(json.dumps(read))) == ONE


@given(
    items,
    st.dictionaries(
        st.sampled_from(["options", "text", "x"]),
        st.one_of(st.none(), st.integers(), st.text(), st.lists(st.one_of(st.integers(), st.text(max_size=3)))),
    ),
)
def test_a_response_of_another_shape_scores_without_raising(item: Item, response: dict[str, Any]) -> None:
    assert score(item, response).raw in {0, 1}
    assert type_named(item.type).is_answered(response) in {True, False}
    assert isinstance(type_named(item.type).describe(item, response), tuple)


@given(items)
def test_a_sitting_shows_neither_feedback_nor_explanation(item: Item) -> None:
    options = tuple(replace(option, feedback=f"CANARY {option.id}") for option in item.options)
    marked = replace(item, options=options, explanation="CANARY explanation")

    form = public_form(marked, option_order(marked, "seed", "salt"))

    assert "CANARY" not in repr(form)
    assert "CANARY" not in json.dumps(form.to_json())
    assert "right" not in form.to_json()


@given(choice_items(), st.integers(0, 5))
def test_a_sitting_shows_the_same_whichever_option_is_right(item: Item, place: int) -> None:
    options = tuple(replace(option, right=n == place % len(item.options)) for n, option in enumerate(item.options))
    other = replace(item, options=options)

    order = option_order(item, "seed", "salt")

    assert option_order(other, "seed", "salt") == order
    assert public_form(other, order) == public_form(item, order)


@pytest.mark.parametrize(
    "key", [NumericKey(Decimal("73.19"), Decimal("0.4242"), "AU"), ShortTextKey(("CANARY", "canary too"))]
)
def test_a_sitting_shows_nothing_of_a_key_but_the_unit(key: NumericKey | ShortTextKey) -> None:
    item = numeric() if isinstance(key, NumericKey) else short_text()

    packed = json.dumps(public_form(replace(item, key=key)).to_json())

    assert not any(secret in packed.casefold() for secret in ("73.19", "0.4242", "canary"))
    assert ("AU" in packed) == isinstance(key, NumericKey)


def test_the_public_form_has_the_options_in_the_order_asked_for() -> None:
    assert public_form(single(count=3), ("o3", "o1", "o2")).options == ("Option C", "Option A", "Option B")
    for order in (["o1"], ["o1", "o1", "o2"], ["o1", "o2", "o4"]):
        with pytest.raises(ValueError, match="not an order"):
            public_form(single(count=3), order)


def test_a_key_of_another_type_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        score(replace(numeric(), type="short-text"), {"text": "8"})
    with pytest.raises(TypeError):
        score(replace(short_text("8"), type="numeric"), {"text": "8"})
    with pytest.raises(ValueError, match="no key beside"):
        Item.from_json({**single().to_json(), "key": {"answer": "8"}})


def test_path_and_line_are_no_part_of_an_item() -> None:
    item = item_of(question("- [x] A", "- [ ] B"))

    assert replace(item, path="a.md", line=7) == item
    assert not {"path", "line"} & item.to_json().keys()


def test_a_total_is_passed_at_the_mark_exactly() -> None:
    four_of_five = total([ONE] * 4 + [NOTHING], pass_mark=80)

    assert four_of_five.raw == 4
    assert four_of_five.maximum == 5
    assert four_of_five.scaled == Decimal("0.8")
    assert four_of_five.passed
    assert not total([ONE] * 4 + [NOTHING], pass_mark=81).passed


def test_of_nothing_nothing_is_passed() -> None:
    nothing = total([], pass_mark=0)

    assert nothing.raw == nothing.maximum == nothing.scaled == 0
    assert not nothing.passed


@pytest.mark.parametrize("pass_mark", [-1, 101])
def test_a_pass_mark_is_a_percentage(pass_mark: int) -> None:
    with pytest.raises(ValueError, match="pass mark"):
        total([ONE], pass_mark=pass_mark)


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(0, 100))
def test_the_scaled_score_shows_the_pass_mark_exactly_when_it_is_passed(rights: list[bool], pass_mark: int) -> None:
    result = total([ONE if right else NOTHING for right in rights], pass_mark=pass_mark)

    assert 0 <= result.scaled <= 1
    assert isinstance(result.scaled, Decimal)
    assert result.passed == (result.scaled * 100 >= pass_mark) == (sum(rights) * 100 >= pass_mark * len(rights))


@given(
    st.lists(st.booleans(), min_size=1, max_size=50),
    st.integers(0, 49),
    st.integers(0, 100),
    st.randoms(use_true_random=False),
)
def test_one_more_right_never_lowers_a_total_and_order_never_matters(
    rights: list[bool], place: int, pass_mark: int, random: Any
) -> None:
    scores = [ONE if right else NOTHING for right in rights]
    better = [*scores]
    better[place % len(scores)] = ONE
    shuffled = [*scores]
    random.shuffle(shuffled)

    before, after = total(scores, pass_mark=pass_mark), total(better, pass_mark=pass_mark)

    assert after.scaled >= before.scaled
    assert after.passed >= before.passed
    assert total(shuffled, pass_mark=pass_mark) == before


def test_a_profile_counts_by_objective_in_the_order_met() -> None:
    scores = [("pace", ONE), ("energy", NOTHING), ("pace", NOTHING), ("energy", ONE), ("pace", ONE)]

    assert list(profile(scores).items()) == [("pace", (2, 3)), ("energy", (1, 2))]
