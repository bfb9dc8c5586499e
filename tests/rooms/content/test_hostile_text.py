"""What authors, or those who got at their keyboard, may write: nothing of it runs, fetches, or leaves its place."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from bleach._vendor import html5lib  # type: ignore[import-not-found]  # bleach ships the parser without its types
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content import formulas, markdown, sanitising
from lms.content.compiling import Tree
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.pieces import Page
from lms.content.compiling.questions import item_document
from lms.content.converting import Unreadable, convert
from lms.content.figures import ATTRIBUTES as FIGURE_ATTRIBUTES
from lms.content.figures import ELEMENTS as FIGURE_ELEMENTS
from lms.content.markdown import Rendered, is_plain, render
from lms.items import Item, Option
from tests.support.amounts import one_in
from tests.support.trees import compiled, with_text

GENERATED = {"tabindex", "role", "rel"}
ADDRESS = re.compile(r"^(?:https?://|mailto:|#|/(?![/\\]))", re.IGNORECASE)


def elements(markup: str) -> Iterator[Element]:
    """Every element as a browser's parser makes it of a page that holds the markup."""
    page = html5lib.parse(f"<!doctype html><body><main>{markup}</main>", treebuilder="etree")
    for element in page.iter():
        if isinstance(element.tag, str):
            yield element


def assert_harmless(markup: str) -> None:
    for element in elements(markup):
        namespace, _, name = element.tag.rpartition("}")
        if namespace.endswith("MathML"):
            assert name in formulas.ELEMENTS
            assert {attribute.rpartition("}")[2] for attribute in element.attrib} <= formulas.ATTRIBUTES | {"xmlns"}
        elif namespace.endswith("svg"):
            assert name in FIGURE_ELEMENTS
            assert set(element.attrib) <= FIGURE_ATTRIBUTES | {"aria-label"}
        elif name not in {"html", "head", "body", "main"}:
            assert name in sanitising.TAGS - {"img"}, f"{name} in {markup}"
            allowed = set(sanitising.ATTRIBUTES["*"]) | set(sanitising.ATTRIBUTES.get(name, ())) | GENERATED
            assert set(element.attrib) <= allowed, f"{element.attrib} in {markup}"
            assert ADDRESS.match(element.get("href", "#")), f"{element.get('href')} in {markup}"


def payloads() -> list[tuple[str, str]]:
    folder = Path(__file__).parents[3].parent / "shared" / "corpora"
    file = Path(os.environ.get("LMS_CORPORA", folder)) / "xss_live_half.json"
    if not file.is_file():
        return []
    return [(entry["id"], entry["payload"]) for entry in json.loads(file.read_text(encoding="utf-8"))]


PAYLOADS = payloads()


@pytest.mark.skipif(not PAYLOADS, reason="LMS_CORPORA is not set")
def test_no_known_attack_gets_through_as_a_text_or_in_one() -> None:
    around = ("{}", "Words {} words, `{}`.\n\n| A |\n|---|\n| {} |", "[{}](lesson:x) ![{}](media/x.svg)", "$$\n{}\n$$")

    for _name, payload in PAYLOADS[:: one_in(8)]:
        for frame in around:
            assert_harmless(render(frame.replace("{}", payload)).html)


@pytest.mark.skipif(not PAYLOADS, reason="LMS_CORPORA is not set")
def test_no_known_attack_gets_through_in_any_piece_of_a_question() -> None:
    page = Page(Compilation(Tree({})), "bank.md", "", 1)

    for name, payload in PAYLOADS[:: one_in(3)]:
        option = Option("o1", payload, feedback=payload, right=True)
        item = Item(name, "single", "objective", stem=payload, options=(option,), explanation=payload)
        html = item_document(page, item, secure=False).compiled["html"]
        pieces = (html["stem"], html["options"]["o1"], html["feedback"]["o1"], html["explanation"])
        assert_harmless("".join(f"<div>{piece}</div>" for piece in pieces))


@pytest.mark.skipif(not PAYLOADS, reason="LMS_CORPORA is not set")
def test_both_cleaners_agree_that_what_is_left_is_clean() -> None:
    for _name, payload in PAYLOADS:
        once = sanitising.sanitise(convert(payload))

        assert sanitising.sanitise(once) == once


