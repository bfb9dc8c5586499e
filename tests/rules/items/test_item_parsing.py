"""Reading a question block: what it says, and everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from lms.items import Item, Option, parse, scan, to_source
from lms.items.types.numeric import NumericKey
from lms.items.types.short_text import ShortTextKey
from tests.rules.items.item_strategies import found, item_of, items, parsed, question

OPTIONS = ("- [x] This", "- [ ] That", "", "Because.")


def test_one_mark_makes_a_single_question() -> None:
    item = item_of(question("- [ ] This", "    - Too short.", "- [x] That", "", "Because."))

    assert item == Item(
        id="q-1",
        type="single",
        objective="ob-1",
        stem="Which one?",
        options=(Option("o1", "This", "Too short.", right=False), Option("o2", "That", "", right=True)),
        explanation="Because.",
    )
    assert item.line == 1


def test_several_marks_make_a_multiple_question() -> None:
    assert item_of(question("- [x] A", "- [X] B", "- [ ] C")).type == "multiple"


def test_a_question_may_be_called_multiple_with_one_mark() -> None:
    item = item_of(question(*OPTIONS, head="id: q-1\nobjective: ob-1\ntype: multiple"))

    assert item.type == "multiple"


def test_the_stem_goes_on_below_the_head() -> None:
    item = item_of(question("A runner slows down.", "", "How many?", "", *OPTIONS))

    assert item.stem == "Which one?\n\nA runner slows down.\n\nHow many?"


def test_the_stem_may_stand_below_the_head_altogether() -> None:
    assert item_of(question("What now?", "", *OPTIONS, stem="")).stem == "What now?"


def test_options_and_feedback_may_have_several_lines() -> None:
    item = item_of(
        question(
            "- [x] This",
            "    and more.",
            "",
            "    A paragraph.",
            "    - Feedback",
            "      on two lines.",
            "",
            "        And a paragraph.",
            "* [ ] That",
            "    - One",
            "    - Two",
        )
    )

    assert item.options[0].text == "This\nand more.\n\nA paragraph."
    assert item.options[0].feedback == "Feedback\non two lines.\n\n  And a paragraph."
    assert item.options[1].feedback == "- One\n- Two"


def test_what_looks_like_options_in_a_code_fence_is_none() -> None:
    item = item_of(question("```", "- [x] code", "```", "", *OPTIONS, "", "~~~", "- [ ] code", "~~~"))

    assert len(item.options) == 2
    assert "- [x] code" in item.stem
    assert "- [ ] code" in item.explanation


def test_a_true_false_question_has_exactly_these_options() -> None:
    head = "id: q-1\nobjective: ob-1\ntype: true-false"

    assert item_of(question("- [ ] True", "- [x] False", head=head)).type == "true-false"
    assert found(parsed(question("- [x] False", "- [ ] True", head=head))) == [("question-true-false", 6, 1)]
    assert found(parsed(question("- [x] True", "- [x] False", head=head))) == [("question-key", 6, 1)]
    assert found(parsed(question("- [x] Yes", "- [ ] No", head=head))) == [("question-true-false", 6, 1)]


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ("8 ± 0.1", NumericKey(Decimal(8), Decimal("0.1"), "m/s")),
        ("8 +- 0.1", NumericKey(Decimal(8), Decimal("0.1"), "m/s")),
        ("8 +/- 0,1", NumericKey(Decimal(8), Decimal("0.1"), "m/s")),
        ("−8.5", NumericKey(Decimal("-8.5"), Decimal(0), "m/s")),
        ("'1 200 ± 5'", NumericKey(Decimal(1200), Decimal(5), "m/s")),
    ],
)
def test_a_numeric_question_has_answer_tolerance_and_unit(answer: str, key: NumericKey) -> None:
    item = item_of(question("Why.", head=f"id: q-1\nobjective: ob-1\ntype: numeric\nanswer: {answer}\nunit: m/s"))

    assert item.key == key
    assert (item.stem, item.explanation, item.options) == ("Which one?", "Why.", ())


@pytest.mark.parametrize("answer", ["eight", "8 ± -1", "8 ± x", "1,234", "8 m", "± 1", "1.2.3", "8 ±", "9" * 31])
def test_an_answer_that_is_no_number_or_could_be_two_is_an_error(answer: str) -> None:
    source = question("Why.", head=f"id: q-1\nobjective: ob-1\ntype: numeric\nanswer: {answer}")

    assert found(parsed(source)) == [("question-answer", 5, 13)]


def test_a_short_text_question_lists_what_it_accepts() -> None:
    item = item_of(
        question("Why.", head="id: q-1\nobjective: ob-1\ntype: short-text\naccept: [PHV, peak height velocity, 7]")
    )

    assert item.key == ShortTextKey(("PHV", "peak height velocity", "7"))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("PHV", ("head-list", 5, 13)),
        ("[]", ("question-key", 5, 5)),
        ("[PHV, phv.]", ("question-accept", 5, 19)),
        ("[ok, '?!']", ("question-accept", 5, 18)),
        ("[[a]]", ("head-depth", 5, 14)),
        ('["a\\0b"]', ("head-character", 5, 14)),
    ],
)
def test_what_cannot_be_accepted_is_reported_at_its_place(accept: str, expected: tuple[str, int, int]) -> None:
    source = question("Why.", head=f"id: q-1\nobjective: ob-1\ntype: short-text\naccept: {accept}")

    assert found(parsed(source))[0] == expected


@pytest.mark.parametrize("type_", ["numeric", "short-text"])
def test_a_typed_question_needs_its_key_and_its_stem_and_takes_no_options(type_: str) -> None:
    result = parsed(question("- [x] This", head=f"id: q-1\nobjective: ob-1\ntype: {type_}", stem=""))

    assert sorted(found(result)) == [("head-missing-key", 2, 1), ("question-options", 6, 1), ("question-stem", 1, 1)]


def test_all_problems_are_told_at_once_in_their_order() -> None:
    source = question(
        "- [ ] This", "  - two spaces", "- [ ] ", "- [ ] That", "Text.", head="id: Q 1\nfixt: true", stem=""
    )

    assert found(parsed(source)) == [
        ("question-stem", 1, 1),
        ("head-missing-key", 2, 1),
        ("head-id", 2, 9),
        ("head-unknown-key", 3, 5),
        ("question-key", 5, 1),
        ("option-feedback-indent", 6, 3),
        ("option-empty", 7, 1),
        ("option-continuation", 9, 1),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("- [ ] A", "- [ ] B"), [("question-key", 5, 1)]),
        (("- [x] A",), [("question-options", 1, 1)]),
        (("Text.",), [("question-options", 1, 1)]),
        (("- [x] A", "- [ ] a"), [("option-twin", 6, 1)]),
        (("- [x] A", "-[ ] B", "- [ ] C"), [("option-form", 6, 1)]),
        (("- [x] A", "- [] B", "- [ ] C"), [("option-form", 6, 1)]),
        (("- [x] A", "- [ ]B", "- [ ] C"), [("option-form", 6, 1)]),
        (("- [x] A", " - [ ] B", "- [ ] C"), [("option-form", 6, 2)]),
        (("-[x] A", "- [x] B", "- [ ] C"), [("option-form", 5, 1)]),
        (("- [x] A", "- B", "- [ ] C"), [("option-box", 6, 1)]),
        (("- [x] A", "   - B", "- [ ] C"), [("option-feedback-indent", 6, 4)]),
        (("- [x] A", "- [ ] B", "Why."), [("option-continuation", 7, 1)]),
        (("- [x] A", "- [ ] B", "", "Why.", "", "- [ ] C"), [("option-apart", 10, 1)]),
        (("- [ ] B",) * 21, None),
    ],
)
def test_options_that_cannot_be_read_are_reported_at_their_place(
    lines: tuple[str, ...], expected: list[tuple[str, int, int]] | None
) -> None:
    problems = found(parsed(question(*lines)))

    assert ("question-options", 1, 1) in problems if expected is None else problems == expected


def test_a_link_in_a_list_is_no_broken_option() -> None:
    assert item_of(question(*OPTIONS, "", "- [x](lesson:one)", "- [x]: see below")).explanation.startswith("Because.")


@pytest.mark.parametrize(
    ("key", "near"), [("objectiv", "objective"), ("Type", "type"), ("fix", "fixed"), ("ID", "id"), ("answr", "answer")]
)
def test_an_unknown_key_names_the_nearest_known_one(key: str, near: str) -> None:
    head = f"id: q-1\nobjective: ob-1\ntype: numeric\nanswer: 1\n{key}: x"

    (problem,) = parsed(question("Why.", head=head)).problems

    assert problem.code == "head-unknown-key"
    assert problem.mend is not None
    assert problem.mend.in_english() == f"The nearest known key is “{near}”."


def test_an_unknown_type_names_the_nearest_one() -> None:
    (problem,) = parsed(question("Why.", head="id: q-1\nobjective: ob-1\ntype: numerical")).problems

    assert (problem.code, problem.line, problem.column) == ("question-type", 4, 11)
    assert problem.mend is not None
    assert "numeric" in problem.mend.in_english()


def test_a_question_without_head_is_told_so_once() -> None:
    assert found(parsed("/// question | S\n\n- [x] A\n- [ ] B\n///")) == [("question-head", 2, 1)]


@pytest.mark.parametrize(
    "id_",
    [
        "true",
        "False",
        "null",
        "~",
        "12",
        "1e5",
        "0x1f",
        "A",
        "a_b",
        "a--b",
        "-a",
        "a-",
        "a b",
        "é",
        "a" * 101,
        "[a]",
        "''",
    ],
)
def test_an_id_is_a_word_of_lowercase_letters_digits_and_hyphens(id_: str) -> None:
    problems = found(parsed(question(*OPTIONS, head=f"id: {id_}\nobjective: ob-1")))

    assert [code for code, line, _ in problems if line == 2] in (["head-id"], ["head-word"], ["head-empty"])
    assert len(problems) == 1


def test_a_quoted_number_is_an_id() -> None:
    assert item_of(question(*OPTIONS, head="id: '12'\nobjective: yes")).id == "12"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("id: !!python/object:os.system x", ("head-tag", 2, 9)),
        ("id: !x y", ("head-tag", 2, 9)),
        ("id: &a b", ("head-alias", 2, 9)),
        ("id: a\nobjective: *a", ("head-alias", 3, 16)),
        ("*a : b", ("head-alias", 2, 5)),
        ("id: q-1\nobjective: ob-1\nid: q-2", ("head-duplicate-key", 4, 5)),
        ("id: {a: b}", ("head-depth", 2, 9)),
        ("id:\n  a: b", ("head-depth", 3, 7)),
        ("[a]: b", ("head-depth", 2, 5)),
        ("- id", ("head-mapping", 2, 5)),
        ("id", ("head-mapping", 2, 5)),
        ("--- {id: a}", ("head-document", 2, 5)),
        ("%YAML 1.1\n---\nid: a", ("head-document", 3, 5)),
        ("id: a\n---\nid: b", ("head-document", 3, 5)),
        ("id: a: b", ("head-yaml", 2, 10)),
        ("id: 'a", ("head-yaml", 2, 11)),
        ("id: [a", ("head-yaml", 2, 11)),
        ("id: a\n\tb: c", ("head-yaml", 3, 5)),
        ("id: q\nfixed: yes", ("head-flag", 3, 12)),
        ("id: q\nfixed: 'true'", ("head-flag", 3, 12)),
        ("id: [", ("head-yaml", 2, 10)),
        ("id: " + "[" * 8000, ("head-depth", 2, 41)),
        ("id: " + "[" * 100_000, ("head-size", 2, 1)),
        ("a: " * 30_000, ("head-size", 2, 1)),
        ("- " * 4_000, ("head-mapping", 2, 5)),
        ("a:\n" + "\n".join(" " * n + "a:" for n in range(1, 100)), ("head-depth", 3, 6)),
    ],
)
def test_hostile_heads_are_refused_at_their_place(head: str, expected: tuple[str, int, int]) -> None:
    problems = found(parsed(question(*OPTIONS, head=head)))

    assert [problem for problem in problems if problem[0] != "head-missing-key"] == [expected]


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))

    assert found(parsed(question(*OPTIONS, head=bomb))) == [("head-alias", 2, 8)]


def test_a_head_with_a_character_that_yaml_refuses_is_reported_at_its_place() -> None:
    (block,) = scan(question(*OPTIONS, head="id: q-1\nobjective: a\x00b")).blocks

    assert found(parse(block)) == [("head-yaml", 3, 17)]


def test_problems_are_counted_from_the_first_line_of_the_file() -> None:
    (block,) = scan("Text.\n\n" + question(*OPTIONS, head="id: Q\nobjective: ob-1"), first_line=20).blocks

    assert found(parse(block)) == [("head-id", 23, 9)]


@given(items)
def test_what_is_printed_parses_to_the_same_item(item: Item) -> None:
    assert item_of(to_source(item)) == item


def test_an_item_that_no_source_can_say_is_not_printed() -> None:
    item = item_of(question(*OPTIONS))
    strange = Item(**{**vars(item), "explanation": "So.\n\n- [x] And another"})

    with pytest.raises(ValueError, match="q-1 can't be written"):
        to_source(strange)


@given(items)
def test_json_gives_the_same_item_back(item: Item) -> None:
    assert Item.from_json(item.to_json()) == item
