"""Operator commands: each does what it says, and says in a sentence what went wrong."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import delete, select

from lms.accounts.models import Account, Role, RoleGrant
from lms.accounts.services import password_matches
from lms.cli import lms, run, testing
from lms.cli.commands import COMMANDS
from lms.cli.showing import MASK, shown
from lms.content.models import Release
from lms.foundation.database import db
from lms.foundation.settings import ROOT, Settings
from lms.pathway.models import StandingRow
from tests.support import campus, sittings
from tests.support.browser import settle
from tests.support.cast import Cast

Output = pytest.CaptureFixture[str]
PASSWORD = "seven hurdles and a water jump"


@pytest.fixture
def operator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the test's database; the test lets go of it before each command."""
    settings: Settings = app.extensions["lms_settings"]
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LMS_MAIL_URL", settings.mail_url)


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def command(*words: str) -> int:
    settle()
    return run(words)


def every_command(group: click.Group = lms) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one, name
        assert one.name == name
        yield one
        if isinstance(one, click.Group):
            yield from every_command(one)


def test_every_command_and_every_option_says_what_it_is_for() -> None:
    for one in every_command():
        assert one.help, one.name
        for parameter in one.params:
            if isinstance(parameter, click.Option) and not isinstance(parameter.type, click.Choice):
                assert parameter.help, f"{one.name} {parameter.name}"


def test_what_the_list_says_of_a_command_is_what_the_command_says_of_itself() -> None:
    for name, (_place, summary) in COMMANDS.items():
        one = lms.get_command(click.Context(lms), name)

        assert one
        assert summary == one.get_short_help_str(limit=len(summary) + 1)


def test_listing_the_commands_loads_none_of_them() -> None:
    program = "import sys; from lms.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    asked = [sys.executable, "-c", program]
    done = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603  # ourselves

    assert all(name in done.stdout for name in COMMANDS)
    assert {"sqlalchemy", "flask", "pydantic", "alembic"}.isdisjoint(done.stderr.split())


def test_an_unknown_command_is_a_wrong_call(capsys: Output) -> None:
    assert run(["fly"]) == 2
    assert "No such command 'fly'" in capsys.readouterr().err


