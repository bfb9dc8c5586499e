"""Figures are read as hostile: an allow-list of elements and attributes, and nothing from elsewhere."""

from __future__ import annotations

import pytest

from lms.content.figures import LARGEST_FIGURE_BYTES, read_figure
from tests.support.trees import MODULE, campus_tree, compiled

PATH = f"{MODULE}/media/three-bars.svg"


def figure(inside: str, *, attributes: str = "") -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"{attributes}>'
        f"{inside}</svg>"
    ).encode()


BAD = {
    "script": (figure("<script>alert(1)</script>"), "figure-element"),
    "script of another namespace": (figure('<script xmlns="http://www.w3.org/1999/xhtml"/>'), "figure-element"),
    "foreignObject": (figure("<foreignObject><p/></foreignObject>"), "figure-element"),
    "style element": (figure("<style>*{fill:red}</style>"), "figure-element"),
    "image": (figure('<image href="#x"/>'), "figure-element"),
    "link": (figure('<a href="#x"><path d=""/></a>'), "figure-element"),
    "animation": (figure('<set attributeName="href" to="javascript:alert(1)"/>'), "figure-element"),
    "style attribute": (figure('<path style="fill:red"/>'), "figure-attribute"),
    "event": (figure('<path onclick="alert(1)"/>'), "figure-attribute"),
    "event on the root": (figure("", attributes=' onload="alert(1)"'), "figure-attribute"),
    "external href": (figure('<use href="https://example.org/x.svg#a"/>'), "figure-attribute"),
    "external href of old": (figure('<use xlink:href="https://example.org/x.svg#a"/>'), "figure-attribute"),
    "script as href": (figure('<use href="javascript:alert(1)"/>'), "figure-attribute"),
    "data as href": (figure('<use href="data:image/svg+xml,x"/>'), "figure-attribute"),
    "external fill": (figure('<path fill="url(https://example.org/x)"/>'), "figure-attribute"),
    "escaped fill": (figure('<path fill="\\75rl(x)"/>'), "figure-attribute"),
    "no viewBox": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "figure-root"),
    "no svg": (b"<html/>", "figure-root"),
    "no XML": (b"<svg", "figure-xml"),
    "a doctype": (b'<!DOCTYPE svg SYSTEM "http://example.org/x.dtd"><svg/>', "figure-root"),
    "an external entity": (b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>', "figure-xml"),
    "a billion laughs": (
        (
            b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
            b"<svg>&c;</svg>"
        ),
        "figure-xml",
    ),
    "a giant": (b" " * (LARGEST_FIGURE_BYTES + 1), "figure-size"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_a_figure_may_not_hold_stops_the_tree(name: str) -> None:
    content, code = BAD[name]

    errors = compiled(campus_tree().with_file(PATH, content)).errors

    assert code in {error.code for error in errors}
    assert {error.path for error in errors} == {PATH}


def test_ids_and_what_refers_to_them_get_a_prefix() -> None:
    inside = '<defs><marker id="tip"/></defs><path id="line" marker-end="url(#tip)"/><use href="#line"/>'

    markup, problems = read_figure(figure(inside), PATH, prefix="t-f0")

    assert problems == ()
    assert markup is not None
    assert 'id="t-f0-tip"' in markup
    assert 'marker-end="url(#t-f0-tip)"' in markup
    assert 'href="#t-f0-line"' in markup


def test_the_alternative_text_becomes_the_name_of_the_figure() -> None:
    lesson = next(d for d in compiled(campus_tree()).documents if d.id == "warm-up-order" and d.kind == "lesson")

    assert 'role="img" aria-label="Three bars that grow from left to right: jog, drills, strides."' in lesson.body
