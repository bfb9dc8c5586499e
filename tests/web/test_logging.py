"""What the log says of requests: one line of JSON each, with ids, and nothing that anybody typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.logs import set_up_logs
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast

Captured = pytest.CaptureFixture[str]


def lines(captured: Captured) -> list[dict[str, Any]]:
    """Every line of the log so far; each must be an object of its own."""
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def refusals(captured: Captured) -> list[tuple[str, str, int, int | None]]:
    return [
        (line["method"], line["endpoint"], line["status"], line["person_id"])
        for line in lines(captured)
        if line["event"] == "request_refused"
    ]


def test_a_refused_sign_in_is_logged_without_what_was_typed(client: Browser, cast: Cast, capsys: Captured) -> None:
    client.post_form("/signin", {"email": cast.learner.email, "password": "a wrong password"})

    said = capsys.readouterr().err
    assert '"endpoint": "accounts.create_session"' in said
    assert '"status": 422' in said
    assert cast.learner.email not in said
    assert "a wrong password" not in said


def test_a_sign_in_and_a_sign_out_are_on_record_with_who_and_when(client: Browser, cast: Cast) -> None:
    before = datetime.now(UTC)
    client.post_form("/signin", {"email": cast.learner.email, "password": PASSWORD})
    client.post_form("/signout")

    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("sign_in", cast.learner.person_id),
        ("sign_out", cast.learner.person_id),
    ]
    assert all(before <= entry.at <= datetime.now(UTC) for entry in entries)


def test_who_is_refused_is_logged_by_id(as_learner: Browser, cast: Cast, capsys: Captured) -> None:
    as_learner.get("/staff/people?q=Stefan")
    as_learner.get("/exams/attempts/AAAAAAAAAAAAAAAAAAAAAA/result")

    assert refusals(capsys) == [
        ("GET", "staff.list_people", 404, cast.learner.person_id),
        ("GET", "assessment.show_result", 404, cast.learner.person_id),
    ]


def test_what_would_pass_by_a_control_is_logged(as_learner: Browser, cast: Cast, capsys: Captured) -> None:
    as_learner.post("/account", data={"name": "Without a token", "zone": "UTC"})
    as_learner.post_form("/account", {"name": "x" * 1_000, "zone": "UTC"})

    assert refusals(capsys) == [
        ("POST", "accounts.update_account", 400, cast.learner.person_id),
        ("POST", "accounts.update_account", 422, cast.learner.person_id),
    ]


def test_what_succeeds_is_no_refusal(as_learner: Browser, capsys: Captured) -> None:
    as_learner.get("/account")

    assert lines(capsys) == []


def test_a_failure_is_logged_with_its_trace_and_without_what_was_sent(
    as_learner: Browser, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_parts: str) -> None:
        what_was_typed = "a secret of the learner"
        raise RuntimeError(str(len(what_was_typed)))

    monkeypatch.setitem(as_learner.application.view_functions, "accounts.update_account", fail)

    answer = as_learner.post_form("/account", {"name": "Lena the Learner", "zone": "UTC"})

    [line] = lines(capsys)
    assert answer.status_code == 500
    assert (line["event"], line["endpoint"], line["level"]) == ("request_failed", "accounts.update_account", "error")
    assert "RuntimeError" in line["exception"]
    assert "Lena the Learner" not in json.dumps(line)
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\x1b[31m", "\u2028", "\x85", '"}', "\x00"])
def test_no_value_begins_a_line_of_its_own(sign: str, capsys: Captured) -> None:
    set_up_logs()

    structlog.get_logger().info("something", value=f'a{sign}{{"event": "forged"}}')

    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert json.loads(said)["event"] == "something"
    assert said.isascii()
    assert "\x1b" not in said


def test_every_line_says_when_in_utc_and_how_grave(capsys: Captured) -> None:
    set_up_logs()

    structlog.get_logger().warning("something", person_id=3)

    [line] = lines(capsys)
    assert datetime.fromisoformat(line["timestamp"]).tzinfo == UTC
    assert (line["level"], line["event"], line["person_id"]) == ("warning", "something", 3)
