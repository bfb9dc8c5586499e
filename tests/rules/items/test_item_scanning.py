"""Cutting questions out of Markdown."""

from __future__ import annotations

import bleach
import markdown
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.items import parse, placeholder, scan, to_source

QUESTION = """/// question | Which one?
    id: q-1
    objective: ob-1

- [x] This
- [ ] That

Because.
///"""

FRAGMENTS = [
    "/// question | S", "//// question | T", "/// question", "///", "////", "/// note | N", "//// details", "/// 3 x y",
    "    id: a", "    objective: b", "    type: numeric", "    type: short-text", "    answer: 8 ± 1", "    accept: [a]",
    "    accept: [b", "\tid: c", "- [ ] a", "- [x] b", "- [X]", "-[x] d", "    - feedback", "  - near", "        deep",
    "text", "- item", "", "", "", "```", "````", "~~~", "    ```", "> /// question | Q", "\x00", placeholder(0),
]  # fmt: skip
sources = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("\n".join)


def problems_of(text: str, first_line: int = 1) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.line, problem.column) for problem in scan(text, first_line=first_line).problems]


def test_a_question_leaves_one_placeholder_and_as_many_lines_as_it_had() -> None:
    scanned = scan(f"Before.\n\n{QUESTION}\n\nAfter.")

    assert scanned.problems == ()
    assert scanned.text.split("\n") == ["Before.", "", placeholder(0), *[""] * 9, "After."]


def test_a_block_knows_the_lines_of_its_parts() -> None:
    (block,) = scan(f"Before.\n\n{QUESTION}", first_line=11).blocks

    assert (block.line, block.head_line, block.body_line) == (13, 14, 16)
    assert block.stem_line == "Which one?"
    assert block.head == "id: q-1\nobjective: ob-1"
    assert block.body == "\n- [x] This\n- [ ] That\n\nBecause."


def test_a_placeholder_is_a_paragraph_of_its_own_even_right_under_text() -> None:
    scanned = scan(f"Before.\n{QUESTION}\nAfter.")

    assert f"Before.\n\n{placeholder(0)}\n\n" in scanned.text


def test_placeholders_count_from_zero_in_the_order_of_the_blocks() -> None:
    second = QUESTION.replace("q-1", "q-2")

    scanned = scan(f"{QUESTION}\n\n{second}")

    assert [block.head.split("\n")[0] for block in scanned.blocks] == ["id: q-1", "id: q-2"]
    assert scanned.text.index(placeholder(0)) < scanned.text.index(placeholder(1))


def test_a_placeholder_survives_markdown_and_sanitising() -> None:
    scanned = scan(f"- a list\n\n{QUESTION}\n\n> a quotation\n{QUESTION}\nText.")

    html = markdown.markdown(scanned.text, extensions=["extra", "pymdownx.blocks.admonition", "smarty"])
    clean = nh3.clean(bleach.clean(html, tags={"p", "ul", "li", "blockquote"}))

    for n in range(2):
        assert clean.count(f"<p>{placeholder(n)}</p>") == 1


@pytest.mark.parametrize("written", [placeholder(3), "&#xE042;question3&#xE042;", "&#57410;", "a \ue042 b"])
def test_what_could_be_taken_for_a_placeholder_is_refused_in_author_text(written: str) -> None:
    assert [code for code, _, _ in problems_of(f"Text\n\nand {written}")] == ["reserved-character"]


@pytest.mark.parametrize(("character", "column"), [("\x00", 3), ("\x02", 3), ("\x0c", 3), ("\ud800", 3), ("\x7f", 3)])
def test_control_characters_are_refused_where_they_stand(character: str, column: int) -> None:
    assert problems_of(f"one\nab{character}c") == [("control-character", 2, column)]


@pytest.mark.parametrize("fence", ["```", "~~~", "`````", "~~~~~~~", "   ```"])
def test_a_question_within_a_fence_is_text(fence: str) -> None:
    text = f"{fence}markdown\n{QUESTION}\n{fence}\n"

    scanned = scan(text)

    assert scanned.problems == ()
    assert scanned.blocks == ()
    assert scanned.text == text


def test_slashes_within_a_fence_do_not_close_a_question() -> None:
    scanned = scan(QUESTION.replace("Because.", "```\n///\n- [x] no option\n```"))

    assert scanned.problems == ()
    assert "///" in scanned.blocks[0].body


def test_a_fence_is_closed_only_by_its_own_sign_and_length() -> None:
    assert scan(f"````\n```\n~~~~\n{QUESTION}\n````").blocks == ()


def test_a_fence_closed_by_a_longer_one_is_reported_since_renderers_differ() -> None:
    assert problems_of("```\ncode\n`````") == [("fence-length", 3, 1)]


def test_a_fence_that_never_closes_is_reported_alone() -> None:
    assert problems_of(f"Text\n\n```\n{QUESTION}") == [("fence-unclosed", 3, 1)]
    assert problems_of(QUESTION.replace("Because.", "~~~")) == [("fence-unclosed", 8, 1)]


def test_a_code_span_of_three_signs_is_no_fence() -> None:
    assert len(scan(f"```code``` here\n\n{QUESTION}").blocks) == 1


def test_other_blocks_are_left_alone_and_may_hold_questions() -> None:
    text = f"//// note | Mind\nText.\n\n{QUESTION}\n////\n\n/// figure-caption\nA caption.\n///\n"

    scanned = scan(text)

    assert scanned.problems == ()
    assert len(scanned.blocks) == 1
    assert scanned.text.startswith("//// note | Mind\nText.\n\n")
    assert scanned.text.endswith("\n////\n\n/// figure-caption\nA caption.\n///\n")


