"""Copies of the database, and asking whether what is stored agrees with itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Executable, create_engine, delete, text, update

from lms.accounts.models import Person
from lms.assessment.models import AnswerEntry, Attempt, AttemptTally, OutcomeRelease, Score
from lms.cli import run, store
from lms.cli.copying import newest_revision
from lms.credentials.models import Certificate
from lms.foundation.database import db
from lms.foundation.settings import Settings
from lms.live.models import Offering
from lms.overviews import soundness
from lms.pathway.models import StandingRow
from lms.usecases import booking, submitting
from tests.support import classes, postgres, sittings, stores
from tests.support.browser import settle
from tests.support.cast import Cast
from tests.support.moments import HOUR, NOON

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _programs(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs, of the same version as the server."""
    if "LMS_TEST_DATABASE_URL" not in os.environ:
        monkeypatch.setenv("PATH", f"{postgres.programs(run_folder)}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="module")
def migrated(run_folder: Path, worker_name: str) -> Iterator[dict[str, stores.Store]]:
    """For each engine that was asked for: a store whose template is migrated and knows one person."""
    made: dict[str, stores.Store] = {}
    yield made
    for database in made.values():
        database.remove()


@pytest.fixture
def operated(
    engine_kind: str,
    run_folder: Path,
    worker_name: str,
    migrated: dict[str, stores.Store],
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """A migrated database with one person in it, as an operator's environment names it."""
    if engine_kind not in migrated:
        database = stores.open_store(engine_kind, run_folder, f"copies_{worker_name}")
        database.make_empty()
        store.upgrade(Settings(database_url=database.url))
        name_people(Settings(database_url=database.url), "Paula Radisch")
        database.keep_as_template()
        migrated[engine_kind] = database
    migrated[engine_kind].make_fresh()
    settings = Settings(database_url=migrated[engine_kind].url)
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)
    return settings


def name_people(settings: Settings, *names: str) -> None:
    """Let these be the people that the database knows."""
    with store.opened(store.database_app(settings)):
        db.session.execute(delete(Person))
        db.session.add_all(Person(name=name, zone="UTC", created_at=NOON) for name in names)
        db.session.commit()


def people(settings: Settings) -> list[str]:
    with store.opened(store.database_app(settings)):
        return list(db.session.scalars(db.select(Person.name).order_by(Person.id)))


def revision(settings: Settings) -> str | None:
    with store.opened(store.database_app(settings)):
        found: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        return found


class TestCopies:
    def test_what_was_copied_comes_back_and_what_was_there_is_kept(
        self, operated: Settings, tmp_path: Path, capsys: Output, engine_kind: str
    ) -> None:
        file = tmp_path / "copy"
        copied = run(["db", "backup", str(file)])
        name_people(operated, "Somebody Else", "And Another")

        restored = run(["db", "restore", str(file), "--replace"])

        assert (copied, restored) == (0, 0)
        assert people(operated) == ["Paula Radisch"]
        assert kept_people(operated, engine_kind) == ["Somebody Else", "And Another"]
        assert "is kept" in capsys.readouterr().out
        assert [one.name for one in tmp_path.iterdir()] == ["copy"]

    def test_a_database_that_holds_something_is_not_written_over(
        self, operated: Settings, tmp_path: Path, capsys: Output
    ) -> None:
        file = tmp_path / "copy"
        run(["db", "backup", str(file)])
        name_people(operated, "Somebody Else")

        status = run(["db", "restore", str(file)])

        assert status == 1
        assert "--replace" in capsys.readouterr().err
        assert people(operated) == ["Somebody Else"]

    def test_a_database_with_empty_tables_is_filled(self, operated: Settings, tmp_path: Path, capsys: Output) -> None:
        file = tmp_path / "copy"
        run(["db", "backup", str(file)])
        name_people(operated)

        status = run(["db", "restore", str(file)])

        assert status == 0
        assert people(operated) == ["Paula Radisch"]
        assert "kept" not in capsys.readouterr().out

    def test_a_copy_of_an_older_version_is_put_back_and_then_migrated(
        self, operated: Settings, tmp_path: Path, capsys: Output
    ) -> None:
        file = tmp_path / "copy"
        store.downgrade(operated, "0001")
        run(["db", "backup", str(file)])
        store.upgrade(operated)

        status = run(["db", "restore", str(file), "--replace"])
        said = capsys.readouterr().out
        store.upgrade(operated)

        assert status == 0
        assert "lms migrate" in said
        assert people(operated) == ["Paula Radisch"]
        assert revision(operated) == newest_revision()

    def test_a_copy_of_a_newer_version_is_refused(self, operated: Settings, tmp_path: Path, capsys: Output) -> None:
        file = tmp_path / "copy"
        engine = create_engine(operated.database_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()

        status = run(["db", "backup", str(file)])

        assert status == 1
        assert "newer version" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("broken", ["cut", "foreign", "missing"])
    def test_a_copy_that_is_not_whole_changes_nothing(
        self, operated: Settings, tmp_path: Path, capsys: Output, broken: str
    ) -> None:
        file = tmp_path / "copy"
        run(["db", "backup", str(file)])
        spoil(file, broken)

        status = run(["db", "restore", str(file), "--replace"])

        assert status == 1
        assert capsys.readouterr().err
        assert people(operated) == ["Paula Radisch"]

    def test_a_database_in_use_is_not_replaced(self, operated: Settings, tmp_path: Path, capsys: Output) -> None:
        file = tmp_path / "copy"
        run(["db", "backup", str(file)])
        engine = create_engine(operated.database_url)
        with engine.connect() as somebody:
            somebody.execute(text("SELECT count(*) FROM person"))
            somebody.commit()

            status = run(["db", "restore", str(file), "--replace"])

        engine.dispose()
        assert status == 1
        assert "in use" in capsys.readouterr().err
        assert people(operated) == ["Paula Radisch"]

    @pytest.mark.usefixtures("operated")
    def test_missing_programs_are_named(
        self, tmp_path: Path, capsys: Output, engine_kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))

        statuses = [run(["db", "backup", str(tmp_path / "copy")])]

        if engine_kind == stores.POSTGRESQL:
            assert statuses == [1]
            assert "The program pg_dump is missing" in capsys.readouterr().err
        else:
            assert statuses == [0]


def test_a_broken_database_is_replaced_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = tmp_path / "live.sqlite3"
    monkeypatch.setenv("LMS_DATABASE_URL", f"sqlite:///{live}")
    settings = Settings()
    store.upgrade(settings)
    name_people(settings, "Paula Radisch")
    run(["db", "backup", str(tmp_path / "copy")])
    live.write_bytes(b"no database at all")

    statuses = [run(["db", "verify"]), run(["db", "restore", str(tmp_path / "copy"), "--replace"])]

    [kept] = tmp_path.glob("live.sqlite3.before-*")
    assert statuses == [1, 0]
    assert kept.read_bytes() == b"no database at all"
    assert people(settings) == ["Paula Radisch"]


def kept_people(settings: Settings, engine_kind: str) -> list[str]:
    """The people in what a restoring set aside."""
    if engine_kind == stores.SQLITE:
        live = Path(settings.database_url.removeprefix("sqlite:///"))
        [kept] = live.parent.glob(f"{live.name}.before-*")
        names = people(Settings(database_url=f"sqlite:///{kept}"))
        kept.unlink()
        return names
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        [schema] = connection.scalars(
            text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before\\_restore\\_%'")
        ).all()
        names = list(connection.scalars(text(f'SELECT name FROM "{schema}".person ORDER BY id')))  # noqa: S608  # ours
    engine.dispose()
    return names


def spoil(file: Path, how: str) -> None:
    match how:
        case "cut":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        case "foreign":
            file.write_text("a text, and no copy")
        case "missing":
            file.unlink()


# ---- what is stored agrees with itself


@pytest.fixture
def operator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the test's database, at the schema's newest revision."""
    settings: Settings = app.extensions["lms_settings"]
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)
    db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    db.session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": newest_revision()})
    db.session.commit()


def passed(cast: Cast) -> Attempt:
    attempt = sittings.sit(cast, cast.learner)
    sittings.answer_all(attempt)
    submitting.submit(attempt, now=NOON + HOUR / 4)
    db.session.commit()
    return attempt


def command(*words: str) -> int:
    settle()
    return run(words)


@pytest.mark.usefixtures("operator")
class TestVerify:
    def test_what_use_cases_made_agrees(self, cast: Cast, capsys: Output) -> None:
        passed(cast)
        offering = classes.announce(cast.instructor, capacity=1)
        sittings.enrol(cast.learner, "workshop")
        booking.book(cast.learner.person_id, offering.token, now=NOON)

        status = command("db", "verify")

        assert (status, capsys.readouterr().out) == (0, "Everything that is stored agrees.\n")

    def test_what_does_not_agree_is_named(self, cast: Cast, capsys: Output) -> None:
        attempt = passed(cast)
        db.session.execute(update(Score).values(raw=Decimal(1)))

        status = command("db", "verify")

        assert status == 1
        assert f"attempt {attempt.id}: its score is 1" in capsys.readouterr().out

    def test_numbers_that_are_wrong_are_named_and_counted_anew(self, cast: Cast, capsys: Output) -> None:
        passed(cast)
        db.session.execute(update(AttemptTally).values(passed=3))

        statuses = [command("db", "verify"), command("db", "recount"), command("db", "verify")]

        assert statuses == [1, 0, 0]
        assert "counting gives 1/0/0/1: run `lms db recount`" in capsys.readouterr().out

    def test_a_schema_that_is_behind_is_named(self, capsys: Output) -> None:
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

        assert command("db", "verify") == 1
        assert "lms migrate" in capsys.readouterr().out


SPOILT: dict[str, Executable] = {
    "its score is 1": update(Score).values(raw=Decimal(1)),
    "is graded and has no score": delete(Score),
    "its journal gives 3": delete(AnswerEntry).where(AnswerEntry.position == 1),
    "saved after it was closed": update(AnswerEntry).values(saved_at=NOON + HOUR),
    "its state and its release say different things": delete(OutcomeRelease),
    "counting gives 1/0/0/1": update(AttemptTally).values(running=1),
    "the standing index differs in missing": delete(StandingRow),
    "2 seats are taken of 1": update(Offering).values(capacity=1),
}


def test_what_was_changed_behind_its_back_is_named(cast: Cast) -> None:
    passed(cast)
    offering = classes.announce(cast.instructor, capacity=2)
    for member in (cast.learner, cast.stranger):
        sittings.enrol(member, "workshop")
        booking.book(member.person_id, offering.token, now=NOON)
    db.session.commit()
    assert list(soundness.findings(NOON)) == []

    said = {}
    for words, statement in SPOILT.items():
        db.session.execute(statement)
        said[words] = " ".join(finding.words for finding in soundness.findings(NOON))
        db.session.rollback()

    assert [words for words in SPOILT if words not in said[words]] == []


def test_an_award_that_is_held_twice_is_named(app: Flask, cast: Cast) -> None:
    """Only without its index could that be: the index goes for this test's database."""
    passed(cast)
    db.session.execute(text("DROP INDEX one_unended_certificate"))
    held = db.session.query(Certificate).one()
    columns = {column.key: getattr(held, column.key) for column in Certificate.__table__.columns}
    db.session.add(Certificate(**{**columns, "id": None, "code": "0" * 26}))
    db.session.flush()

    found = [finding.words for finding in soundness.awards_held_twice()]

    assert found == ["holds 2 unended certificates judge"]


def test_a_file_with_a_flipped_page_is_not_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    live = tmp_path / "live.sqlite3"
    monkeypatch.setenv("LMS_DATABASE_URL", f"sqlite:///{live}")
    store.upgrade(Settings())
    shutil.copyfile(live, tmp_path / "sound")
    page = bytearray(live.read_bytes())
    page[4096 * 5 : 4096 * 5 + 64] = bytes(byte ^ 0xFF for byte in page[4096 * 5 : 4096 * 5 + 64])
    live.write_bytes(page)

    assert run(["db", "verify"]) == 1
    assert capsys.readouterr().out
