"""`lms admin`: the first account of an installation, and who else may do what."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from zoneinfo import available_timezones

import click

from lms.accounts import queries, services
from lms.accounts.models import Account, Role
from lms.accounts.rules import LONGEST_NAME, password_problem, read_email
from lms.cli.roles import give, grant, list_roles, withdraw
from lms.cli.store import database_app, opened
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Invalid
from lms.foundation.messages import Message
from lms.foundation.settings import Settings


@click.group()
def admin() -> None:
    """People who run this installation."""


@admin.command()
@click.argument("email")
@click.option("--name", help="How the person is called.  [default: asked for]")
@click.option("--zone", default="UTC", show_default=True, help="Their time zone, such as America/New_York.")
def create(email: str, name: str | None, zone: str) -> None:
    """Make an account with the role of administrator, or give the role to an account that exists.

    The password of a new account is asked for; without a terminal it is the first line of the input.
    """
    address = read_email(email)
    if address is None:
        raise Invalid("This is not an address of mail.")
    with opened(database_app(Settings())):
        with unit_of_work.reading(db.session):
            is_new = queries.account_by_email(address) is None
        new = _ask(name, address, zone) if is_new else None
        with unit_of_work.writing(db.session):
            account = _create(new) if new else _existing(address)
            give(account.person_id, Role.ADMINISTRATOR)
            db.session.commit()
    print(f"{address} is an administrator now." if is_new else f"{address} had an account; it is an administrator now.")


@dataclass(frozen=True)
class NewAccount:
    name: str
    email: str
    zone: str
    password_hash: str


def _ask(name: str | None, email: str, zone: str) -> NewAccount:
    """What a new account needs. Asking and hashing take their time, so no transaction is open."""
    if zone not in available_timezones():
        raise Invalid("This is not the name of a time zone, such as America/New_York.")
    name = (name or click.prompt("Name")).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(Message("A name has up to {n} characters.", {"n": LONGEST_NAME}))
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    problem = password_problem(password, name=name, email=email)
    if problem is not None:
        raise Invalid(problem)
    return NewAccount(name, email, zone, services.hash_password(password))


def _create(new: NewAccount) -> Account:
    """The operator vouches for the address."""
    now = clock.now()
    person = services.create_person(new.name, zone=new.zone, now=now)
    account = services.create_account(person, new.email, new.password_hash, now=now)
    account.verified_at = now
    return account


def _existing(address: str) -> Account:
    account = queries.account_by_email(address)
    if account is None:
        raise Invalid("The account was removed meanwhile.")
    return account


for command in (grant, withdraw, list_roles):
    admin.add_command(command)
