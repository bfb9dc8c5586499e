"""The authors' door: the tree, the editor with its preview, publishing, releases."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import services as accounts
from lms.accounts.models import Role
from lms.content import queries as content
from lms.content.models import Release
from lms.foundation.database import db
from lms.usecases import publishing
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.classes import enrol
from tests.support.markup import read
from tests.support.moments import LONG_AGO
from tests.support.statements import statements

LESSON = "/author/lessons/warm-up-order"
BANK = "/author/modules/warming-up/bank"
EXAM_BANK = "/author/exams/judges-exam/bank"
PATH = "modules/basics/warming-up/10-warm-up-order.md"
OTHER_PATH = "modules/basics/warming-up/20-warm-up-time.md"


def source_of(path: str = PATH) -> str:
    data = content.file_of(path)
    assert data is not None
    return data.decode()


def publication(source: str, *, base: int = 1, message: str = "Clearer words") -> dict[str, object]:
    return {"source": source, "base": str(base), "message": message}


def publish_as_operator(path: str, text: str) -> int:
    """Somebody else publishes meanwhile."""
    head = content.current_release_id()
    tree = content.tree_of(head, with_secure=True).with_file(path, text.encode())
    done = publishing.publish(tree, message="Meanwhile", base_id=head, by=None, now=lambda: LONG_AGO)
    assert done.release is not None
    return done.release.id


def release_count() -> int:
    return db.session.scalar(select(func.count()).select_from(Release)) or 0


def typed_in(page: str) -> str:
    """What the page's text area holds, as a browser would read it: the line end after the tag is none of it."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1))


# ---- who may come in


PAGES = ("/author", LESSON, BANK, "/author/releases", "/author/releases/1", "/author/releases?format=csv")


@pytest.mark.parametrize("address", [*PAGES, EXAM_BANK])
def test_a_stranger_is_asked_to_sign_in(client: Browser, address: str) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer.headers["Location"].startswith("/signin")) == (302, True)


@pytest.mark.parametrize("address", PAGES)
def test_learners_and_staff_find_nothing_and_authors_and_instructors_each_page(
    as_learner: Browser, as_staff: Browser, as_author: Browser, as_instructor: Browser, address: str
) -> None:
    answers = [browser.get(address).status_code for browser in (as_learner, as_staff, as_author, as_instructor)]

    assert answers == [404, 404, 200, 200]


def test_certification_items_are_hidden_from_who_teaches(as_instructor: Browser, as_author: Browser) -> None:
    pages = [browser.get(EXAM_BANK) for browser in (as_instructor, as_author)]
    trees = [browser.get("/author").text for browser in (as_instructor, as_author)]

    assert [page.status_code for page in pages] == [404, 200]
    assert "judge-item-1" in pages[1].text
    assert ["Certification items" in tree for tree in trees] == [False, True]


@pytest.mark.parametrize("what", ["preview", "publication"])
def test_certification_items_take_no_post_from_who_teaches(as_instructor: Browser, what: str) -> None:
    answer = as_instructor.post_form(f"{EXAM_BANK}/{what}", publication("nothing"))

    assert (answer.status_code, release_count()) == (404, 1)


@pytest.mark.parametrize("address", [f"{LESSON}/preview", f"{LESSON}/publication", f"{BANK}/publication"])
def test_posts_are_refused_without_the_capability(as_learner: Browser, address: str) -> None:
    assert as_learner.post_form(address, publication("x")).status_code == 404
    assert release_count() == 1


@pytest.mark.parametrize("name", ["no-such-lesson", "a%00b", "..%2F..", "x" * 200])
def test_what_does_not_exist_is_not_found(as_author: Browser, name: str) -> None:
    places = (f"lessons/{name}", f"modules/{name}/bank", f"exams/{name}/bank")

    assert [as_author.get(f"/author/{place}").status_code for place in places] == [404, 404, 404]


def test_a_quiz_has_no_bank_among_the_exams(as_author: Browser) -> None:
    assert as_author.get("/author/exams/warming-up-quiz/bank").status_code == 404