@given(st.text(alphabet=st.sampled_from("<>\"'=/ \n\\`*_[]()!$&#:;|-{}.0xaonjclkimgsvhref"), max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_heap_of_signs_gets_through(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert_harmless(render(text).html)


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{color:red}{x}",
        r"\class{x}{y}",
        r"\text{</math><script>alert(1)</script>}",
        r"\unicode{x3c}script",
        r"\color{red\"onload=alert(1)}{x}",
        "{" * 5_000,
        r"\frac" * 3_000,
    ],
)
def test_formulas_hold_no_markup(latex: str) -> None:
    assert_harmless(render(f"${latex}$").html)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript:1/alert",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "tel:112",
        "x:80",
        "//example.org",
        "/\\example.org",
        "\\\\example.org",
        "https:/\\example.org x",
        "blob:https://x",
        "file:///etc/passwd",
        "lesson:../../x",
        "lesson:x?y",
    ],
)
@pytest.mark.parametrize("written", ["[x]({})", "<{}>", '<a href="{}">x</a>', "<a href={}>x</a>", "[x][y]\n\n[y]: {}"])
def test_no_link_leads_where_it_may_not(address: str, written: str) -> None:
    rendered = render(written.format(address))

    assert_harmless(rendered.html)
    assert not re.search(r'href="(?!https:/\\)', rendered.html) or "example.org x" in address


def test_a_link_that_is_taken_away_is_told() -> None:
    assert render("[x](javascript:alert(1)) and [y](ftp://example.org)").refused == (
        "javascript:alert(1)",
        "ftp://example.org",
    )
    assert render("<a href=javascript:alert(1)>x</a>").refused == ("<a>",)


def test_ids_of_authors_meet_no_id_of_the_page() -> None:
    text = '# A {#main}\n\n## B {#nav}\n\n<p id="csrf_token">x</p>\n\n[b](#nav)\n\nA[^1].\n\n[^1]: Source.'
    html = render(text).html

    assert set(re.findall(r'id="([^"]*)"', html)) == {"t-nav", "t-csrf_token", "t-fn:1", "t-fnref:1"}
    assert set(re.findall(r'href="#([^"]*)"', html)) == {"t-nav", "t-fn:1", "t-fnref:1"}


def test_two_pieces_of_one_page_share_no_id() -> None:
    ids = [re.findall(r'id="([^"]*)"', render("A[^1].\n\n[^1]: S.", scope=scope).html) for scope in ("t", "q-stem")]

    assert not set(ids[0]) & set(ids[1])


@given(st.text(max_size=60) | st.from_regex(markdown.PLAIN, fullmatch=True))
@settings(max_examples=80, deadline=None)
def test_plain_pieces_take_a_short_way_to_the_same_end(text: str) -> None:
    if not is_plain(text):
        return
    short, long = render(text), markdown._Piece(lambda _source: None, "t").render(text)

    assert short == long


@pytest.mark.parametrize(
    "text", ["10. Ten", "3. ", "a", "100 m", "1.5 m", "x: y", "Term", "a - b", "a = b", "no+", "é–ü"]
)
def test_short_pieces_that_look_like_markdown_end_the_same(text: str) -> None:
    assert render(text).html == markdown._Piece(lambda _source: None, "t").render(text).html


def test_a_check_mark_that_an_author_writes_is_no_check() -> None:
    document = next(
        document
        for document in compiled(with_text("x <!--check--> y `<!--check-->` $<!--check-->$")).documents
        if document.id == "warm-up-time"
    )

    assert "<!--check-->" not in document.body


def test_what_the_page_asks_of_a_figure_is_kept() -> None:
    rendered: Rendered = render(
        '![5 > 3 "quoted" & more](media/a.svg)', figures=lambda _source: '<svg aria-label="{alt}"></svg>'
    )

    assert rendered.images == (("media/a.svg", '5 > 3 "quoted" & more'),)
    assert 'aria-label="5 &gt; 3 &quot;quoted&quot; &amp; more"' in rendered.html
