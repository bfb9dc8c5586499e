"""`lms admin grant`, `withdraw` and `list`: who may do what here."""

from __future__ import annotations

import click

from lms.accounts import queries, services
from lms.accounts.models import Account, Role, ScopeKind
from lms.accounts.queries import HeldRole
from lms.accounts.rules import read_email
from lms.cli.store import database_app, opened
from lms.content import queries as content
from lms.foundation import audit, clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Invalid
from lms.foundation.messages import Message
from lms.foundation.settings import Settings
from lms.live import queries as live

ROLES = click.Choice([role.value for role in Role])
Scope = tuple[ScopeKind, str]
EVERYWHERE: Scope = (ScopeKind.EVERYWHERE, "")
# What an instructor may teach and an author may write is decided elsewhere: a scope of theirs would narrow nothing.
NARROWED = frozenset({Role.STAFF})


@click.command()
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--program", default="", metavar="ID", help="Staff of this program alone.")
@click.option("--track", default="", metavar="ID", help="Staff of this track alone.")
@click.option("--class", "class_token", default="", metavar="TOKEN", help="Staff of this class alone.")
def grant(email: str, role: str, program: str, track: str, class_token: str) -> None:
    """Give a role to somebody who has an account. Without an option it reaches everywhere."""
    given = Role(role)
    with opened(database_app(Settings())), unit_of_work.writing(db.session):
        account = _account(email)
        scope = _scope(given, program, track, class_token)
        is_new = _give(account, given, scope)
        db.session.commit()
        address = account.email
    held = f"{role}{_reaching(scope)}"
    print(f"{address} has the role {held} now." if is_new else f"{address} had the role {held} before.")


@click.command()
@click.argument("email")
@click.argument("role", type=ROLES)
def withdraw(email: str, role: str) -> None:
    """Take a role from somebody, wherever it reaches. It ends with their next click."""
    taken = Role(role)
    with opened(database_app(Settings())), unit_of_work.writing(db.session):
        account = _account(email)
        services.lock_person(account.person_id)
        if taken is Role.ADMINISTRATOR and list(queries.administrators()) == [account.person_id]:
            raise Invalid(
                "This is the last administrator.",
                remedy=Message("Make another first: lms admin create EMAIL."),
            )
        now = clock.now()
        count = services.withdraw_role(account.person_id, taken, by=None, now=now)
        if count:
            audit.record("role_withdrawn", "person", account.person_id, actor_id=None, at=now, role=role)
        db.session.commit()
        address = account.email
    if not count:
        raise Invalid(Message("{address} does not have the role {role}.", {"address": address, "role": role}))
    print(f"{address} does not have the role {role} any more.")


@click.command("list")
def list_roles() -> None:
    """Print who holds which role, and how far it reaches."""
    with opened(database_app(Settings())), unit_of_work.reading(db.session):
        held = queries.roles_held()
    for one in held:
        print(_line(one))
    if not held:
        print("Nobody has a role. Make an administrator: lms admin create EMAIL")


def give(person_id: int, role: Role, scope: Scope = EVERYWHERE) -> bool:
    """Give a role and put it on record, unless it is held so far already. Returns whether it is new."""
    now = clock.now()
    services.lock_person(person_id)
    if queries.has_grant(person_id, role, *scope):
        return False
    services.grant_role(person_id, role, scope_kind=scope[0], scope_id=scope[1], by=None, now=now)
    reach = {"scope": f"{scope[0].value}:{scope[1]}"} if scope[1] else {}
    audit.record("role_granted", "person", person_id, actor_id=None, at=now, role=role.value, **reach)
    return True


def _give(account: Account, role: Role, scope: Scope) -> bool:
    if account.suspended_at is not None:
        raise Invalid("This account is suspended.")
    return give(account.person_id, role, scope)


def _account(email: str) -> Account:
    address = read_email(email)
    account = queries.account_by_email(address) if address else None
    if account is None:
        raise Invalid(
            "Nobody has an account with this address.", remedy=Message("They sign up first, on the site itself.")
        )
    return account


def _scope(role: Role, program: str, track: str, class_token: str) -> Scope:
    asked = [
        (kind, name)
        for kind, name in ((ScopeKind.PROGRAM, program), (ScopeKind.TRACK, track), (ScopeKind.CLASS, class_token))
        if name
    ]
    if not asked:
        return EVERYWHERE
    if len(asked) > 1:
        raise Invalid("Name one of program, track and class. Grant the role once for each.")
    if role not in NARROWED:
        raise Invalid("Only the role of staff can be narrowed: instructors are named in each class.")
    [(kind, name)] = asked
    if name not in _known(kind, name):
        raise Invalid(Message("There is no {kind} “{name}”.", {"kind": kind.value, "name": name}))
    return kind, name


def _known(kind: ScopeKind, name: str) -> set[str]:
    if kind is ScopeKind.CLASS:
        return {name} if live.offering_by_token(name) else set()
    programs = content.programs() if content.head_release_id() is not None else ()
    if kind is ScopeKind.PROGRAM:
        return {program.id for program in programs}
    return {track.id for program in programs for track in program.tracks}


def _line(one: HeldRole) -> str:
    suspended = ", suspended" if one.suspended else ""
    return f"{one.role.value + _reaching((one.scope_kind, one.scope_id)):<32} {one.email} ({one.name}{suspended})"


def _reaching(scope: Scope) -> str:
    return f" of {scope[0].value} {scope[1]}" if scope[1] else ""