def test_a_question_opened_with_four_slashes_may_hold_a_block() -> None:
    inner = "/// note | N\nText.\n///"
    text = QUESTION.replace("Because.", inner).replace("/// question", "//// question")

    scanned = scan(text.removesuffix("///") + "////")

    assert scanned.problems == ()
    assert inner in scanned.blocks[0].body


def test_a_block_within_a_question_of_as_many_slashes_is_reported_and_does_not_end_it() -> None:
    text = QUESTION.replace("Because.", "/// note | N\nText.\n///") + "\n\nAfter."

    scanned = scan(text)

    assert [(problem.code, problem.line) for problem in scanned.problems] == [("block-nested", 8)]
    assert scanned.text.endswith("\n\nAfter.")
    assert "note" not in scanned.text


@pytest.mark.parametrize(
    ("opening", "column"),
    [
        ("/// question Which one?", 1),
        ("  /// question, | S", 3),
        ("/// | S", 1),
        ("/// what is this", 1),
        ("/// qestion S", 1),
    ],
)
def test_an_opening_line_that_cannot_be_read_is_an_error(opening: str, column: int) -> None:
    assert problems_of(f"Text.\n\n{opening}\n")[0] == ("block-opening", 3, column)


@pytest.mark.parametrize(
    "opening", ["/// question Which one?", "/// Question | S", "/// questions | S", "/// quesiton | S"]
)
def test_a_question_whose_opening_cannot_be_read_is_never_text(opening: str) -> None:
    scanned = scan(f"Before.\n\n{opening}\n    id: q-1\n\n- [x] CANARY\n///\n\nAfter.", first_line=5)

    assert [(problem.code, problem.line) for problem in scanned.problems] == [("block-opening", 7)]
    assert scanned.blocks == ()
    assert "CANARY" not in scanned.text
    assert scanned.text.split("\n")[8] == "After."


def test_a_question_that_never_closes_is_an_error_and_never_text() -> None:
    scanned = scan("Before.\n\n" + QUESTION.removesuffix("\n///"))

    assert [(problem.code, problem.line) for problem in scanned.problems] == [("block-unclosed", 3)]
    assert scanned.blocks == ()
    assert scanned.text.strip() == "Before."


def test_an_unclosed_question_ends_where_the_next_begins() -> None:
    scanned = scan(QUESTION.removesuffix("///") + "\n" + QUESTION)

    assert [(problem.code, problem.line) for problem in scanned.problems] == [("block-unclosed", 1)]
    assert len(scanned.blocks) == 1


def test_an_unclosed_question_ends_with_the_block_around_it() -> None:
    scanned = scan("//// note | N\n" + QUESTION.removesuffix("///") + "////\nAfter.")

    assert [(problem.code, problem.line) for problem in scanned.problems] == [("block-unclosed", 2)]
    assert scanned.text.endswith("////\nAfter.")


def test_a_question_within_a_question_is_an_error() -> None:
    inner = QUESTION.replace("q-1", "q-2")
    text = QUESTION.replace("Because.", inner).replace("/// question", "//// question", 1).removesuffix("///") + "////"

    assert problems_of(text) == [("question-nested", 8, 1)]


def test_other_blocks_that_never_close_and_closings_without_block_are_errors() -> None:
    assert problems_of("/// note | N\nText.") == [("block-unclosed", 1, 1)]
    assert problems_of("Text.\n ///") == [("block-stray-close", 2, 2)]
    assert problems_of("//// note\n/// tip\n////") == [("block-unclosed", 2, 1)]


@pytest.mark.parametrize(
    ("before", "column"), [("    ", 5), ("- ", 3), ("> ", 3), ("1. ", 4), ("\t", 2), ("  - > ", 7)]
)
def test_a_question_in_a_list_or_quotation_is_an_error(before: str, column: int) -> None:
    assert problems_of(f"Text.\n\n{before}/// question | S") == [("question-misplaced", 3, column)]


def test_prose_about_questions_is_no_question() -> None:
    text = "Write `/// question | stem`, and see https://example.org///question for more; a / b // c."

    assert scan(text).text == text
    assert problems_of(text) == []


def test_a_head_must_end_with_a_blank_line() -> None:
    text = QUESTION.replace("ob-1\n\n", "ob-1\n  fixed: true\n\n")

    assert problems_of(text) == [("question-head-end", 4, 1)]


def test_carriage_returns_are_line_ends() -> None:
    assert scan(QUESTION.replace("\n", "\r\n")).blocks == scan(QUESTION).blocks


@given(sources)
def test_whatever_is_written_scans_and_keeps_its_lines(text: str) -> None:
    scanned = scan(text)

    assert scanned.text.count("\n") == text.count("\n")
    assert all(1 <= problem.line <= text.count("\n") + 1 and problem.column >= 1 for problem in scanned.problems)
    if placeholder(0) not in text:
        for n, _ in enumerate(scanned.blocks):
            assert scanned.text.count(placeholder(n)) == 1


@given(sources, st.integers(2, 500))
def test_the_first_line_moves_every_place_alike(text: str, first_line: int) -> None:
    moved = scan(text, first_line=first_line)

    assert [problem.line - first_line + 1 for problem in moved.problems] == [p.line for p in scan(text).problems]
    assert [block.line - first_line + 1 for block in moved.blocks] == [block.line for block in scan(text).blocks]


@given(sources)
def test_whatever_parses_can_be_printed_and_parsed_again(text: str) -> None:
    for block in scan(text).blocks:
        result = parse(block)
        assert (result.item is None) == bool(result.problems)
        if result.item is not None and "\x00" not in text and placeholder(0) not in text:
            again = scan(to_source(result.item))
            assert again.problems == ()
            assert parse(again.blocks[0]).item == result.item
