"""The product knows no program of anybody: a campus whose every id is another works as well."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lms.accounts.models import Account
from lms.accounts.services import hash_password
from lms.catalog.models import Enrollment
from lms.cli import history
from lms.cli.history_source import Book, DemoSource, Step, Study, read_demo
from lms.credentials.models import Certificate
from lms.foundation.database import db
from lms.foundation.settings import ROOT
from lms.pathway import index
from lms.usecases import publishing
from tests.support.amounts import WHOLE
from tests.support.cast import PASSWORD
from tests.support.journey import Names
from tests.support.journeys import become_developmental_coach, become_level_1_coach
from tests.support.real_campus import CONTENT, Installed, RealCampus, install
from tests.support.renaming import Renamed, ids_of, module_ids_of, renamed_copy, stage_ids_of
from tests.support.stores import ENGINES, POSTGRESQL

USUAL = Names()
# Ids that are also plain words of the house, with what the house means by them.
PLAIN_WORDS = {"exam": "the kind of a stage, and the first part of an address"}


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Renamed:
    return renamed_copy(CONTENT, tmp_path_factory.mktemp("renamed") / "content")


@pytest.fixture(scope="module", params=ENGINES if WHOLE else [POSTGRESQL])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """The fast run walks the long way twice: with the real names on SQLite, with these on PostgreSQL."""
    return str(request.param)


@pytest.fixture(scope="module")
def installed(engine_kind: str, renamed: Renamed, run_folder: Path, worker_name: str) -> Installed:
    return install(engine_kind, run_folder, worker_name, tree=renamed.root, name=f"renamed_{worker_name}")


@pytest.fixture
def campus(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealCampus]:
    with installed.fresh(monkeypatch) as campus:
        yield campus


@pytest.fixture
def names(renamed: Renamed) -> Names:
    return Names(
        developmental=renamed.program(USUAL.developmental),
        level_1=renamed.program(USUAL.level_1),
        exam=renamed.exam(USUAL.exam),
    )


def test_no_id_is_left(renamed: Renamed) -> None:
    left = ids_of(renamed.root)

    for kind, ids in ids_of(CONTENT).items():
        assert not set(left[kind]) & set(ids)
        assert len(left[kind]) == len(ids)


@pytest.mark.skipif(not WHOLE, reason="what could not be published could not be walked either")
def test_the_renamed_content_has_no_error(renamed: Renamed) -> None:
    assert publishing.check_tree(renamed.root).errors == ()


def test_the_short_way_leads_to_its_certificate(campus: RealCampus, names: Names) -> None:
    become_developmental_coach(campus, names)


def test_the_long_way_leads_to_its_certificate(campus: RealCampus, names: Names) -> None:
    become_level_1_coach(campus, names)


@pytest.mark.skipif(not WHOLE, reason="the demo's own history is made for the tests in the browser")
def test_the_history_of_the_demo_can_happen(campus: RealCampus, renamed: Renamed) -> None:
    """One person of each pattern, and everybody who has a role or a way of their own."""
    demo = one_of_each(read_demo(renamed.root / "demo.yaml"))

    with campus.app.app_context():
        make_room_for_the_demo()
        history.play(demo, hash_password(PASSWORD), now=campus.clock.now(), say=lambda _said: None)

        enrolled = db.session.scalars(select(Enrollment.program_id)).all()
        assert len(enrolled) == sum(len(person.programs) for person in demo.people)
        assert set(enrolled) <= set(renamed.ids["program"].values())
        assert db.session.scalar(select(func.count()).select_from(Certificate))
        assert list(index.verify(campus.clock.now())) == []


def make_room_for_the_demo() -> None:
    """Its people have the addresses of the cast of all tests."""
    for account in db.session.scalars(select(Account)):
        account.email = account.email_key = f"cast.{account.email}"
    db.session.commit()


def one_of_each(demo: DemoSource) -> DemoSource:
    """Everybody with a role, and of the others whoever does something that nobody before them did."""
    done: set[tuple[tuple[str, str], int]] = set()
    kept = []
    for person in demo.people:
        deeds = Counter((way.program, deed_of(step)) for way in person.programs for step in demo.steps_of(way))
        if person.roles or not set(deeds.items()) <= done:
            done |= set(deeds.items())
            kept.append(person)
    return demo.model_copy(update={"people": kept})


def deed_of(step: Step) -> str:
    """What a step of a history does: a stage studied, a class booked, an exam sat."""
    if isinstance(step, Study):
        return f"study {step.study}"
    return f"book {step.book}" if isinstance(step, Book) else f"sit {step.sit}"


# ---- what the code says


def test_no_id_of_the_content_stands_in_the_product() -> None:
    ids = content_ids() - set(PLAIN_WORDS)
    found = {
        f"{path.relative_to(ROOT)}: {word}"
        for path in sorted((ROOT / "lms").rglob("*"))
        if path.suffix in {".py", ".html", ".js"} and "vendor" not in path.parts
        for word in words_that_act(path) & ids
    }

    assert found == set()


def test_the_plain_words_are_still_ids() -> None:
    assert set(PLAIN_WORDS) <= content_ids()


def content_ids() -> set[str]:
    """The ids of programs, credentials, exams, modules, module sets and stages."""
    named = {each for ids in ids_of(CONTENT).values() for each in ids}
    return named | module_ids_of(CONTENT) | stage_ids_of(CONTENT)


def words_that_act(path: Path) -> set[str]:
    """What a file can compare with an id: the string constants of code, without what only explains."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return set(_constants(ast.parse(text)))
    return set(re.findall(r"""['"]([a-z0-9-]+)['"]""", text))


def _constants(tree: ast.AST) -> Iterator[str]:
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            yield node.value
            yield from re.findall(r"(?<=[:/])[a-z0-9-]+", node.value)
