"""What people type is never read as code: not by templates, not by translated texts, not by mails or documents."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flask import Flask
from flask_babel import lazy_gettext
from markupsafe import escape
from sqlalchemy import select

from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.foundation.settings import ROOT
from lms.interop.wording import say
from lms.notices import letters, services
from lms.notices.models import Notice
from tests.support.browser import Browser
from tests.support.cast import ZONE, Cast
from tests.support.classes import announce
from tests.support.moments import NOON

CODE = [
    "{{7*7}}",
    "{{ 7*'7' }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{% print(7*7) %}",
    "{7*7}",
    "{0.__class__}",
    "{name.__class__.__mro__}",
    "%(name)s%(7)d",
    "%s%n%d",
    "{{config.SECRET_KEY}}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
]
LAZY = {"lazy_gettext", "lazy_ngettext", "lazy_pgettext"}


@cache
def sources() -> dict[Path, ast.AST]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "lms").rglob("*.py")}


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def lazy_names(tree: ast.AST) -> set[str]:
    """What a file calls the functions whose texts wait to be translated."""
    imported = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "flask_babel")
    return {one.asname or one.name for node in imported for one in node.names if one.name in LAZY}


def test_no_text_that_waits_for_its_reader_holds_what_people_typed() -> None:
    """Templates take such a text for finished HTML, so that a name in it would not be escaped."""
    found = []
    for path, tree in sources().items():
        found += [
            f"{path}:{call.lineno}" for call in calls(tree, lazy_names(tree)) if call.keywords or len(call.args) > 1
        ]

    assert found == []


def test_nobody_makes_markup_of_words_put_together() -> None:
    """`Markup(f"…")` and `Markup(a + b)` would take what was typed as it stands; `.format` escapes it.

    Drawings are made of thousands of elements, so the one function that makes them escapes each value itself; that
    it does is a test of its own (tests/rules/drawing).
    """
    found = []
    for path, tree in sources().items():
        if path == ROOT / "lms" / "web" / "drawing" / "svg.py":
            continue
        made = calls(tree, {"Markup"})
        joined = (call for call in made if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp))
        found += [f"{path}:{call.lineno}" for call in joined]

    assert found == []


def test_no_template_is_made_of_a_string() -> None:
    found = []
    for path, tree in sources().items():
        named = {"render_template_string", "from_string", "eval", "exec", "compile", "__import__"}
        methods = (
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        )
        found += [f"{path}:{call.lineno}" for call in calls(tree, named)]
        found += [f"{path}:{call.lineno}" for call in methods if call.func.attr in named - {"compile"}]  # type: ignore[attr-defined]  # asked above

    assert found == []


def test_a_lazy_text_is_taken_for_html_which_is_why_none_may_hold_a_name(app: Flask) -> None:
    """Should the library mend this, the test above is no longer needed."""
    with app.test_request_context():
        said = lazy_gettext("Note on %(name)s", name="<b>")

        assert app.jinja_env.from_string("{{ said }}").render(said=said) == "Note on <b>"


def test_code_in_names_is_shown_as_it_was_typed(as_staff: Browser, cast: Cast) -> None:
    for code in CODE:
        accounts.create_person(code, zone=ZONE, now=NOON)
        announce(cast.instructor, title=code)

    people, classes = as_staff.get("/staff/people").text, as_staff.get("/classes").text

    assert [code for code in CODE if str(escape(code)) not in people or str(escape(code)) not in classes] == []


def test_code_in_a_message_reaches_a_letter_as_it_was_typed(app: Flask, cast: Cast) -> None:
    person = db.session.get_one(Person, cast.learner.person_id)
    sender = letters.Sender("Baton <no-reply@example.org>", "http://campus.example.org")

    for code in CODE:
        person.name = code
        services.tell(person.id, code, "claim_decided", Message("Because: {note}", {"note": code}), path="/", now=NOON)
        db.session.flush()
        notice = db.session.scalars(select(Notice.id).order_by(Notice.id.desc())).first()
        letter = letters.letter_of({"notice_id": notice}, key=code, written_at=NOON, sender=sender)
        assert letter is not None
        assert f"Because: {code}" in letter.text
        assert str(escape(code)) in (letter.html or "")
        assert letter.to_name == code


def test_a_message_says_its_values_and_does_nothing_with_them(app: Flask) -> None:
    with app.test_request_context():
        said = [say(Message("{said}", {"said": Message("{note}", {"note": code})})) for code in CODE]

    assert said == CODE
