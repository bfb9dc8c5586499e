"""Nothing that anybody writes runs in anybody's browser: every page of an installation in which every text is hostile.

Once without the policy header, so that escaping and sanitising must do it alone; once with it,
when it must find nothing to report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from lms.content.markdown import render
from lms.foundation import clock
from lms.foundation.database import db
from lms.notices import letters
from lms.notices.models import Notice
from tests.hostile.conftest import Payloads
from tests.support import haunting, stores
from tests.support.amounts import WHOLE, one_in
from tests.support.filling import filled, with_text
from tests.support.moments import NOON
from tests.support.roaming import Roamed
from tests.support.watching import Watch, Watched, watch
from tests.support.world import CHANGING, LOOKING, World, built_world

SAMPLE_STEP = 11
A_BATCH = 40
MOST_QUIET = 0.02
# Where people read what others wrote; in the whole every page is opened.
READ_BY_OTHERS = (
    "teaching.", "staff.", "assessment.", "credentials.show_", "live.show_class", "learning.show_lesson",
    "learning.home", "accounts.list_", "accounts.show_account", "authoring.show_release", "authoring.show_bank",
)  # fmt: skip
PREVIEWS = ("/author/lessons/warm-up-time/preview", "/author/modules/warming-up/bank/preview")

pytestmark = pytest.mark.browser


def batches(texts: list[str]) -> list[list[str]]:
    """Forty texts in the fast run; all of them, forty at a time, in the whole."""
    chosen = texts if WHOLE else texts[::SAMPLE_STEP]
    return [chosen[start : start + A_BATCH] for start in range(0, len(chosen), A_BATCH)]


@pytest.fixture(scope="module", params=range(11 if WHOLE else 1))
def hostile(request: pytest.FixtureRequest, payloads: Payloads) -> list[str]:
    return batches(payloads("xss_live_half"))[request.param]


@pytest.fixture(scope="module")
def haunted(hostile: list[str], run_folder: Path, worker_name: str, password_hash: str) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOON)
        with built_world(
            stores.SQLITE,
            run_folder,
            worker_name,
            password_hash,
            name="haunted",
            publish=lambda: haunting.publish_haunted(hostile),
            prepare=lambda _cast: haunting.haunt_cast(hostile),
        ) as world:
            with world.app.app_context():
                haunting.haunt_facts(world, hostile)
            yield world


def test_these_texts_run_where_nothing_is_done_about_them(
    chromium: Chromium, haunted: World, hostile: list[str]
) -> None:
    """Else the tests below would prove nothing."""
    quiet = []
    with watch(chromium, haunted.app, with_policy=False) as watching:
        for number, text in enumerate(hostile if WHOLE else hostile[::4]):
            before = repr(watching.seen)
            watching.show(raw_page(text), str(number))
            quiet += [text] if repr(watching.seen) == before else []

    assert len(quiet) <= MOST_QUIET * len(hostile), quiet


def test_nothing_runs_without_the_policy(
    chromium: Chromium, haunted: World, roamed: Roamed, hostile: list[str]
) -> None:
    with watch(chromium, haunted.app, with_policy=False) as watching:
        shown = show_all(watching, haunted, roamed, hostile)

    assert shown > 25
    assert watching.seen == Watched()


def test_nothing_is_reported_with_the_policy(
    chromium: Chromium, haunted: World, roamed: Roamed, hostile: list[str]
) -> None:
    with watch(chromium, haunted.app, with_policy=True) as watching:
        show_all(watching, haunted, roamed, hostile, each=one_in(6))

    assert watching.seen == Watched()


def show_all(watching: Watch, world: World, roamed: Roamed, hostile: Sequence[str], *, each: int = 1) -> int:
    """Every page as somebody it opens for, every form with hostile fields sent back, previews, texts, letters."""
    answers = [*pages(world), *forms_sent_back(world, roamed, hostile), *previews(world, hostile)]
    answers += [*letters_written(world), *rendered(hostile)]
    for name, answer in answers[::each]:
        watching.show(answer, name)
    return len(answers[::each])


def pages(world: World) -> Iterator[tuple[str, TestResponse]]:
    """Every page that the table of routes knows, for every role that is shown another one."""
    for row in LOOKING:
        seen = set[str]()
        if not WHOLE and not row.endpoint.startswith(READ_BY_OTHERS):
            continue
        for role, status in row.expected.items():
            if status == "200" and (WHOLE or not seen):
                seen.add(role)
                answer = world.ask(row, role)
                if answer.mimetype == "text/html":
                    yield f"{row} as {role}", answer


def forms_sent_back(world: World, roamed: Roamed, hostile: Sequence[str]) -> Iterator[tuple[str, TestResponse]]:
    """What is refused comes back with what was typed: the oldest way to make a page say what it should not."""
    every = " ".join(hostile)
    for found in roamed.sent()[:: one_in(16)]:
        target = haunted_address(world, found.target)
        typed = {name for name in found.typed if name != "csrf_token"}
        if target and typed:
            world.forgive()
            sent = filled(found)
            for name in typed:
                sent = with_text(sent, name, every)
            answer = world.browser(found.role).post_form(target, sent)
            if answer.status_code in {200, 409, 422}:
                yield f"sent back: {target}", answer


def haunted_address(world: World, address: str) -> str:
    """The same action on the haunted world's own thing, whose token is another."""
    endpoint, values = world.app.url_map.bind("").match(address.partition("?")[0], "POST")
    row = next(row for row in CHANGING if row.endpoint == endpoint)
    return world.address(row, {**values, **world.everything.things[row.thing]})