@pytest.mark.parametrize("number", ["0", "99", "4294967296", "99999999999999999999999"])
def test_an_unknown_release_is_not_found(as_author: Browser, number: str) -> None:
    assert as_author.get(f"/author/releases/{number}").status_code == 404


# ---- the tree


def test_the_tree_shows_lessons_with_the_release_of_their_last_change(app: Flask, as_author: Browser) -> None:
    publish_as_operator(PATH, source_of().replace("**easy**", "**easier**"))

    page = read(as_author.get("/author").text)
    rows = {row.all("a")[0].text(): row.text() for row in page.all("tr") if row.all("a")}

    assert rows["The order of a warm-up"].endswith("2")
    assert rows["How long a warm-up lasts" if "How long a warm-up lasts" in rows else title_of_other()].endswith("1")


def title_of_other() -> str:
    found = re.search(r"^title: (.*)$", source_of(OTHER_PATH), re.MULTILINE)
    assert found is not None
    return found.group(1)


def test_the_tree_costs_the_same_whatever_the_number_of_learners(app: Flask, cast: Cast, as_author: Browser) -> None:
    as_author.get("/author")
    with statements(app) as few:
        as_author.get("/author")
    for member in cast.everyone():
        enrol(member.person_id, "starter")
    with statements(app) as many:
        as_author.get("/author")

    assert len(many) == len(few)


# ---- the editor


def test_the_editor_shows_source_preview_and_problems(as_author: Browser) -> None:
    page = as_author.get(LESSON).text

    assert typed_in(page) == source_of()
    for words in ("<strong>easy</strong>", "<svg", "What comes first in a warm-up?", "Easy jogging", "Problems"):
        assert words in page


def test_the_preview_marks_keys_for_authors(as_author: Browser) -> None:
    page = as_author.get(LESSON).text

    assert page.count('word">Right<') == 2
    assert "Muscles are still cold." in page


