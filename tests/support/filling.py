"""Filling in a form that was found, with what somebody might truly type."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.cast import PASSWORD
from tests.support.markup import Element
from tests.support.roaming import Found

TYPICAL = {
    "name": "Nia Newman",
    "email": "new.coach@example.org",
    "password": "water jump after the third barrier",
    "current": PASSWORD,
    "valid_from": "2026-01-10",
    "valid_until": "2027-11-30",
    "note": "Seen at the desk.",
    "reason": "The hall is closed.",
    "message": "Clearer words",
    "title": "Class in spring",
    "place": "Hall 3",
    "join_link": "https://meet.example.org/j/1",
    "sequence": "7",
    "answer": "0",
    "code": "7KX2M-4P9QT-D0A1B-C2DEF-3GH4JK",
    "sessions-0-title": "Part 1",
    "sessions-0-day": "2027-03-01",
    "sessions-0-starts": "10:00",
    "sessions-0-ends": "12:00",
}
VALUES_OF_KINDS = {"membership": "4417", "birth_date": "1990-05-17", "evidence": "A card"}
OWN_TEXTS = {"csrf_token", "base", "kind", "subject", "source", "next"}


def filled(found: Found) -> dict[str, list[str]]:
    """Its fields as they stand, the empty ones filled in, the first of each choice chosen, the first button pressed."""
    sent = {name: list(values) for name, values in found.form.fields.items()}
    for name, control in found.typed.items():
        if name in OWN_TEXTS:
            sent[name] = [written(control)]
            if name == "source":
                sent[name] = [written(control).replace("?\n", ", do you think?\n", 1)]  # unchanged, it makes no release
        else:
            sent[name] = [_typical(name, control, sent)]
    sent.pop("csrf_token", None)
    for name, choices in found.form.choices.items():
        if choices and not sent.get(name):
            sent[name] = [choices[0].value]
    for select in found.form.element.all("select"):
        values = [option.get("value") for option in select.all("option") if option.get("value")]
        if values and sent.get(select.get("name")) in (None, [], [""]):
            sent[select.get("name")] = values[:1]
    return sent


def with_text(sent: Mapping[str, list[str]], name: str, text: str) -> dict[str, list[str]]:
    return {**sent, name: [text]}


def _typical(name: str, control: Element, sent: Mapping[str, list[str]]) -> str:
    if name == "value":
        return VALUES_OF_KINDS.get(sent.get("kind", [""])[0], "4417")
    if name.startswith("note-"):
        return "Came late."
    return TYPICAL.get(name) or (sent.get(name) or [control.get("value")])[0]


def written(control: Element) -> str:
    """What stands in a field, line by line: a text area's first line end is none of its own."""
    if control.tag != "textarea":
        return control.get("value")
    return "".join(piece for piece in control.content if isinstance(piece, str)).removeprefix("\n")
