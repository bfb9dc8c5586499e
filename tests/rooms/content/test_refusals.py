"""Everything that stops a tree from being published, at its exact place. One thing is wrong at a time."""

from __future__ import annotations

import pytest

from lms.content.compiling import Tree
from tests.support.trees import (
    BANK,
    EXAM,
    EXAM_BANK,
    LESSON,
    MODULE,
    SHORT_LESSON,
    campus_tree,
    compiled,
    edited,
    found,
    with_text,
    without,
)

SAFELY = "modules/basics/throwing-safely"
NEW = 15  # the line on which `with_text` begins
QUESTION = """/// question | What is inside?
    id: question-inside
    objective: time-a-warm-up

- [x] This one
- [ ] That one

Its words say so.
///"""


def lesson_text(tree: Tree) -> bytes:
    return tree.files[SHORT_LESSON]


WRONG: dict[str, tuple[Tree, str, str, int, int]] = {
    # front matter and YAML
    "unknown key of a lesson": (
        edited(SHORT_LESSON, "minutes: 10", "minutes: 10\nminuts: 1"),
        "unknown-key",
        SHORT_LESSON,
        4,
        1,
    ),
    "missing key": (edited(SHORT_LESSON, "minutes: 10\n", ""), "missing-key", SHORT_LESSON, 2, 1),
    "unknown key of a module": (
        edited(f"{MODULE}/module.yaml", "summary:", "sumary: x\nsummary:"),
        "unknown-key",
        f"{MODULE}/module.yaml",
        3,
        1,
    ),
    "unknown key of an exam": (edited(EXAM, "minutes:", "minute: 6\nminutes:"), "unknown-key", EXAM, 5, 1),
    "broken front matter": (edited(SHORT_LESSON, ": [time", ": [[time"), "yaml-syntax", SHORT_LESSON, 6, 1),
    "no front matter": (campus_tree().with_file(SHORT_LESSON, b"Text.\n"), "front-matter", SHORT_LESSON, 1, 1),
    "front matter that is a list": (
        campus_tree().with_file(SHORT_LESSON, b"---\n- a\n---\ntext\n"),
        "bad-value",
        SHORT_LESSON,
        2,
        1,
    ),
    "alias": (edited(SHORT_LESSON, "title: How", "a: &a [1]\ntitle: How"), "yaml-anchor", SHORT_LESSON, 2, 4),
    "tag": (
        edited(SHORT_LESSON, "title: How long", "title: !!python/object/apply:os.system [x] #"),
        "yaml-tag",
        SHORT_LESSON,
        2,
        8,
    ),
    "nesting": (edited(SHORT_LESSON, "title: ", "title: " + "[" * 100_000), "yaml-too-deep", SHORT_LESSON, 2, 57),
    "key twice": (
        edited(SHORT_LESSON, "minutes: 10", "minutes: 10\nminutes: 11"),
        "yaml-duplicate-key",
        SHORT_LESSON,
        4,
        1,
    ),
    # ids
    "lesson id twice": (
        campus_tree().with_file(
            f"{SAFELY}/20-warm-up-time.md",
            lesson_text(campus_tree()).replace(b"time-a-warm-up", b"keep-the-sector-clear"),
        ),
        "id-twice",
        f"{MODULE}/20-warm-up-time.md".replace("warming-up/", "throwing-safely/"),
        1,
        1,
    ),
    "item id twice": (edited(BANK, "id: bank-last", "id: order-first"), "id-twice", BANK, 27, 1),
    "program id twice": (
        campus_tree().with_file("programs/zweiter.yaml", campus_tree().files["programs/starter.yaml"]),
        "id-twice",
        "programs/zweiter.yaml",
        1,
        1,
    ),
    "module named otherwise": (
        edited(f"{MODULE}/module.yaml", "id: warming-up", "id: warming"),
        "module-id",
        f"{MODULE}/module.yaml",
        1,
        5,
    ),
    "lesson without a number": (
        campus_tree().with_file(f"{MODULE}/intro.md", b"x"),
        "lesson-name",
        f"{MODULE}/intro.md",
        1,
        1,
    ),
    "old id of a lesson that stands": (
        edited(SHORT_LESSON, "minutes: 10", "formerly: [warm-up-order]\nminutes: 10"),
        "formerly-taken",
        SHORT_LESSON,
        3,
        12,
    ),
    "objective of no module": (
        edited(SHORT_LESSON, "[time-a-warm-up]", "[time-a-warmup, time-a-warm-up]"),
        "unknown-objective",
        SHORT_LESSON,
        5,
        14,
    ),
    "question for no objective": (
        edited(BANK, "objective: order-a-warm-up", "objective: other"),
        "unknown-objective",
        BANK,
        5,
        1,
    ),
    # links, images, formulas, blocks
    "link to no lesson": (with_text("See [x](lesson:warm-up-ordr)."), "broken-link", SHORT_LESSON, NEW, 9),
    "link to no lesson in an explanation": (
        edited(BANK, "Its words", "See [x](lesson:nope). Its words"),
        "broken-link",
        BANK,
        14,
        9,
    ),
    "script as a link": (with_text("[x](javascript:alert(1))"), "link-refused", SHORT_LESSON, NEW, 5),
    "script as a link in an option": (
        edited(BANK, "- [ ] Walking", "- [ ] [Walking](javascript:alert)"),
        "link-refused",
        BANK,
        33,
        17,
    ),
    "scheme and digits": (with_text("[x](tel:112)"), "link-refused", SHORT_LESSON, NEW, 5),
    "scheme and digits of a script": (with_text("[x](javascript:1)"), "link-refused", SHORT_LESSON, NEW, 5),
    "link to a file": (with_text("[x](other.md)"), "link-refused", SHORT_LESSON, NEW, 5),
    "link to another host": (with_text("[x](//example.org)"), "link-refused", SHORT_LESSON, NEW, 5),
    "image that is missing": (with_text("![A thing](media/none.svg)"), "image-missing", SHORT_LESSON, NEW, 12),
    "image above the folder": (
        with_text("![A thing](../warming-up/media/three-bars.svg)"),
        "image-missing",
        SHORT_LESSON,
        NEW,
        12,
    ),
    "image from the root": (with_text("![A thing](/etc/passwd)"), "image-outside", SHORT_LESSON, NEW, 12),
    "image from elsewhere": (with_text("![A](https://example.org/x.svg)"), "image-outside", SHORT_LESSON, NEW, 6),
    "image in raw HTML": (
        with_text('<img src="https://example.org/x.svg" alt="x">'),
        "image-outside",
        SHORT_LESSON,
        NEW,
        11,
    ),
    "image in a stem": (
        edited(BANK, "Which part should come last?", "Which ![A](media/none.svg)?"),
        "image-missing",
        BANK,
        27,
        27,
    ),
    "image without alternative text": (
        edited(LESSON, "![Three bars that grow from left to right: jog, drills, strides.]", "![ ]"),
        "image-alternative",
        LESSON,
        11,
        6,
    ),
    "heading of level 1": (with_text("# A title\n\ntext"), "heading-level", SHORT_LESSON, NEW, 1),
    "heading of level 1, underlined": (with_text("A title\n=======\n\ntext"), "heading-level", SHORT_LESSON, NEW, 1),
    "markup in a formula": (
        with_text("It is $\\text{<script>alert(1)</script>}$ here."),
        "math",
        SHORT_LESSON,
        NEW,
        8,
    ),
    "block of no kind": (with_text("/// hint | Hello\ntext\n///"), "block-unknown", SHORT_LESSON, NEW, 1),
    "block with a tag": (
        with_text("/// note | Hello\n    attrs: !!python/object x\n\ntext\n///"),
        "block-unknown",
        SHORT_LESSON,
        NEW,
        1,
    ),
    "block that never closes": (with_text("/// note | Hello\ntext"), "block-unclosed", SHORT_LESSON, NEW, 1),
    "question in raw HTML": (with_text(f"<div>\n{QUESTION}\n</div>"), "question-inside", SHORT_LESSON, NEW + 1, 1),
    "question in a comment": (with_text(f"<!--\n{QUESTION}\n-->"), "question-inside", SHORT_LESSON, NEW + 1, 1),
    "lists beyond all sense": (with_text("- " * 600 + "x"), "text-nesting", SHORT_LESSON, 8, 1),
    "a book in one lesson": (with_text("word " * 30_000), "text-size", SHORT_LESSON, 8, 1),
    # modules, quizzes
    "module that is not listed": (
        edited("modules/basics/set.yaml", "[warming-up, throwing-safely]", "[warming-up]"),
        "module-unlisted",
        "modules/basics/set.yaml",
        1,
        1,
    ),
    "module that is not there": (
        edited("modules/basics/set.yaml", "throwing-safely]", "throwing-safely, relays]"),
        "module-missing",
        "modules/basics/set.yaml",
        3,
        40,
    ),
    "set without its file": (without("modules/basics/set.yaml"), "set-missing", "modules/basics/set.yaml", 1, 1),
    "module without its file": (without(f"{MODULE}/module.yaml"), "module-file", f"{MODULE}/module.yaml", 1, 1),
    "module without a lesson": (without(f"{SAFELY}/10-clear-sector.md"), "module-empty", f"{SAFELY}/module.yaml", 1, 1),
    "module without a bank": (without(BANK), "bank-missing", BANK, 1, 1),
    "quiz larger than its bank": (edited(f"{MODULE}/module.yaml", "items: 2", "items: 4"), "quiz-short", BANK, 1, 1),
    # exams
    "exam without its file": (without(EXAM), "exam-file", EXAM, 1, 1),
    "exam without a bank": (without(EXAM_BANK), "exam-bank", EXAM_BANK, 1, 1),
    "exam with a bank without items": (
        campus_tree().with_file(EXAM_BANK, b"---\ntitle: Emptied\n---\n"),
        "form-item",
        EXAM,
        12,
        7,
    ),
    "part that is nothing": (edited(EXAM, "{warming-up: 2", "{warmingup: 2"), "blueprint-part", EXAM, 10, 13),
    "forms that overlap": (edited(EXAM, "coach-item-8", "coach-item-4"), "form-overlap", EXAM, 13, 49),
    "form with an unknown item": (edited(EXAM, "coach-item-8", "coach-item-9"), "form-item", EXAM, 13, 49),
    "form with an item of a module's bank": (edited(EXAM, "coach-item-8", "bank-last"), "form-item", EXAM, 13, 49),
    "form with too few": (edited(EXAM, ", coach-item-8", ""), "form-blueprint", EXAM, 13, 3),
    "blueprint that the pool can't supply": (
        edited(EXAM, "warming-up: 2", "warming-up: 20"),
        "blueprint-short",
        EXAM,
        10,
        12,
    ),
    "blueprint for one form of two": (
        edited(EXAM, "warming-up: 2", "warming-up: 3"),
        "blueprint-overlap",
        EXAM,
        10,
        12,
    ),
    # policy
    "no campus": (without("campus.yaml"), "campus-missing", "campus.yaml", 1, 1),
    "program of no set": (
        edited("programs/starter.yaml", "module_set: basics", "module_set: basix"),
        "unknown-set",
        "programs/starter.yaml",
        10,
        5,
    ),
    "program of no exam": (
        edited("programs/judge.yaml", "exam: judges-exam", "exam: judge-exam"),
        "unknown-exam",
        "programs/judge.yaml",
        10,
        5,
    ),
    "award of no credential": (
        edited("programs/judge.yaml", "credential: judge", "credential: juge"),
        "unknown-credential",
        "programs/judge.yaml",
        11,
        8,
    ),
    "persona that fails": (
        edited("personas/newcomer.yaml", "enrol: unmet, missing: [membership]", "enrol: unmet, missing: []"),
        "persona-fails",
        "personas/newcomer.yaml",
        8,
        5,
    ),
    # bytes and names
    "bytes that are no UTF-8": (
        campus_tree().with_file(SHORT_LESSON, lesson_text(campus_tree()) + "é".encode("latin-1")),
        "file-encoding",
        SHORT_LESSON,
        14,
        1,
    ),
    "giant text": (campus_tree().with_file(SHORT_LESSON, b"x" * 1_000_001), "file-size", SHORT_LESSON, 1, 1),
    "giant film": (
        campus_tree().with_file(f"{MODULE}/media/x.mp4", bytes(20_000_001)),
        "file-size",
        f"{MODULE}/media/x.mp4",
        1,
        1,
    ),
    "name with a space": (campus_tree().with_file("modules/a b.md", b"x"), "file-name", "modules/a b.md", 1, 1),
    "name that climbs": (campus_tree().with_file("../evil.md", b"x"), "file-name", "../evil.md", 1, 1),
    "name of half a character": (
        campus_tree().with_file("modules/\udcff.md", b"x"),
        "file-name",
        "modules/\\udcff.md",
        1,
        1,
    ),
    "character that nobody sees": (with_text("a\x07b"), "control-character", SHORT_LESSON, NEW, 2),
    "nothing at all": (Tree({}), "campus-missing", "campus.yaml", 1, 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_wrong_thing_is_an_error_at_its_place_and_drags_no_other_errors_along(name: str) -> None:
    tree, code, path, line, column = WRONG[name]

    result = compiled(tree)

    errors = [(error.code, error.path, error.line, error.column) for error in result.errors]
    assert (code, path, line, column) in errors
    assert len({error[1] for error in errors}) == 1, "other files are not blamed"


def test_the_campus_of_the_tests_has_nothing_to_mend() -> None:
    assert found(campus_tree()) == []


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    [error] = compiled(WRONG["unknown key of a lesson"][0]).errors

    assert error.mend is not None
    assert "minutes" in error.mend.in_english()


def test_a_broken_link_names_the_nearest_lesson_each_time_it_stands() -> None:
    result = compiled(with_text("[x](lesson:warm-up-tim)\n\n[y](lesson:warm-up-tim)"))

    assert [error.line for error in result.errors] == [NEW, NEW + 2]
    assert all("warm-up-time" in error.mend.in_english() for error in result.errors if error.mend)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    tree = edited(SHORT_LESSON, "In the cold", "In the [cold](lesson:nope)")
    tree = edited(BANK, "objective: order-a-warm-up", "objective: other", tree=tree)
    tree = edited(EXAM, "coach-item-8", "coach-item-9", tree=tree)

    assert {error.code for error in compiled(tree).errors} == {"broken-link", "unknown-objective", "form-item"}


def test_a_comment_in_code_is_no_heading() -> None:
    assert found(with_text("```\n# a comment\n```")) == []


def test_marks_and_line_ends_of_other_systems_change_nothing() -> None:
    plain = lesson_text(campus_tree())
    other = campus_tree().with_file(SHORT_LESSON, b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))

    bodies = {
        next(document.body for document in compiled(tree).documents if document.id == "warm-up-time")
        for tree in (campus_tree(), other)
    }

    assert len(bodies) == 1


def test_one_hostile_lesson_does_not_spoil_the_next_compilation() -> None:
    before = compiled(campus_tree())

    assert compiled(with_text("- " * 600 + "x")).errors
    assert compiled(campus_tree()) == before
