"""What each transaction changed beside what the audit trail says of it: exactly one entry for every change.

The tables themselves are compared, before and after each commit, on a connection of our own: nothing that
writes past the mapped objects escapes. A saved answer and a tried check are journals: their row is their entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.orm import Session

from lms.foundation.database import Base

Row = Mapping[str, Any]
Tables = dict[str, dict[tuple[Any, ...], Row]]
JOURNALS = frozenset({"answer_entry", "check_answer"})
FOLLOWS = frozenset(
    {
        *("audit_entry", "audit_seal", "notice", "outbox", "standing"),  # the trail itself, and what is derived
        *("attempt_tally",),  # sums of what is on record
        *("network_trace", "sign_in_failure", "rendering"),  # counted, pruned or made again
        *("mail_token", "mail_token_use"),  # what they let somebody do is on record
        *("revision", "release_document", "line_head", "content_head", "former_id"),  # what a release consists of
        *("person_alias", "revocation", "waiver"),  # nothing writes them yet
    }
)


@dataclass(frozen=True)
class Entry:
    """One line of the trail."""

    action: str
    kind: str
    object_id: str
    details: Row


Covers = Callable[[Entry], bool]


def said(kind: str, object_id: object, *actions: str, **details: object) -> Covers:
    """Whether an entry is one of these actions on this object."""

    def covers(entry: Entry) -> bool:
        return (
            (entry.kind, entry.object_id) == (kind, str(object_id))
            and entry.action in actions
            and details.items() <= entry.details.items()
        )

    return covers


def either(*ways: Covers) -> Covers:
    return lambda entry: any(way(entry) for way in ways)


# ---- the law: for each table, what a changed row asks to be said. None before: the row is new.


def _person(before: Row | None, after: Row) -> list[Covers]:
    if before is None:
        return [lambda entry: entry.kind == "account" and entry.action == "sign_up"]
    return [said("person", after["id"], "change_profile")]


def _account(before: Row | None, after: Row) -> list[Covers]:
    if before is None:
        return [said("account", after["id"], "sign_up")]
    if before["password_hash"] != after["password_hash"]:
        return [said("account", after["id"], "change_password")]
    return [said("account", after["id"], "verify_address")]


def _session(before: Row | None, after: Row) -> list[Covers]:
    if before is None:
        return [said("sign_in_session", after["id"], "sign_in")]
    if before["ended_at"] == after["ended_at"]:
        return []  # its last use
    alone = said("sign_in_session", after["id"], "sign_out")
    return [either(alone, said("account", after["account_id"], "sign_out_others", "change_password"))]


def _claim(before: Row | None, after: Row) -> list[Covers]:
    if before is None:
        return [said("claim", after["id"], "claim")]
    if before["withdrawn_at"] != after["withdrawn_at"]:
        return [said("claim", after["id"], "withdraw" if after["withdrawn_at"] else "restore")]
    if after["status"] == "replaced":
        return [lambda entry: (entry.kind, entry.action) == ("claim", "claim")]
    return [said("claim", after["id"], "decide", "decide_again")]


def _attempt(before: Row | None, after: Row) -> list[Covers]:
    if before is None:
        return [said("attempt", after["id"], "start")]
    return [said("attempt", after["id"], "submit")] if before["closed_at"] != after["closed_at"] else []


def _enrollment(before: Row | None, after: Row) -> list[Covers]:
    entered = [said("enrollment", after["id"], "enrol")] if before is None else []
    left = {"completed": "complete", "withdrawn": "withdraw"}.get(after["status"])
    return [*entered, said("enrollment", after["id"], left)] if left else entered


def _activation(before: Row | None, after: Row) -> list[Covers]:
    return [said("form_activation", after["id"], "activate" if after["withdrawn_at"] is None else "withdraw")]


def _offering(before: Row | None, after: Row) -> list[Covers]:
    if before is None:
        return [said("offering", after["id"], "class_drafted")]
    if before["status"] == after["status"]:
        return [said("offering", after["id"], "class_changed")]
    changed = {"open": "class_opened", "closed": "class_closed", "cancelled": "class_cancelled"}
    return [said("offering", after["id"], changed.get(after["status"], "?"))]


def _seat(before: Row | None, after: Row) -> list[Covers]:
    actions = {"confirmed": ("book", "mark"), "cancelled": ("cancel", "class_cancelled")}
    return [said("seat", after["id"], *actions.get(after["status"], ("mark",)))]


def new(kind: str, column: str, *actions: str) -> Callable[[Row | None, Row], list[Covers]]:
    """A row that is added and never changed, told as these actions on the object its column names."""
    return lambda _before, after: [said(kind, after[column], *actions)]


LAW: Mapping[str, Callable[[Row | None, Row], list[Covers]]] = {
    "person": _person,
    "person_name": new("person", "person_id", "change_profile"),
    "account": _account,
    "sign_in_session": _session,
    "role_grant": new("person", "person_id", "role_granted"),
    "claim": _claim,
    "claim_decision": new("claim", "claim_id", "decide", "decide_again"),
    "form_activation": _activation,
    "attempt": _attempt,
    "attempt_item": new("attempt", "attempt_id", "start"),
    "score": new("attempt", "attempt_id", "submit"),
    "outcome_release": new("attempt", "attempt_id", "release"),
    "enrollment": _enrollment,
    "credit": lambda _before, after: [said("enrollment", after["enrollment_id"], "credit", stage=after["stage_id"])],
    "certificate": new("certificate", "id", "issue"),
    "lesson_completion": new("lesson_completion", "id", "complete_lesson"),
    "offering": _offering,
    "live_session": new("offering", "offering_id", "class_drafted", "class_changed"),
    "teaching": new("offering", "offering_id", "class_drafted", "class_changed"),
    "seat": _seat,
    "attendance_mark": new("seat", "seat_id", "mark"),
    "release": new("release", "id", "publish"),
}
ASKED_FOR = frozenset({"sign_up_again", "send_verification", "request_reset", "see_notices"})  # change no row of these


# ---- watching


@dataclass
class Watch:
    """What was found so far: the actions that were said, and whatever is not as it should be."""

    said: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    looked: int = 0

    def judge(self, before: Tables, after: Tables) -> None:
        self.looked += 1
        entries = [
            Entry(row["action"], row["object_kind"], row["object_id"], row["details"])
            for key, row in after["audit_entry"].items()
            if key not in before["audit_entry"]
        ]
        spoken_for: set[int] = set()
        for told, covers in _asked(before, after):
            matching = [place for place, entry in enumerate(entries) if covers(entry)]
            spoken_for.update(matching)
            if len(matching) != 1:
                self.wrong.append(f"{told}: {len(matching)} entries")
        self.said.update(entry.action for entry in entries)
        silent = [entry for place, entry in enumerate(entries) if place not in spoken_for]
        self.wrong += [f"{entry}: nothing changed" for entry in silent if entry.action not in ASKED_FOR]


def _asked(before: Tables, after: Tables) -> Iterator[tuple[str, Covers]]:
    for table, law in LAW.items():
        for key, row in after[table].items():
            stood = before[table].get(key)
            if stood != row:
                yield from ((f"{table} {key} {_what(stood, row)}", covers) for covers in law(stood, row))
        for key in before[table].keys() - after[table].keys():
            yield f"{table} {key} is gone", lambda _entry: False


def _what(stood: Row | None, row: Row) -> str:
    return "is new" if stood is None else str({name: row[name] for name in row if row[name] != stood[name]})


@contextmanager
def watching(app: Flask) -> Iterator[Watch]:
    """Judge each transaction of this app that is committed meanwhile, by one hand at a time."""
    watch, engine = Watch(), create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    tables = _read(engine)

    def look(_session: Session) -> None:
        nonlocal tables
        before, tables = tables, _read(engine)
        watch.judge(before, tables)

    event.listen(Session, "after_commit", look)
    try:
        yield watch
    finally:
        event.remove(Session, "after_commit", look)
        engine.dispose()


def _read(engine: Engine) -> Tables:
    with engine.connect() as connection:
        return {
            name: {tuple(row[column.name] for column in table.primary_key): row for row in _rows(connection, table)}
            for name, table in Base.metadata.tables.items()
            if name in LAW or name == "audit_entry"
        }


def _rows(connection: Any, table: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]
