"""From sign-up to a certificate that strangers verify, by pages and forms alone, with the real content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.amounts import WHOLE
from tests.support.cast import PASSWORD, Cast
from tests.support.classes import announce
from tests.support.journey import BOOK, Names, enrol
from tests.support.journeys import become_developmental_coach, become_level_1_coach
from tests.support.real_campus import Installed, RealCampus, install, sign_in
from tests.support.stores import POSTGRESQL
from tests.support.walking import Walker

NAMES = Names()


@pytest.fixture(scope="session")
def installed() -> dict[str, Installed]:
    return {}


@pytest.fixture
def campus(
    engine_kind: str,
    installed: dict[str, Installed],
    run_folder: Path,
    worker_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[RealCampus]:
    if engine_kind == POSTGRESQL and not WHOLE:
        pytest.skip("the fast run walks these ways with other names on PostgreSQL: tests/usecases/test_renaming.py")
    if engine_kind not in installed:
        installed[engine_kind] = install(engine_kind, run_folder, worker_name)
    with installed[engine_kind].fresh(monkeypatch) as campus:
        yield campus


def test_a_newcomer_becomes_a_developmental_coach_and_has_it_credited_to_level_1(campus: RealCampus) -> None:
    become_developmental_coach(campus, NAMES)


def test_a_newcomer_becomes_a_level_1_coach_at_the_second_try(campus: RealCampus) -> None:
    become_level_1_coach(campus, NAMES)


def test_the_second_for_the_last_seat_is_told_that_the_class_is_full(app: Flask, cast: Cast) -> None:
    offering = announce(cast.instructor, capacity=1)
    first, second = (Walker(app, member.name, member.email, PASSWORD) for member in (cast.learner, cast.stranger))
    for walker in (first, second):
        sign_in(walker)
        enrol(walker, "workshop")
        walker.open(f"/classes/{offering.token}")
    first.press(BOOK)

    second.press(BOOK, status=409)

    assert "full" in second.page.words
    second.open(f"/classes/{offering.token}")
    assert "This class is full" in second.page.words
    assert not second.page.offers(BOOK)
