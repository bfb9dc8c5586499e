"""Releases: what is shared, who sees which change, and that readers see the old or the new and never a mix."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts.models import Role
from lms.content import queries
from lms.content.compiling import Tree, compile_tree
from lms.content.models import ChangeClass, DocumentKind, Release, ReleaseDocument, Revision
from lms.content.services import StoreMovedOn
from lms.foundation import unit_of_work
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Forbidden
from lms.foundation.outbox import OutboxRow
from lms.usecases import publishing
from lms.usecases.publishing import HasErrors, Published
from tests.support.cast import Cast, Member
from tests.support.trees import (
    BANK,
    EXAM,
    EXAM_BANK,
    LESSON,
    MODULE,
    SHORT_LESSON,
    campus_tree,
    edited,
    with_text,
    without,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = 1
Changed = dict[tuple[DocumentKind, str], ChangeClass]

NEW_QUESTION = """
/// question | What is the aim of a stride before the start?
    id: bank-stride
    objective: order-a-warm-up

- [ ] Rest
- [x] Race speed
- [ ] Stretching

Its words say so.
///
"""


def publish(tree: Tree, *, base: int | None = FIRST, by: Member | None = None) -> Published:
    return publishing.publish(tree, message="A test", base_id=base, by=by.viewer() if by else None, now=lambda: NOW)


def classes(published: Published) -> Changed:
    return {
        (change.kind, change.document_id): change.change
        for change in published.changes
        if change.kind is not DocumentKind.FILE
    }


def body(release_id: int, lesson_id: str = "warm-up-time") -> str:
    lesson = queries.lesson(release_id, lesson_id)
    assert lesson is not None
    return lesson.body


NEW_WORDS = edited(SHORT_LESSON, "five minutes more", "ten minutes more")


# --- numbers and sharing ---


def test_the_first_release_has_number_one_and_the_next_the_next(app: Flask) -> None:
    published = publish(NEW_WORDS)

    assert published.release is not None
    assert published.release.id == 2
    assert queries.head_release_id() == 2


def test_what_did_not_change_is_not_stored_again(app: Flask) -> None:
    before = db.session.scalar(select(func.count()).select_from(Revision)) or 0

    publish(NEW_WORDS)

    assert db.session.scalar(select(func.count()).select_from(Revision)) == before + 2  # the lesson and its file


def test_publishing_the_same_again_makes_no_release(app: Flask) -> None:
    again = publish(campus_tree())
    elsewhere = publish(campus_tree(), base=None)

    assert (again.release, elsewhere.release) == (None, None)
    assert (again.base_id, elsewhere.base_id) == (FIRST, FIRST)
    assert db.session.scalar(select(func.count()).select_from(Release)) == 1


def test_a_release_says_who_when_and_why(app: Flask, cast: Cast) -> None:
    publish(NEW_WORDS, by=cast.author)

    release = queries.release(2)
    assert (release.published_by, release.published_at, release.message, release.base_id) == (
        cast.author.person_id,
        NOW,
        "A test",
        FIRST,
    )
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "release")).all()[-1]
    assert (entry.actor_id, entry.object_id) == (cast.author.person_id, "2")


def test_only_policy_moves_everybody_on(app: Flask) -> None:
    publish(NEW_WORDS)
    assert db.session.scalars(select(OutboxRow.key).where(OutboxRow.key == "advance_all:2")).all() == []

    publish(edited("programs/coach.yaml", "min_age: 18", "min_age: 16", tree=NEW_WORDS), base=2)
    assert db.session.scalars(select(OutboxRow.key).where(OutboxRow.key == "advance_all:3")).all() == ["advance_all:3"]


# --- classes of changes ---

LESSON_KEY = (DocumentKind.LESSON, "warm-up-time")
CHECKED_LESSON = (DocumentKind.LESSON, "warm-up-order")
CLASSES: dict[str, tuple[Tree, Changed]] = {
    "words of a lesson": (NEW_WORDS, {LESSON_KEY: ChangeClass.EDITORIAL}),
    "a figure": (
        edited(f"{MODULE}/media/three-bars.svg", "<svg", '<svg preserveAspectRatio="none"'),
        {CHECKED_LESSON: ChangeClass.EDITORIAL},
    ),
    "whether checks count": (
        edited(SHORT_LESSON, "checks: none", "checks: all"),
        {LESSON_KEY: ChangeClass.STRUCTURAL},
    ),
    "key of a check": (
        edited(LESSON, "- [x] True\n- [ ] False", "- [ ] True\n- [x] False"),
        {
            (DocumentKind.ITEM, "order-jog-before-drills"): ChangeClass.ASSESSMENT,
            CHECKED_LESSON: ChangeClass.EDITORIAL,
        },
    ),
    "explanation of a bank question": (
        edited(BANK, "Its words say so.", "It says so."),
        {(DocumentKind.ITEM, "bank-belongs"): ChangeClass.ASSESSMENT},
    ),
    "new bank question": (
        campus_tree().with_file(BANK, campus_tree().files[BANK] + NEW_QUESTION.encode()),
        {
            (DocumentKind.ITEM, "bank-stride"): ChangeClass.STRUCTURAL,
            (DocumentKind.EXAM, "warming-up-quiz"): ChangeClass.ASSESSMENT,
        },
    ),
    "pass mark of a quiz": (
        edited(f"{MODULE}/module.yaml", "pass_mark: 50", "pass_mark: 100"),
        {(DocumentKind.EXAM, "warming-up-quiz"): ChangeClass.STRUCTURAL},
    ),
    "summary of a module": (
        edited(f"{MODULE}/module.yaml", "What a warm-up is for", "What warming up is for"),
        {(DocumentKind.MODULE, "warming-up"): ChangeClass.EDITORIAL},
    ),
    "exam question": (
        edited(EXAM_BANK, "How many metres are 3 km?", "How many meters are 3 km?"),
        {
            (DocumentKind.ITEM, "coach-item-3"): ChangeClass.ASSESSMENT,
            (DocumentKind.EXAM, "coach-exam"): ChangeClass.ASSESSMENT,
        },
    ),
    "minutes of an exam": (
        edited(EXAM, "minutes: 60", "minutes: 61"),
        {
            (DocumentKind.EXAM, "coach-exam"): ChangeClass.STRUCTURAL,
            (DocumentKind.PROGRAM, "coach"): ChangeClass.EDITORIAL,
        },
    ),
    "summary of a program": (
        edited("programs/judge.yaml", "An exam that", "One exam that"),
        {(DocumentKind.PROGRAM, "judge"): ChangeClass.EDITORIAL},
    ),
    "rule that holds throughout": (
        edited("programs/coach.yaml", "throughout: {membership: current}\n", ""),
        {(DocumentKind.PROGRAM, "coach"): ChangeClass.STRUCTURAL},
    ),
}


@pytest.mark.parametrize("name", CLASSES)
def test_each_change_has_its_class(app: Flask, name: str) -> None:
    tree, expected = CLASSES[name]

    assert classes(publish(tree)) == expected


def test_a_new_lesson_is_structural_for_its_module_and_its_programs(app: Flask) -> None:
    text = campus_tree().files[SHORT_LESSON].replace(b"How long", b"Why and how long")

    found = classes(publish(campus_tree().with_file(f"{MODULE}/30-more-time.md", text)))

    for key in (
        (DocumentKind.MODULE, "warming-up"),
        (DocumentKind.PROGRAM, "starter"),
        (DocumentKind.PROGRAM, "coach"),
    ):
        assert found[key] is ChangeClass.STRUCTURAL


def test_a_question_keeps_its_type_for_ever(app: Flask) -> None:
    tree = edited(BANK, "- [ ] Jogging\n- [x] Strides", "- [x] Jogging\n- [x] Strides")

    with pytest.raises(HasErrors) as refused:
        publish(tree)

    [problem] = refused.value.problems
    assert (problem.code, problem.path, problem.line) == ("id-type", BANK, 27)
    assert problem.mend is not None
    assert "bank-last-2" in problem.mend.in_english()


# --- what pinned learners see ---


def test_pinned_learners_see_new_words_but_not_a_new_structure_nor_what_comes_after_it(app: Flask) -> None:
    publish(NEW_WORDS)
    restructured = edited(SHORT_LESSON, "checks: none", "checks: all", tree=NEW_WORDS)
    publish(edited(SHORT_LESSON, "ten minutes", "twelve minutes", tree=restructured), base=2)
    publish(edited(SHORT_LESSON, "ten minutes", "thirteen minutes", tree=restructured), base=3)

    assert ["ten minutes" in body(release) for release in (1, 2)] == [True, True]
    assert ["thirteen minutes" in body(release) for release in (3, 4)] == [True, True]


def test_a_lesson_that_was_taken_away_stays_for_those_who_had_it(app: Flask) -> None:
    tree = without(SHORT_LESSON)
    objective = '  - {id: time-a-warm-up, text: "Choose how long a warm-up lasts"}\n'
    assert objective in tree.files[f"{MODULE}/module.yaml"].decode()

    publish(tree)

    assert "five minutes" in body(1)
    assert queries.lesson(2, "warm-up-time") is None
    module = queries.module(1, "warming-up")
    assert module is not None
    assert [lesson.id for lesson in module.lessons] == ["warm-up-order", "warm-up-time"]


def test_a_quiz_that_got_a_question_can_show_it_to_pinned_learners(app: Flask) -> None:
    publish(CLASSES["new bank question"][0])

    quiz = queries.exam(FIRST, "warming-up-quiz")

    assert quiz is not None
    ids = [item.id for item in quiz.pool]
    assert "bank-stride" in ids
    assert queries.item_revisions(FIRST, ids).keys() == set(ids)


def test_new_attempts_of_pinned_learners_show_the_mended_question(app: Flask) -> None:
    publish(edited(BANK, "Its words say so.", "It says so."))

    [revision_id] = queries.item_revisions(FIRST, ["bank-belongs"]).values()

    assert "It says so." in queries.items([revision_id])[revision_id].explanation_html


def test_a_check_is_scored_as_the_page_of_the_pinned_lesson_shows_it(app: Flask) -> None:
    structural = edited(LESSON, "checks: all", "checks: none")
    publish(edited(LESSON, "- [x] True\n- [ ] False", "- [ ] True\n- [x] False", tree=structural))

    right = []
    for release_id in (1, 2):
        lesson = queries.lesson(release_id, "warm-up-order")
        assert lesson is not None
        revision_id = queries.check_revision_id(lesson, "order-jog-before-drills")
        assert revision_id is not None
        item = queries.items([revision_id])[revision_id].item
        right.append([option.right for option in item.options])

    assert right == [[True, False], [False, True]]


def test_a_renamed_lesson_is_found_under_its_old_ids(app: Flask) -> None:
    text = campus_tree().files[SHORT_LESSON].decode()
    path, last = f"{MODULE}/20-time.md", f"{MODULE}/20-duration.md"
    once = without(SHORT_LESSON).with_file(
        path, text.replace("minutes: 10", "minutes: 10\nformerly: [warm-up-time]").encode()
    )
    twice = without(SHORT_LESSON).with_file(last, text.replace("minutes: 10", "minutes: 10\nformerly: [time]").encode())

    publish(once)
    publish(twice, base=2)

    assert queries.current_id(DocumentKind.LESSON, "time") == "duration"
    assert queries.current_id(DocumentKind.LESSON, "warm-up-time") == "duration"
    assert queries.current_id(DocumentKind.LESSON, "duration") == "duration"


# --- the store moves on ---


def test_a_base_that_is_not_the_head_is_refused_and_the_files_are_named(app: Flask) -> None:
    tree = edited(EXAM_BANK, "How many metres", "How many meters", tree=NEW_WORDS)
    publish(tree)

    with pytest.raises(StoreMovedOn) as refused:
        publish(with_text("Another thought."))

    assert refused.value.head_id == 2
    assert refused.value.paths == (SHORT_LESSON,), "certification items are not named"
    assert queries.head_release_id() == 2


def test_an_old_base_is_refused_even_where_nothing_of_it_was_changed(app: Flask) -> None:
    publish(NEW_WORDS)

    with pytest.raises(StoreMovedOn):
        publish(campus_tree())


def test_of_two_who_publish_from_one_base_one_wins_and_nothing_is_mixed(app: Flask) -> None:
    trees = {
        "ten": edited(f"{MODULE}/module.yaml", "What a warm-up is for", "ten", tree=NEW_WORDS),
        "six": edited(f"{MODULE}/module.yaml", "What a warm-up is for", "six", tree=with_text("six minutes more")),
    }
    ready = threading.Barrier(2, timeout=30)
    outcomes: dict[str, int | StoreMovedOn] = {}

    def go(name: str) -> None:
        with app.app_context():
            ready.wait()
            try:
                published = publish(trees[name])
                outcomes[name] = published.base_id or 0
            except StoreMovedOn as error:
                outcomes[name] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go, args=(name,)) for name in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [winner] = [name for name, outcome in outcomes.items() if not isinstance(outcome, StoreMovedOn)]
    db.session.rollback()
    module = queries.module(2, "warming-up")
    assert module is not None
    assert module.summary.startswith(winner)
    assert f"{winner} minutes" in body(2)
    assert db.session.scalar(select(func.count()).select_from(Release)) == 2


def test_a_publish_that_fails_at_the_last_step_changes_nothing_that_readers_see(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        assert "ten minutes" in body(2), "within the transaction the new release is there"
        assert queries.release_view().release_id == 2
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr("lms.usecases.publishing.audit.record", fail)
        with pytest.raises(RuntimeError):
            publish(edited(f"{MODULE}/module.yaml", "title: Warming up", "title: Never", tree=NEW_WORDS))

    assert queries.head_release_id() == FIRST
    assert "five minutes" in body(1)
    assert db.session.scalar(select(func.count()).select_from(Release)) == 1
    later = publish(with_text("Another thought.")).base_id or 0  # the numbers of PostgreSQL have gaps
    assert "Another thought." in body(later)
    assert queries.release_view().modules["warming-up"].title == "Warming up"


def test_a_tree_with_errors_stores_nothing(app: Flask) -> None:
    before = db.session.scalar(select(func.count()).select_from(Revision))

    with pytest.raises(HasErrors) as refused:
        publish(with_text("[x](lesson:nope)"))

    assert [problem.code for problem in refused.value.problems] == ["broken-link"]
    assert db.session.scalar(select(func.count()).select_from(Revision)) == before


def test_a_publish_holds_no_transaction_while_it_compiles(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def watched(tree: Tree) -> object:
        held.append(db.session().in_transaction())
        return compile_tree(tree)

    monkeypatch.setattr("lms.usecases.publishing.compile_tree", watched)
    publish(NEW_WORDS)

    assert held == [False]


# --- who may publish what ---

SECURE = {
    "a changed exam question": edited(EXAM_BANK, "How many metres", "How many meters"),
    "an exam's settings": edited(EXAM, "pass_mark: 75", "pass_mark: 10"),
    "an exam's title": edited(EXAM, "title: Coach exam", "title: Coaching exam"),
    "an exam taken away": Tree(
        {
            path: content.replace(b"exam: officials-exam", b"exam: officials-exam, available: false")
            for path, content in campus_tree().files.items()
            if not path.startswith("exams/officials-exam")
        }
    ),
    "an exam question moved into a lesson's bank": campus_tree()
    .with_file(EXAM_BANK, campus_tree().files[EXAM_BANK].split(b"/// question | coach-item-8")[0])
    .with_file(
        EXAM,
        campus_tree().files[EXAM].replace(b"  b: [coach-item-5, coach-item-6, coach-item-7, coach-item-8]\n", b""),
    )
    .with_file(
        "modules/basics/throwing-safely/bank.md",
        campus_tree().files["modules/basics/throwing-safely/bank.md"]
        + b"\n/// question | coach-item-8"
        + campus_tree().files[EXAM_BANK].split(b"/// question | coach-item-8")[1],
    ),
}
POLICY = {
    "a program": edited("programs/coach.yaml", "min_age: 18", "min_age: 16"),
    "a program's title": edited("programs/judge.yaml", "title: Judge Program", "title: Judging Program"),
    "the campus": edited("campus.yaml", "name: Test Campus\nissuer", "name: Other Campus\nissuer"),
    "a persona": edited("personas/newcomer.yaml", "Somebody of age", "Someone of age"),
    "a comment in a program": edited("programs/judge.yaml", "id: judge\n", "id: judge  # a word\n"),
}


@pytest.mark.parametrize("name", SECURE)
def test_who_writes_lessons_alone_touches_no_exam(app: Flask, cast: Cast, name: str) -> None:
    assert cast.instructor.roles == (Role.INSTRUCTOR,)

    with pytest.raises(Forbidden):
        publish(SECURE[name], by=cast.instructor)

    assert queries.head_release_id() == FIRST


@pytest.mark.parametrize("name", ["a changed exam question", "an exam's settings", "an exam's title"])
def test_who_has_secure_items_may_change_an_exam(app: Flask, cast: Cast, name: str) -> None:
    assert publish(SECURE[name], by=cast.author).release is not None


@pytest.mark.parametrize("name", POLICY)
def test_policy_takes_its_own_right(app: Flask, cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        publish(POLICY[name], by=cast.author)

    assert publish(POLICY[name]).release is not None


@pytest.mark.parametrize(
    "tree",
    [
        NEW_WORDS,
        edited(SHORT_LESSON, "minutes: 10", "minutes: 11"),
        edited(f"{MODULE}/module.yaml", "Put the parts of", "Put all parts of"),
        edited(f"{MODULE}/module.yaml", "title: Warming up", "title: Warm-ups"),
    ],
    ids=["words", "minutes that a program adds up", "an objective that exams name", "a title that programs show"],
)
def test_words_that_programs_and_exams_repeat_need_no_more_than_writing_lessons(
    app: Flask, cast: Cast, tree: Tree
) -> None:
    assert publish(tree, by=cast.instructor).release is not None


def test_learners_publish_nothing(app: Flask, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        publish(NEW_WORDS, by=cast.learner)


# --- sources, and what is kept from whom ---


def test_the_files_come_back_as_they_were_written(app: Flask) -> None:
    with unit_of_work.reading(db.session):
        tree = queries.tree_of(FIRST, with_secure=True)

    assert dict(tree.files) == dict(campus_tree().files)


def test_without_the_right_no_file_of_an_exam_comes_along(app: Flask) -> None:
    tree = queries.tree_of(FIRST, with_secure=False)

    assert not any(path.startswith("exams/") for path in tree.files)
    assert tree.secure == frozenset()


def test_a_second_root_is_secure_whatever_its_files_are_called(app: Flask) -> None:
    tree = Tree(dict(campus_tree().files), frozenset({SHORT_LESSON}))
    publish(tree)

    assert SHORT_LESSON not in queries.tree_of(2, with_secure=False).files


def test_documents_know_their_files(app: Flask) -> None:
    assert queries.path_of(DocumentKind.LESSON, "warm-up-time") == SHORT_LESSON
    assert queries.path_of(DocumentKind.ITEM, "bank-last") == BANK
    assert queries.path_of(DocumentKind.LESSON, "nope") is None
    assert queries.file_of(SHORT_LESSON) == campus_tree().files[SHORT_LESSON]


def test_every_document_stands_in_the_manifest_once(app: Flask) -> None:
    publish(NEW_WORDS)

    counts = db.session.execute(
        select(ReleaseDocument.release_id, func.count()).group_by(ReleaseDocument.release_id)
    ).all()

    assert {count for _release, count in counts} == {counts[0][1]}


def test_no_key_reaches_a_lesson(app: Flask) -> None:
    row = db.session.execute(
        select(Revision.compiled, Revision.body).where(
            Revision.kind == DocumentKind.LESSON, Revision.document_id == "warm-up-order"
        )
    ).one()

    for hidden in ('"right"', "Muscles are still cold", "Easy movement warms"):
        assert hidden not in str(row.compiled)
        assert hidden not in row.body
