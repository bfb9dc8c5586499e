"""What authors are told although it stops nothing, each at its place."""

from __future__ import annotations

import pytest

from lms.content.compiling import Tree
from tests.support.trees import BANK, EXAM_BANK, MODULE, SHORT_LESSON, campus_tree, compiled, edited, found, with_text

HARD = (
    "Notwithstanding considerable methodological heterogeneity, contemporary investigations demonstrate substantial "
    "physiological adaptations following systematically individualized interventions, and practitioners consequently "
    "emphasize comprehensive documentation. "
)
LIKE_THE_BANK = edited(
    EXAM_BANK, "coach-item-1: Which number names this question?", "Which part of a warm-up should come last?"
)
SAME_ANSWER = edited(EXAM_BANK, "1 exactly", "Strides", tree=LIKE_THE_BANK)
WARNED: dict[str, tuple[Tree, str, str, int]] = {
    "bank repeats a check": (
        edited(BANK, "Which part should come last?", "In a warm-up, what comes first?"),
        "item-repeats-check",
        BANK,
        27,
    ),
    "exam repeats a bank question": (
        edited(EXAM_BANK, "coach-item-4: The number 4 is even.", "Two implements may be in the air at once!"),
        "exam-leak",
        EXAM_BANK,
        40,
    ),
    "exam repeats a check": (
        edited(EXAM_BANK, "coach-item-1: Which number names this question?", "What comes first in a warm-up?"),
        "exam-leak",
        EXAM_BANK,
        5,
    ),
    "exam asks half the same and wants the same answer": (SAME_ANSWER, "exam-leak", EXAM_BANK, 5),
    "minutes": (edited(SHORT_LESSON, "activity_minutes: 9", "activity_minutes: 2"), "minutes", SHORT_LESSON, 1),
    "hard reading": (with_text(HARD * 6), "reading-grade", SHORT_LESSON, 1),
    "skipped level": (with_text("#### Deep"), "heading-skipped", SHORT_LESSON, 15),
    "no explanation": (edited(BANK, "Its words say so.\n", ""), "item-no-explanation", BANK, 5),
    "objective without a question": (
        edited(BANK, "objective: time-a-warm-up", "objective: order-a-warm-up"),
        "objective-unasked",
        f"{MODULE}/module.yaml",
        1,
    ),
    "objective without a lesson": (
        edited(SHORT_LESSON, "[time-a-warm-up]", "[order-a-warm-up]"),
        "objective-untaught",
        f"{MODULE}/module.yaml",
        1,
    ),
    "hours": (
        edited("programs/starter.yaml", "hours: 0.6\norder", "hours: 6\norder"),
        "hours",
        "programs/starter.yaml",
        5,
    ),
    "no award": (
        edited("programs/judge.yaml", "award: {credential: judge}\n", ""),
        "awards-nothing",
        "programs/judge.yaml",
        1,
    ),
    "stray file": (campus_tree().with_file("notes.txt", b"x"), "stray-file", "notes.txt", 1),
    "figure that nothing shows": (
        campus_tree().with_file(f"{MODULE}/media/old.svg", b"<svg/>"),
        "stray-file",
        f"{MODULE}/media/old.svg",
        1,
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_each_is_a_warning_at_its_place_and_no_error(name: str) -> None:
    tree, code, path, line = WARNED[name]

    assert (code, path, line) in [problem[:3] for problem in found(tree)]
    assert compiled(tree).errors == ()


def test_half_the_words_alone_are_no_repetition() -> None:
    assert found(LIKE_THE_BANK) == []


def test_other_numbers_make_another_question() -> None:
    tree = edited(EXAM_BANK, "How many metres are 3 km?", "How many minutes are 3 km?")
    tree = edited(BANK, "How many minutes is a warm-up", "How many minutes are 4 km", tree=tree)

    assert not [problem for problem in found(tree) if problem[0] == "exam-leak"]


def test_long_words_in_a_table_or_a_footnote_make_no_hard_reading() -> None:
    table = "| A |\n|---|\n" + f"| {HARD} |\n" * 6

    assert "reading-grade" not in {problem[0] for problem in found(with_text(table))}