def test_checking_keeps_what_was_typed_and_stores_nothing(app: Flask, as_author: Browser) -> None:
    typed = source_of().replace("**easy**", "**gentle**") + "\nA line more & <b>some</b> signs.\n"

    with statements(app) as sent:
        answer = as_author.post_form(f"{LESSON}/preview", publication(typed))

    assert answer.status_code == 200
    assert "<strong>gentle</strong>" in answer.text
    assert "A line more &amp; &lt;b&gt;some" in answer.text
    assert "Clearer words" in answer.text
    assert not [line for line in sent if line.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert release_count() == 1


def test_problems_stand_with_line_and_mend(as_author: Browser) -> None:
    typed = source_of().replace("- [x] Easy", "- [ ] Easy") + "\nSee [this](lesson:warm-up-tine).\n"
    line = typed.splitlines().index("See [this](lesson:warm-up-tine).") + 1

    page = as_author.post_form(f"{LESSON}/preview", publication(typed)).text

    assert "No option is marked as right." in page
    assert "warm-up-tine" in page
    assert f'data-line="{line}"' in page
    assert "warm-up-time" in page
    assert "2 errors" in page


@pytest.mark.parametrize(
    "typed", ["", "no front matter", "---\ntitle: [\n---\nText", "---\n" * 50, "/// question | ?\n" * 9]
)
def test_whatever_is_typed_the_page_stands(as_author: Browser, typed: str) -> None:
    answers = [as_author.post_form(f"{address}/preview", publication(typed)) for address in (LESSON, BANK, EXAM_BANK)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "Error" in answers[0].text


def test_hostile_markup_is_harmless_in_the_preview(as_author: Browser) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) <a href="data:text/html,x">y</a>'
    question = "\n/// question | <script>alert(4)</script>?\n    id: q-hostile\n    objective: order-a-warm-up\n\n- [x] <svg onload=alert(5)>\n- [ ] b\n///\n"

    page = as_author.post_form(f"{LESSON}/preview", publication(source_of() + hostile + question)).text
    preview = page.partition('id="preview"')[2].partition('id="problems"')[0]

    assert "<script>alert" not in preview
    assert not re.search(r"<[^>]+\son\w+=", preview)
    assert not re.search(r'href="(?:javascript|data):', preview)


def test_a_null_byte_is_refused_and_the_rest_kept(as_author: Browser) -> None:
    answer = as_author.post_form(f"{LESSON}/publication", publication(source_of() + "\x00 tail"))

    assert answer.status_code == 422
    assert "tail" in answer.text
    assert release_count() == 1


def test_a_bank_is_previewed_with_its_keys(as_author: Browser) -> None:
    page = as_author.get(BANK).text

    assert 'word">Right<' in page or 'word">Key<' in page


# ---- publishing


def test_words_are_published_and_the_author_reads_whom_they_reach(cast: Cast, as_author: Browser) -> None:
    enrol(cast.learner.person_id, "starter")
    typed = source_of().replace("**easy**", "**gentle**")

    answer = as_author.post_form(f"{LESSON}/publication", publication(typed.replace("\n", "\r\n")))
    page = as_author.get(answer.headers["Location"]).text

    assert (answer.status_code, answer.headers["Location"]) == (303, "/author/releases/2")
    assert source_of() == typed
    assert "Words: everyone reads them at once." in page
    assert "1 active enrollment has this module." in page
    release = content.release(2)
    assert (release.message, release.published_by, release.base_id) == ("Clearer words", cast.author.person_id, 1)


def test_a_changed_question_reaches_new_attempts(as_author: Browser) -> None:
    typed = source_of().replace("Long holds", "Long stretches")

    answer = as_author.post_form(f"{LESSON}/publication", publication(typed))

    assert "Questions: new attempts get them" in as_author.get(answer.headers["Location"]).text


def test_an_instructor_may_publish_words(as_instructor: Browser) -> None:
    answer = as_instructor.post_form(
        f"{LESSON}/publication", publication(source_of().replace("**easy**", "**gentle**"))
    )

    assert answer.status_code == 303


def test_certification_items_are_published_by_who_may_see_them(as_author: Browser) -> None:
    path = "exams/judges-exam/bank.md"
    typed = source_of(path).replace("judge-item-1\n", "judge-item-1\n", 1) + "\n"

    answer = as_author.post_form(f"{EXAM_BANK}/publication", publication(typed))

    assert answer.status_code == 303


def test_without_a_message_nothing_is_published_and_the_text_is_kept(as_author: Browser) -> None:
    answer = as_author.post_form(f"{LESSON}/publication", publication(source_of() + "More.\n", message=" "))

    assert answer.status_code == 422
    assert "Say in a line what changed." in answer.text
    assert "More." in typed_in(answer.text)
    assert release_count() == 1


def test_errors_stop_a_publication_and_the_text_is_kept(as_author: Browser) -> None:
    typed = source_of() + "\nSee [this](lesson:nowhere).\n"

    answer = as_author.post_form(f"{LESSON}/publication", publication(typed))

    assert answer.status_code == 422
    assert "Not published" in answer.text
    assert "There is no lesson “nowhere” to link to." in answer.text
    assert typed_in(answer.text) == typed
    assert release_count() == 1


def test_errors_in_certification_items_are_only_counted_for_who_may_not_see_them(
    as_instructor: Browser, as_author: Browser
) -> None:
    path = "modules/basics/warming-up/bank.md"
    twin = re.search(r"id: (judge-item-\d)", source_of("exams/judges-exam/bank.md"))
    assert twin is not None
    first = re.search(r"    id: \S+", source_of(path))
    assert first is not None
    typed = source_of(path).replace(first.group(0), f"    id: {twin.group(1)}", 1)

    told = as_instructor.post_form(f"{BANK}/publication", publication(typed))
    told_all = as_author.post_form(f"{BANK}/publication", publication(typed))

    assert (told.status_code, told_all.status_code) == (422, 422)
    assert "in a file that you may not see" in told.text or "in files that you may not see" in told.text
    assert "exams/judges-exam/bank.md:" not in told.text.partition('id="problems"')[2]
    assert "exams/judges-exam/bank.md:" in told_all.text.partition('id="problems"')[2]


def test_nothing_changed_publishes_nothing(as_author: Browser) -> None:
    answer = as_author.post_form(f"{LESSON}/publication", publication(source_of()))

    assert answer.headers["Location"] == LESSON
    assert "Nothing had changed" in as_author.get(LESSON).text
    assert release_count() == 1


def test_who_is_overtaken_sees_both_texts_and_loses_nothing(as_author: Browser) -> None:
    mine = source_of().replace("**easy**", "**gentle**")
    publish_as_operator(PATH, source_of().replace("**easy**", "**slow**"))

    answer = as_author.post_form(f"{LESSON}/publication", publication(mine))

    assert answer.status_code == 409
    assert "Somebody published meanwhile" in answer.text
    assert "− A warm-up goes from **slow**" in answer.text
    assert "+ A warm-up goes from **gentle**" in answer.text
    assert typed_in(answer.text) == mine
    assert 'name="base" value="2"' in answer.text
    assert "**slow**" in source_of()


def test_who_has_compared_may_publish_on_top(as_author: Browser) -> None:
    mine = source_of().replace("**easy**", "**gentle**")
    publish_as_operator(OTHER_PATH, source_of(OTHER_PATH) + "\nOne sentence more.\n")

    answer = as_author.post_form(f"{LESSON}/publication", publication(mine, base=2))

    assert answer.status_code == 303
    assert "**gentle**" in source_of()
    assert "One sentence more." in source_of(OTHER_PATH)


@pytest.mark.parametrize("base", ["", "-1", "one", "999999999999999999999", "1.5"])
def test_an_odd_base_publishes_nothing(as_author: Browser, base: str) -> None:
    sent = {**publication(source_of() + "More.\n"), "base": base}

    answer = as_author.post_form(f"{LESSON}/publication", sent)

    assert answer.status_code in {409, 422}
    assert "More." in typed_in(answer.text)
    assert release_count() == 1


# ---- releases


def test_releases_are_listed_newest_first_and_exported(app: Flask, as_author: Browser) -> None:
    publish_as_operator(PATH, source_of().replace("**easy**", "**easier**"))

    page = as_author.get("/author/releases").text
    rows = list(csv.reader(io.StringIO(as_author.get("/author/releases?format=csv").data.decode("utf-8-sig"))))

    assert page.index("Meanwhile") < page.index("For the tests")
    assert [row[0] for row in rows] == ["Release", "2", "1"]


def test_releases_are_paged_in_both_directions(app: Flask, as_author: Browser) -> None:
    for number in range(2, 61):
        db.session.add(
            Release(
                id=number, content_hash="x", base_id=number - 1, published_at=LONG_AGO, message=f"Message {number:03}"
            )
        )
    db.session.flush()

    first = as_author.get("/author/releases").text
    second = as_author.get("/author/releases?after=36").text
    back = as_author.get("/author/releases?before=35").text

    assert ("Message 060" in first, "Message 036" in first, "Message 035" in first) == (True, True, False)
    assert ("Message 035" in second, "Message 011" in second, "Message 010" in second) == (True, True, False)
    assert ("Message 060" in back, "Message 036" in back, "Message 035" in back) == (True, True, False)


def test_a_release_says_what_changed_and_hides_certification_items(
    cast: Cast, as_author: Browser, as_instructor: Browser
) -> None:
    pages = [browser.get("/author/releases/1").text for browser in (as_author, as_instructor)]

    assert ["judge-item-1" in page for page in pages] == [True, False]
    assert "that you may not see" in pages[1]


def test_who_loses_the_capability_loses_the_items_with_the_next_request(cast: Cast, as_instructor: Browser) -> None:
    grant = accounts.grant_role(cast.instructor.person_id, Role.AUTHOR, by=None, now=LONG_AGO)
    db.session.flush()
    before = as_instructor.get(EXAM_BANK).status_code
    db.session.add(grant)
    grant.withdrawn_at = LONG_AGO

    assert (before, as_instructor.get(EXAM_BANK).status_code) == (200, 404)
