"""Looking through everything for canaries, with anybody's eyes."""

from __future__ import annotations

import random
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lms.content import queries as content
from tests.support import amounts, campus
from tests.support.browser import Browser
from tests.support.canaries import Canary, Flock, Part, Source, plant
from tests.support.canary_campus import AT_ONCE, BY_STAFF, QUIZ, STATES, CanaryCampus, Sitter, populate
from tests.support.cast import Member
from tests.support.crawling import Answered, crawl
from tests.support.real_campus import Installed, RealCampus, install, let_go

SEED = 7319
NOT_READY = "/readyz"  # the tables of tests bear no migration's number
STAFF = ("staff", "administrator")
ROLES = ("anonymous", "stranger", "instructor", "author", *STAFF)
SHOWN_WITH_QUIZZES = {Part.STEM, Part.OPTION, Part.KEY}  # to the staff; an exam's items open for its authors alone


@dataclass(frozen=True)
class Built:
    installed: Installed
    canaries: CanaryCampus


@dataclass(frozen=True)
class Walk:
    """The campus of one test, and whose eyes we look through."""

    real: RealCampus
    canaries: CanaryCampus

    def browser(self, who: str) -> Browser:
        browser = self.real.app.test_client()
        assert isinstance(browser, Browser)
        member = self.member(who)
        return browser.sign_in(member) if member else browser

    def member(self, who: str) -> Member | None:
        if who in self.canaries.sitters:
            return self.canaries.sitters[who].member
        return None if who == "anonymous" else getattr(self.real.cast, who)

    def crawl(self, who: str, browser: Browser | None = None) -> Iterator[Answered]:
        return crawl(browser or self.browser(who), ["/", *self.addresses(who)])

    def addresses(self, who: str) -> list[str]:
        """Every route that is looked at, with every name that somebody could put into its address."""
        map_ = self.real.app.url_map
        built, names = map_.bind(""), self.names(who)
        return [
            built.build(rule.endpoint, dict(zip(sorted(rule.arguments), values, strict=True)))
            for rule in map_.iter_rules()
            if "GET" in (rule.methods or ()) and rule.arguments <= names.keys()
            for values in product(*(names[argument] for argument in sorted(rule.arguments)))
        ]

    def names(self, who: str) -> Mapping[str, list[Any]]:
        """The names in addresses. Learners try each other's attempts in the whole run."""
        own = self.canaries.sitters.get(who)
        everybody = list(self.canaries.sitters.values())
        tried = [own] if own and not amounts.WHOLE else everybody
        return {
            "token": [token for one in tried for token in (*one.attempts, one.person_token)],
            "code": list(self.canaries.certificates),
            "program_id": [program for program, _exam in (BY_STAFF, AT_ONCE, QUIZ)],
            "exam_id": [exam for _program, exam in (BY_STAFF, AT_ONCE, QUIZ)],
            "module_id": ["warming-up", "throwing-safely"],
            "lesson_id": ["warm-up-order", "warm-up-time"],
            "position": [1, 2, 3, 4],
            "form": ["a", "b"],
            "number": [1],
        }


def planted(folder: Path, flock: Flock) -> Path:
    target = folder / "planted"
    shutil.rmtree(target, ignore_errors=True)
    plant(campus.TREE, target, flock)
    return target


@contextmanager
def built_campus(
    kind: str, run_folder: Path, worker_name: str, labels: Collection[str] = tuple(STATES)
) -> Iterator[Built]:
    """The campus of canaries on one database, with learners in these states; `walk_of` takes copies of it."""
    flock = Flock(random.Random(SEED))  # noqa: S311  # words to look for, no secrets
    name = f"leaks_{worker_name}"
    folder = run_folder / f"{name}-{kind}"
    folder.mkdir(exist_ok=True)
    installed = install(kind, run_folder, worker_name, tree=planted(folder, flock), name=name)
    with installed.app.app_context():
        content.forget()
        canaries = populate(installed.cast, flock, labels)
    let_go(installed.app)
    installed.store.keep_as_template()
    yield Built(installed, canaries)
    let_go(installed.app)


@contextmanager
def walk_of(built: Built, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """A fresh copy, at noon."""
    with built.installed.fresh(monkeypatch) as real:
        yield Walk(real, built.canaries)


# ---- who may know what


def may_know(who: str, canary: Canary, path: str, sitters: Mapping[str, Sitter]) -> bool:
    if who in sitters:
        return canary in sitters[who].knows
    if who == "author":
        return path.startswith("/author") and canary.source is not Source.SCORE
    if who == "instructor":
        return path.startswith("/author") and canary.source in {Source.QUIZ, Source.CHECK}
    if who in STAFF:
        of_quiz = canary.source is Source.QUIZ and canary.part in SHOWN_WITH_QUIZZES
        return path.startswith("/staff") and (of_quiz or canary.source is Source.SCORE)
    return False


def leaks_of(who: str, seen: Answered, found: set[Canary], sitters: Mapping[str, Sitter]) -> list[str]:
    return [
        f"{who}: {seen.method} {seen.path} ({seen.status}) tells the {one.part} of {one.source} {one.owner} {one.option}"
        for one in sorted(found, key=lambda canary: canary.words)
        if not may_know(who, one, seen.path, sitters)
    ]


def looked_through(walk: Walk, who: str, answers: Iterable[Answered]) -> tuple[set[Canary], list[str]]:
    """Every canary that was met, and the leaks."""
    met: set[Canary] = set()
    leaks: list[str] = []
    for seen in answers:
        assert seen.status < 500 or seen.path == NOT_READY, f"{seen.method} {seen.path}"
        found = {one for text in seen.texts() for one in walk.canaries.flock.found_in(text)}
        leaks += leaks_of(who, seen, found, walk.canaries.sitters)
        met |= found
    return met, leaks
