"""One file compiled by itself: what the editor shows beside it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content.compiled import CHECK_MARK
from lms.content.compiling import Tree, compile_tree, read_tree
from lms.content.compiling.preview import Preview, preview_bank, preview_lesson
from lms.content.models import DocumentKind
from tests.support.campus import TREE

PATH = "modules/basics/warming-up/10-warm-up-order.md"
BANK = "modules/basics/warming-up/bank.md"
EXAM_BANK = "exams/judges-exam/bank.md"


@cache
def tree() -> Tree:
    return read_tree(TREE)


def lesson(text: str) -> Preview:
    return preview_lesson(tree(), PATH, text)


def codes(preview: Preview) -> list[str]:
    return [problem.code for problem in preview.problems]


def test_a_lesson_looks_as_it_will_when_it_is_published() -> None:
    documents = compile_tree(tree()).documents
    published = next(one for one in documents if (one.kind, one.path) == (DocumentKind.LESSON, PATH))

    preview = lesson(tree().text(PATH))

    assert CHECK_MARK.join(preview.segments) == published.body
    assert (preview.title, preview.minutes) == ("The order of a warm-up", 10)
    assert [one.id for one in preview.questions if one] == ["order-first", "order-jog-before-drills"]
    assert not [problem for problem in preview.problems if problem.is_error]


def test_keys_and_feedback_are_there_for_the_author() -> None:
    question = lesson(tree().text(PATH)).questions[0]

    assert question is not None
    assert [option.right for option in question.options] == [False, True, False]
    assert "Muscles are still cold." in question.options[0].feedback_html


def test_links_are_checked_by_what_other_files_are_called() -> None:
    text = (
        tree().text(PATH)
        + "\n[a](lesson:warm-up-time) [b](module:throwing-safely) [c](program:coach) [d](lesson:nowhere)\n"
    )

    broken = [problem for problem in lesson(text).problems if problem.code == "broken-link"]

    assert [problem.message.values["id"] for problem in broken] == ["nowhere"]
    assert broken[0].line == text.count("\n")


def test_an_objective_of_another_module_is_an_error() -> None:
    text = tree().text(PATH).replace("objectives: [order-a-warm-up]", "objectives: [keep-the-sector-clear]")

    assert "unknown-objective" in codes(lesson(text))


def test_a_question_that_cant_be_read_keeps_its_place() -> None:
    preview = lesson(tree().text(PATH).replace("- [x] Easy jogging", "- [ ] Easy jogging"))

    assert [one.id if one else None for one in preview.questions] == [None, "order-jog-before-drills"]
    assert len(preview.segments) == 3


def test_a_text_without_front_matter_is_still_shown() -> None:
    preview = lesson("## Only words\n\nAnd **more**.\n")

    assert "<strong>more</strong>" in preview.segments[0]
    assert codes(preview)[0] == "front-matter"


def test_only_the_files_own_problems_are_told() -> None:
    broken = tree().with_file("modules/basics/warming-up/module.yaml", b"id: [")

    assert {problem.path for problem in preview_lesson(broken, PATH, "x").problems} == {PATH}


@pytest.mark.parametrize("path", [BANK, EXAM_BANK])
def test_a_bank_shows_its_questions(path: str) -> None:
    preview = preview_bank(tree(), path, tree().text(path))

    assert preview.questions
    assert all(preview.questions)
    assert not [problem for problem in preview.problems if problem.is_error]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.sampled_from([PATH, BANK, EXAM_BANK]))
def test_whatever_is_typed_there_is_a_page(typed: str, path: str) -> None:
    text = typed.encode("utf-8", "ignore").decode()
    preview = preview_lesson(tree(), path, text) if path == PATH else preview_bank(tree(), path, text)

    assert len(preview.segments) == len(preview.questions) + 1
    assert "<script" not in "".join(preview.segments)
