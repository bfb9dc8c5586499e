"""Following every link as every role, and keeping every form on the way: what pages offer, no list can forget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from werkzeug.exceptions import HTTPException

from tests.support.markup import Element, Form, forms_of, read
from tests.support.world import LOOKING, ROLES, World

SITE = "http://localhost"
EACH_DIFFERENT = {"live.show_class"}  # one has seats, one is under way, one is full
ELSEWHERE = {"404", "in"}
TYPED = {"", "text", "email", "password", "search", "url", "tel", "hidden", "number", "date", "time"}


@dataclass(frozen=True)
class Found:
    """A form on a page that a role can open, with one of the addresses it can be sent to, as a path of this site."""

    role: str
    where: str
    target: str
    form: Form

    @property
    def shape(self) -> tuple[str, ...]:
        """What makes two forms the same kind: where they go, and their fields."""
        return (self.form.method, shape_of(self.target), *sorted(self.form.fields))

    @property
    def typed(self) -> dict[str, Element]:
        """The fields whose value somebody can make up, hidden ones too, by name."""
        controls = self.form.element.all("input", "textarea")
        return {
            each.get("name"): each
            for each in controls
            if each.get("name") and (each.tag == "textarea" or each.get("type").lower() in TYPED)
        }

    def __str__(self) -> str:
        return f"{self.form.method} {self.target} by {self.role}"


@dataclass
class Roamed:
    """The status of every page that a role reached, every form, and the names that addresses give their values."""

    pages: dict[tuple[str, str], int] = field(default_factory=dict)
    forms: dict[tuple[str, ...], Found] = field(default_factory=dict)
    queries: dict[str, set[str]] = field(default_factory=dict)

    def sent(self) -> list[Found]:
        """The forms that change something, in the order in which they were found."""
        return [found for found in self.forms.values() if found.form.method == "post"]


def roam(world: World, roles: tuple[str, ...] = ROLES, *, of_each_kind: bool = False) -> Roamed:
    """Open, as each role, every page that the table of routes lets it see, and every page these link to.

    With `of_each_kind` one lesson stands for all lessons, and so on.
    """
    roamed = Roamed()
    for role in roles:
        _roam_as(world, role, roamed, partial(_kind_of, world) if of_each_kind else shape_of)
    return roamed


def _roam_as(world: World, role: str, roamed: Roamed, shape: Callable[[str], str]) -> None:
    waiting, shapes = list(_starts(world, role)), set[str]()
    browser = world.browser(role)
    while waiting:
        address = waiting.pop(0)
        if shape(address) in shapes:
            continue
        shapes.add(shape(address))
        world.forgive()
        answer = browser.get(address, buffered=True)
        roamed.pages[role, address] = answer.status_code
        _note_query(roamed, address)
        if answer.mimetype == "text/html":
            page = read(answer.text)
            _note_forms(roamed, role, address, page)
            links = (path_of(urljoin(SITE + address, link.get("href"))) for link in page.all("a"))
            waiting.extend(link for link in links if link)


def _note_forms(roamed: Roamed, role: str, address: str, page: Element) -> None:
    for form in forms_of(page):
        own = form.action or address
        for target in dict.fromkeys([own, *(button.get("formaction") or own for button in form.buttons)]):
            found = Found(role, address, path_of(urljoin(SITE + address, target)), form)
            roamed.forms.setdefault(found.shape, found)
            if form.method == "get":
                roamed.queries.setdefault(urlsplit(found.target).path, set()).update(form.fields)


def _note_query(roamed: Roamed, address: str) -> None:
    parts = urlsplit(address)
    roamed.queries.setdefault(parts.path, set()).update(name for name, _value in parse_qsl(parts.query))


def _starts(world: World, role: str) -> Iterator[str]:
    for row in LOOKING:
        if row.expected[role] not in ELSEWHERE:
            yield world.address(row, world.everything.things[row.thing])


def path_of(address: str) -> str:
    """Path and query of an address of this site; "" for one elsewhere."""
    parts = urlsplit(urldefrag(address).url)
    if f"{parts.scheme}://{parts.netloc}" != SITE:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _kind_of(world: World, address: str) -> str:
    """The page's endpoint with the names of its query; exams have pages of many kinds, so each is one."""
    path, _, query = shape_of(address).partition("?")
    try:
        endpoint, values = world.app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return path
    if endpoint in EACH_DIFFERENT:
        return path
    return f"{endpoint} {values.get('position', '')}?{query}"


def shape_of(address: str) -> str:
    """An address without the values of its query; the path stays, since each names another thing."""
    path, _, query = address.partition("?")
    return path + "?" + ",".join(sorted(name for name, _value in parse_qsl(query)))
