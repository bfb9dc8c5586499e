"""An installation in which every text that somebody could write is hostile: names, claims, classes, answers, content."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import cycle

from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.assessment import services as assessment
from lms.assessment.services import Save
from lms.content.compiling import Tree
from lms.foundation.database import db
from lms.live.models import LiveSession, Offering
from lms.usecases import publishing
from tests.support.cast import ZONE
from tests.support.claims import state
from tests.support.moments import LONG_AGO, NOON
from tests.support.trees import SHORT_LESSON, campus_tree, compiled
from tests.support.world import World

KEYS = "title|summary|audience|statement|hint|text|signatory|renew_at|name"
IN_BLOCK = re.compile(rf"^(\s*(?:- )?(?:{KEYS}): )[^{{}}\n]+$", re.MULTILINE)
IN_FLOW = re.compile(rf"(?<=[{{ ])((?:{KEYS}): )(?:\"[^\"]*\"|[^,}}\n]+)(?=[,}}])")
STEM = re.compile(r"^(/// question \| .*)$", re.MULTILINE)
OPTION = re.compile(r"^(- \[[x ]\] (?!True$|False$).*)$", re.MULTILINE)
FEEDBACK = re.compile(r"^(    - .*)$", re.MULTILINE)
EXPLANATION = re.compile(r"^((?:Its words say so|The number stands in its name|Easy movement).*)$", re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]*)\]")
NO_BRACKETS = re.compile(r"[\[\]()`\\]")
LONGEST_TITLE = 100


def haunt_cast(texts: list[str]) -> None:
    """Before anything happens, everybody takes a hostile name, so that all that is issued carries one."""
    everything = " ".join(texts)
    for number, person in enumerate(db.session.query(Person).order_by(Person.id)):
        person.name = everything if number == 0 else texts[number % len(texts)]


def haunted_tree(texts: list[str]) -> Tree:
    """The test campus with a hostile text at every place where an author writes words, as far as it can be published.

    A link to nowhere we know is an error of the compiler, so a text with one is left out: previews still show it.
    """
    tree = campus_tree()
    accepted = acceptable(tree, texts)
    short = cycle(
        [one for one in texts if one.isprintable() and len(one) <= LONGEST_TITLE and not set(one) & set("{}")]
    )
    lines = cycle([" ".join(one.split()) for one in accepted])
    for path, content in tree.files.items():
        if path.endswith(".yaml") and not path.startswith("personas"):
            tree = tree.with_file(path, _in_yaml(content.decode(), short).encode())
        elif path.endswith(".md"):
            tree = tree.with_file(path, _in_questions(content.decode(), lines).encode())
    return tree.with_file(SHORT_LESSON, tree.files[SHORT_LESSON] + blocks(accepted))


def acceptable(tree: Tree, texts: list[str], before: list[str] | None = None) -> list[str]:
    """Those of the texts with which a lesson can be published, all together; found by halves, since most can."""
    kept = before or []
    source = tree.files[SHORT_LESSON] + blocks([*kept, *texts])
    if not compiled(tree.with_file(SHORT_LESSON, source)).errors:
        return [*kept, *texts]
    half = len(texts) // 2
    return acceptable(tree, texts[half:], acceptable(tree, texts[:half], kept)) if half else kept


def blocks(texts: list[str]) -> bytes:
    """Each text as a paragraph, as a quotation and in a table."""
    lines = [" ".join(text.split()) for text in texts]
    written = [f"\n{text}\n\n> {line}\n\n| A |\n|---|\n| {line} |\n" for text, line in zip(texts, lines, strict=True)]
    return "".join(written).encode(errors="replace")


def publish_haunted(texts: list[str]) -> None:
    publishing.publish(haunted_tree(texts), message=" ".join(texts)[:200], base_id=None, by=None, now=lambda: LONG_AGO)


def haunt_facts(world: World, texts: list[str]) -> None:
    """What people write about themselves, and staff about people and classes. It commits."""
    for text in texts:
        person = accounts.create_person(text, zone=ZONE, now=LONG_AGO)
        state(person.id, value=text, note=text)
    everything = " ".join(texts)
    for offering in db.session.query(Offering):
        offering.title, offering.place, offering.join_link = everything, everything, f"https://x/{everything}"
    for session in db.session.query(LiveSession):
        session.title = everything
    learner, token = world.cast.learner, world.everything.things["sitting"]["token"]
    for number, text in enumerate([everything[:200], *texts], start=1):
        assessment.save_answer(learner.person_id, token, Save(3, number, [text[:200]]), now=NOON)
    db.session.commit()


def _in_yaml(text: str, texts: Iterator[str]) -> str:
    def hostile(found: re.Match[str]) -> str:
        return found[1] + json.dumps(next(texts))

    lines = text.splitlines(keepends=True)
    return "".join((IN_FLOW if "{" in line else IN_BLOCK).sub(hostile, line) for line in lines)


def _in_questions(text: str, texts: Iterator[str]) -> str:
    for place in (STEM, OPTION, FEEDBACK, EXPLANATION):
        text = place.sub(lambda found: f"{found[1]} {next(texts)}", text)
    return PICTURE.sub(lambda found: f"![{found[1]} {NO_BRACKETS.sub('', next(texts))[:60]}]", text)