class TestSettings:
    def test_every_setting_is_printed_with_its_meaning(self, capsys: Output) -> None:
        status = run(["settings"])

        said = capsys.readouterr().out
        assert status == 0
        for name, field in Settings.model_fields.items():
            assert f"LMS_{name.upper()} = " in said
            assert field.description
            assert field.description in said

    def test_no_secret_is_printed(self, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
        monkeypatch.setenv("LMS_SECRET_KEY", "canary-key")
        monkeypatch.setenv("LMS_DATABASE_URL", "postgresql://lms:canary-word@db.example.org/lms")
        monkeypatch.setenv("LMS_MAIL_URL", "smtp://lms:canary-mail@mail.example.org:587?starttls=1")

        run(["settings"])

        said = capsys.readouterr().out
        assert "canary" not in said
        assert f"postgresql+psycopg://lms:{MASK}@db.example.org/lms" in said

    def test_a_value_without_a_secret_is_shown_whole(self) -> None:
        assert shown("https://learn.example.org") == "https://learn.example.org"
        assert shown(None) == "(not set)"

    def test_a_wrong_setting_is_named_and_its_value_kept_quiet(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Output
    ) -> None:
        monkeypatch.setenv("LMS_BASE_URL", "canary")

        status = run(["settings"])

        assert status == 1
        assert capsys.readouterr().err == "LMS_BASE_URL: must be an origin such as https://learn.example.org.\n"


def test_a_database_without_tables_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("LMS_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite3'}")

    status = run(["admin", "create", "ada@example.org"])

    said = capsys.readouterr().err
    assert status == 1
    assert "no such table: account" in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("operator")
class TestAdmin:
    def test_a_new_administrator_can_sign_in(self, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
        typed(monkeypatch, f"{PASSWORD}\n")

        status = command("admin", "create", "Boss@Example.org", "--name", "Bea Boss", "--zone", "Europe/Vienna")

        account = db.session.scalars(select(Account).where(Account.email_key == "boss@example.org")).one()
        roles = list(db.session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == account.person_id)))
        assert status == 0
        assert password_matches(account.password_hash, PASSWORD)
        assert account.verified_at is not None
        assert roles == [Role.ADMINISTRATOR]
        assert "is an administrator now" in capsys.readouterr().out

    def test_somebody_with_an_account_keeps_the_password(self, cast: Cast) -> None:
        before = db.session.get_one(Account, cast.learner.account_id).password_hash

        statuses = [command("admin", "create", cast.learner.email) for _time in range(2)]

        held = select(RoleGrant.role).where(RoleGrant.person_id == cast.learner.person_id)
        assert statuses == [0, 0]
        assert db.session.get_one(Account, cast.learner.account_id).password_hash == before
        assert list(db.session.scalars(held)) == [Role.ADMINISTRATOR]

    @pytest.mark.parametrize(
        ("words", "password", "sentence"),
        [
            (["no address", "--name", "Bea"], PASSWORD, "This is not an address of mail."),
            (["bea@example.org", "--name", "Bea"], "short", "Use at least 10 characters."),
            (["bea@example.org", "--name", "  "], PASSWORD, "A name has up to 120 characters."),
            (["bea@example.org", "--name", "Bea", "--zone", "Mars/Base"], PASSWORD, "not the name of a time zone"),
        ],
    )
    def test_what_can_not_be_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Output, words: list[str], password: str, sentence: str
    ) -> None:
        typed(monkeypatch, f"{password}\n")

        status = command("admin", "create", *words)

        assert status == 1
        assert sentence in capsys.readouterr().err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the test campus that a test may spoil."""
    return Path(shutil.copytree(campus.TREE, tmp_path / "content"))


class TestContentCheck:
    def test_a_sound_folder_passes(self, folder: Path, capsys: Output) -> None:
        assert run(["content", "check", "--root", str(folder)]) == 0
        assert "0 errors" in capsys.readouterr().out

    def test_an_error_is_said_with_its_place(self, folder: Path, capsys: Output) -> None:
        (folder / "programs" / "judge.yaml").write_text("id: judge\ntitel: Judge\n")

        status = run(["content", "check", "--root", str(folder)])

        assert status == 1
        assert "programs/judge.yaml:2:1: error: unknown-key" in capsys.readouterr().out

    def test_json_holds_the_same_findings(self, folder: Path, capsys: Output) -> None:
        (folder / "programs" / "judge.yaml").write_text("id: judge\ntitel: Judge\n")

        status = run(["content", "check", "--root", str(folder), "--format", "json"])

        found = json.loads(capsys.readouterr().out)
        assert status == 1
        assert ("unknown-key", "programs/judge.yaml", 2) in [(one["code"], one["path"], one["line"]) for one in found]

    def test_a_folder_that_is_not_there_is_an_error(self, tmp_path: Path, capsys: Output) -> None:
        assert run(["content", "check", "--root", str(tmp_path / "nowhere")]) == 1
        assert "no-folder" in capsys.readouterr().out


@pytest.mark.usefixtures("operator")
class TestContentPublish:
    def publish(self, folder: Path, *words: str) -> int:
        return command("content", "publish", "--root", str(folder), *words)

    def base(self, folder: Path, release: int) -> None:
        (folder / ".baton-release").write_text(f"{release}\n")

    def edit(self, folder: Path) -> None:
        lesson = folder / "modules" / "basics" / "warming-up" / "20-warm-up-time.md"
        lesson.write_text(lesson.read_text() + "\nOne sentence more.\n")

    def releases(self) -> list[int]:
        return list(db.session.scalars(select(Release.id).order_by(Release.id)))

    def test_a_change_becomes_a_release_and_the_folder_remembers_it(self, folder: Path, capsys: Output) -> None:
        self.base(folder, 1)
        self.edit(folder)

        status = self.publish(folder, "-m", "More on time")

        assert status == 0
        assert "Release 2 is published" in capsys.readouterr().out
        assert self.releases() == [1, 2]
        assert (folder / ".baton-release").read_text() == "2\n"

    def test_nothing_changed_makes_no_release(self, folder: Path, capsys: Output) -> None:
        self.base(folder, 1)

        status = self.publish(folder)

        assert status == 0
        assert "Nothing changed since release 1." in capsys.readouterr().out
        assert self.releases() == [1]

    def test_a_folder_without_its_number_stands_on_the_release_that_it_is_nearest_to(
        self, folder: Path, capsys: Output
    ) -> None:
        self.edit(folder)

        assert self.publish(folder) == 0
        assert "nearest to release 1" in capsys.readouterr().out
        assert self.releases() == [1, 2]

    def test_a_folder_that_fell_behind_is_refused(self, folder: Path, capsys: Output) -> None:
        self.base(folder, 1)
        self.edit(folder)
        self.publish(folder)
        self.base(folder, 1)
        (folder / "programs" / "workshop.yaml").unlink()

        status = self.publish(folder)

        said = capsys.readouterr().err
        assert status == 1
        assert said
        assert "Traceback" not in said
        assert self.releases() == [1, 2]

    def test_a_folder_with_errors_is_refused_and_says_where(self, folder: Path, capsys: Output) -> None:
        self.base(folder, 1)
        (folder / "programs" / "judge.yaml").write_text("id: judge\ntitel: Judge\n")

        status = self.publish(folder)

        assert status == 1
        assert "programs/judge.yaml:2:1: error" in capsys.readouterr().out
        assert self.releases() == [1]

    def test_json_names_what_changed(self, folder: Path, capsys: Output) -> None:
        self.base(folder, 1)
        self.edit(folder)

        self.publish(folder, "--format", "json")

        said = json.loads(capsys.readouterr().out)
        assert said["release"] == 2
        assert {"kind": "lesson", "id": "warm-up-time", "change": "editorial"} in said["changes"]


@pytest.mark.usefixtures("operator")
class TestStanding:
    def test_an_index_that_is_right_passes(self, cast: Cast, capsys: Output) -> None:
        sittings.enrol(cast.learner, "starter")

        assert command("standing", "verify") == 0
        assert "The index says what the rules say." in capsys.readouterr().out

    def test_a_row_that_differs_is_named_and_rebuilding_mends_it(self, cast: Cast, capsys: Output) -> None:
        enrollment = sittings.enrol(cast.learner, "starter")
        number = enrollment.id
        db.session.execute(delete(StandingRow))

        before = command("standing", "verify")
        rebuilt = command("standing", "rebuild")
        after = command("standing", "verify")

        said = capsys.readouterr().out
        assert (before, rebuilt, after) == (1, 0, 0)
        assert f"enrollment {number}: missing differs" in said
        assert "1 rows were remade." in said


class TestTest:
    def test_several_processes_are_the_rule_and_soak_the_exception(self) -> None:
        called = testing.arguments(False, ())

        assert "--ignore=tests/soak" in called
        assert any(word.startswith("--numprocesses=") for word in called)

    @pytest.mark.parametrize("asked", [("--pdb",), ("-n", "3"), ("-n0",), ("-p", "no:xdist")])
    def test_who_asks_for_processes_gets_what_they_asked_for(self, asked: tuple[str, ...]) -> None:
        called = testing.arguments(True, asked)

        assert called == list(asked)


def test_a_database_without_tables_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LMS_DATABASE_URL", f"sqlite:///{tmp_path}/empty.sqlite3")

    assert run(["content", "publish"]) == 1
    said = capsys.readouterr().err
    assert f"sqlite:///{tmp_path}/empty.sqlite3" in said
    assert "python3 -m lms migrate" in said
