"""`lms admin grant`, `withdraw` and `list`: roles are given and taken by an operator, and every change is on record."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.models import Account, Role, RoleGrant, ScopeKind
from lms.cli import run
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.settings import Settings
from lms.overviews.classes import instructors
from tests.support.browser import settle
from tests.support.cast import Cast, Member
from tests.support.classes import announce
from tests.support.moments import NOON

pytestmark = pytest.mark.usefixtures("operator")
Output = pytest.CaptureFixture[str]


@pytest.fixture
def operator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: Settings = app.extensions["lms_settings"]
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)


def admin(*words: str) -> int:
    settle()
    return run(["admin", *words])


def held(member: Member) -> list[tuple[Role, ScopeKind, str]]:
    rows = db.session.execute(
        select(RoleGrant.role, RoleGrant.scope_kind, RoleGrant.scope_id)
        .where(RoleGrant.person_id == member.person_id, RoleGrant.withdrawn_at.is_(None))
        .order_by(RoleGrant.id)
    )
    return [(role, kind, name) for role, kind, name in rows]


def on_record(action: str) -> list[tuple[str, dict[str, object]]]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
    return [(entry.object_id, entry.details) for entry in entries]


def test_who_is_made_an_instructor_can_be_named_in_a_class(cast: Cast, capsys: Output) -> None:
    before = [one.person_id for one in instructors()]

    status = admin("grant", "Learner@Example.org", "instructor")

    assert status == 0
    assert cast.learner.person_id not in before
    assert cast.learner.person_id in [one.person_id for one in instructors()]
    assert "learner@example.org has the role instructor now." in capsys.readouterr().out
    assert on_record("role_granted") == [(str(cast.learner.person_id), {"role": "instructor"})]


def test_a_role_that_is_held_is_not_given_twice(cast: Cast, capsys: Output) -> None:
    statuses = [admin("grant", cast.learner.email, "author") for _time in range(2)]

    assert statuses == [0, 0]
    assert held(cast.learner) == [(Role.AUTHOR, ScopeKind.EVERYWHERE, "")]
    assert "had the role author before" in capsys.readouterr().out
    assert len(on_record("role_granted")) == 1


def test_staff_may_be_of_one_program_one_track_or_one_class(cast: Cast) -> None:
    token = announce(cast.instructor, starts_at=NOON).token

    statuses = [
        admin("grant", cast.learner.email, "staff", "--program", "coach"),
        admin("grant", cast.learner.email, "staff", "--class", token),
    ]

    assert statuses == [0, 0]
    assert held(cast.learner) == [(Role.STAFF, ScopeKind.PROGRAM, "coach"), (Role.STAFF, ScopeKind.CLASS, token)]
    assert on_record("role_granted")[0][1] == {"role": "staff", "scope": "program:coach"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody@example.org", "staff"), "Nobody has an account with this address."),
        (("no address", "staff"), "Nobody has an account with this address."),
        (("learner@example.org", "staff", "--program", "nowhere"), "There is no program “nowhere”."),
        (("learner@example.org", "staff", "--track", "nowhere"), "There is no track “nowhere”."),
        (("learner@example.org", "staff", "--class", "nowhere"), "There is no class “nowhere”."),
        (("learner@example.org", "staff", "--class", "x", "--track", "y"), "Name one of program, track and class."),
        (("learner@example.org", "author", "--program", "coach"), "Only the role of staff can be narrowed"),
    ],
)
def test_what_can_not_be_granted_is_refused(cast: Cast, capsys: Output, words: tuple[str, ...], sentence: str) -> None:
    status = admin("grant", *words)

    assert status == 1
    assert sentence in capsys.readouterr().err
    assert held(cast.learner) == []


def test_a_suspended_account_gets_no_role(cast: Cast, capsys: Output) -> None:
    db.session.get_one(Account, cast.learner.account_id).suspended_at = NOON
    db.session.commit()

    assert admin("grant", cast.learner.email, "staff") == 1
    assert "suspended" in capsys.readouterr().err


def test_a_role_is_withdrawn_wherever_it_reaches(cast: Cast, capsys: Output) -> None:
    admin("grant", cast.learner.email, "staff")
    admin("grant", cast.learner.email, "staff", "--program", "coach")

    statuses = [admin("withdraw", cast.learner.email, "staff") for _time in range(2)]

    assert statuses == [0, 1]
    assert held(cast.learner) == []
    assert on_record("role_withdrawn") == [(str(cast.learner.person_id), {"role": "staff"})]
    assert "does not have the role staff." in capsys.readouterr().err


def test_the_last_administrator_stays(cast: Cast, capsys: Output) -> None:
    status = admin("withdraw", cast.administrator.email, "administrator")

    assert status == 1
    assert held(cast.administrator) == [(Role.ADMINISTRATOR, ScopeKind.EVERYWHERE, "")]
    assert "This is the last administrator." in capsys.readouterr().err


def test_everybody_with_a_role_is_listed(cast: Cast, capsys: Output) -> None:
    admin("grant", cast.learner.email, "staff", "--program", "coach")
    capsys.readouterr()

    admin("list")

    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.startswith("staff of program coach")] != []
    assert len(said) == 6
    assert any("administrator" in line and cast.administrator.email in line for line in said)