def previews(world: World, hostile: Sequence[str]) -> Iterator[tuple[str, TestResponse]]:
    """Previews show also what could not be published, and say of each file and link what is wrong with it."""
    lesson = haunting.blocks(list(hostile)).decode(errors="replace")
    pictures = "".join(f"\n![{' '.join(text.split())}](media/{' '.join(text.split())}.svg)\n" for text in hostile)
    questions = "".join(
        f"\n/// question | {' '.join(text.split())}\n    id: q-{number}\n    objective: order-a-warm-up\n\n"
        f"- [x] {' '.join(text.split())}\n    - {' '.join(text.split())}\n- [ ] No\n\n{' '.join(text.split())}\n///\n"
        for number, text in enumerate(hostile)
    )
    front = "---\ntitle: Hostile\nminutes: 5\nactivity_minutes: 5\nobjectives: [time-a-warm-up]\ncompletion: {read: true}\n---\n"
    for address in PREVIEWS if WHOLE else PREVIEWS[:1]:
        for source in (
            front + lesson,
            front + pictures,
            front + questions,
            f"---\ntitle: {hostile[0]}\n{hostile[1]}\n---",
        ):
            world.forgive()
            yield f"preview: {address}", world.browser("author").post_form(address, {"base": "1", "source": source})


def letters_written(world: World) -> Iterator[tuple[str, TestResponse]]:
    with world.app.app_context():
        sender = letters.Sender("Coaching Education <no-reply@example.org>", "http://campus.example.org")
        for notice in db.session.query(Notice).order_by(Notice.id):
            letter = letters.letter_of({"notice_id": notice.id}, key=notice.key, written_at=NOON, sender=sender)
            if letter is not None and letter.html:
                yield f"letter: {notice.kind}", page_of(letter.html)


def rendered(hostile: Sequence[str]) -> Iterator[tuple[str, TestResponse]]:
    """The renderer's own HTML on a page that has no policy and no other protection; in the whole, each alone."""
    pieces = [render(text, scope=f"t{number}").html for number, text in enumerate(hostile)]
    for number, piece in enumerate(pieces if WHOLE else ["<hr>".join(pieces)]):
        yield f"rendered alone: {number}", page_of(f"<!doctype html><body><main>{piece}</main></body>")


def raw_page(text: str) -> TestResponse:
    return page_of(f"<!doctype html><body><main>{text}</main></body>")


def page_of(html: str) -> TestResponse:
    return Client(Response(html.encode(errors="replace"), mimetype="text/html")).get("/")
