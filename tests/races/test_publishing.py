"""Authors who publish from one base, or the first release of all: one follows, the others are told what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from lms.content import queries, services
from lms.content.compiling import Compiled, Tree, compile_tree
from lms.content.models import ContentHead, FormerId, LineHead, Release, ReleaseDocument, Revision
from lms.content.services import StoreMovedOn
from lms.foundation.database import Base, db
from lms.foundation.errors import Conflict
from lms.foundation.outbox import OutboxRow
from lms.usecases import publishing
from tests.support import campus, stores
from tests.support.arena import Arena, open_arena
from tests.support.moments import NOON
from tests.support.racing import race, without_row_locks
from tests.support.trees import with_text

AUTHORS = 4
TABLES = (ContentHead, LineHead, ReleaseDocument, FormerId, Release, Revision, OutboxRow)


@cache
def tree_of(author: int) -> Tree:
    return with_text(f"Thought number {author}.")


@cache
def compiled_of(author: int) -> Compiled:
    return compile_tree(tree_of(author))


@pytest.fixture(autouse=True)
def compiled_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling holds no transaction, so it takes no part in a race; done here, it is done once."""
    compiled = {id(tree_of(author)): compiled_of(author) for author in range(AUTHORS)}
    monkeypatch.setattr(publishing, "compile_tree", lambda tree: compiled[id(tree)])


def publish(author: int, base_id: int | None) -> tuple[int, int]:
    """The author, and the number of their release."""
    published = publishing.publish(tree_of(author), message="", base_id=base_id, by=None, now=lambda: NOON)
    assert published.release is not None
    return author, published.release.id


def assert_one_follows(base_id: int | None, winners: list[tuple[int, int]]) -> None:
    """The head is the one release that was made on this base, and holds its author's words alone."""
    [(author, number)] = winners
    campus.forget()
    assert queries.head_release_id() == number
    on_base = Release.base_id == base_id if base_id else Release.base_id.is_(None)
    assert list(db.session.scalars(select(Release.id).where(on_base))) == [number]
    lines = select(func.count()).where(ReleaseDocument.release_id == number)
    assert db.session.scalar(lines) == len(compiled_of(author).documents)
    lesson = queries.lesson(number, "warm-up-time")
    assert lesson is not None
    assert f"Thought number {author}." in lesson.body


# ---- on a base


def test_of_those_who_publish_from_one_base_one_is_first(app: Flask) -> None:
    base_id = queries.head_release_id()

    ended = race(app, lambda author: publish(author, base_id), hands=AUTHORS)

    assert ended.refused_with == {StoreMovedOn}
    assert_one_follows(base_id, ended.answers)
    assert {refusal.head_id for refusal in ended.refusals if isinstance(refusal, StoreMovedOn)} == {
        queries.head_release_id()
    }


def test_the_index_alone_lets_one_follow(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    base_id = queries.head_release_id()
    without_looking_whether_the_head_moved(monkeypatch)

    with without_row_locks():
        ended = race(app, lambda author: release(author, base_id), hands=AUTHORS)

    assert ended.refused_with == {Conflict}
    assert_one_follows(base_id, ended.answers)


def without_looking_whether_the_head_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "refuse_moved_on", lambda _head_id, _base_id: None)


def release(author: int, base_id: int | None) -> tuple[int, int]:
    """Switch on without the look at the head that publishing takes before it stores."""
    documents = compiled_of(author).documents
    services.store_revisions(documents)
    db.session.commit()
    return author, services.release(documents, base_id=base_id, message="", by=None, now=NOON).id


# ---- into an empty store


@pytest.fixture(scope="module")
def empty_stores() -> Iterator[dict[str, Arena]]:
    made: dict[str, Arena] = {}
    yield made
    for arena in made.values():
        arena.close()


@pytest.fixture
def empty(
    engine_kind: str, app: Flask, empty_stores: dict[str, Arena], run_folder: Path, worker_name: str
) -> Iterator[Flask]:
    """The product on a database where nothing was published yet. Its context is open."""
    if engine_kind not in empty_stores:
        empty_stores[engine_kind] = open_empty(app, stores.open_store(engine_kind, run_folder, f"empty_{worker_name}"))
    with empty_stores[engine_kind].app.app_context():
        for table in TABLES:
            db.session.execute(delete(table))
        db.session.commit()
        campus.forget()
        yield empty_stores[engine_kind].app
    campus.forget()


def open_empty(like: Flask, store: stores.Store) -> Arena:
    store.make_empty()
    arena = open_arena(like, store)
    with arena.app.app_context():
        Base.metadata.create_all(db.engine)
    return arena


def test_of_several_first_releases_one_is_first(empty: Flask) -> None:
    ended = race(empty, lambda author: publish(author, None), hands=AUTHORS)

    assert ended.refused_with == {StoreMovedOn}
    assert_one_follows(None, ended.answers)


def test_the_key_alone_lets_one_be_first(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    without_looking_whether_the_head_moved(monkeypatch)

    with without_row_locks():
        ended = race(empty, lambda author: release(author, None), hands=AUTHORS)

    assert ended.refused_with == {Conflict}
    assert_one_follows(None, ended.answers)
