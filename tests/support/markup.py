"""A page's HTML as a small tree, and the forms on it as a browser would send them. The standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
SILENT = frozenset({"script", "style", "template"})
Test = Callable[["Element"], bool]


@dataclass
class Element:
    """One element with what is in it, in order."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has_class(self, name: str) -> bool:
        return name in self.get("class").split()

    def walk(self) -> Iterator[Element]:
        """All elements in it, itself first, in the order of the page."""
        yield self
        for piece in self.content:
            if isinstance(piece, Element):
                yield from piece.walk()

    def all(self, *tags: str, where: Test = lambda _element: True) -> list[Element]:
        return [each for each in self.walk() if (not tags or each.tag in tags) and where(each)]

    def text(self, without: Test = lambda _element: False) -> str:
        """What is read in it, with single spaces."""
        return " ".join("".join(self._words(without)).split())

    def _words(self, without: Test) -> Iterator[str]:
        if self.tag in SILENT or without(self):
            return
        for piece in self.content:
            if isinstance(piece, str):
                yield piece
            else:
                yield from piece._words(without)
        yield "" if self.tag in {"b", "i", "em", "strong", "sub", "sup", "span", "a", "bdi", "small"} else " "


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].content.append(element)
        if tag not in EMPTY:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].content.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].content.append(data)


def read(html: str) -> Element:
    """The page as a tree; its root has no tag."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def words_of(html: str) -> str:
    """The words of a piece of HTML."""
    return read(html).text()


@dataclass(frozen=True)
class Choice:
    """One box or round button with the words beside it."""

    value: str
    words: str


@dataclass
class Form:
    """A form: where it goes, its fields as they stand, and what may be ticked in it."""

    method: str
    action: str
    fields: dict[str, list[str]]
    buttons: list[Element]
    choices: dict[str, list[Choice]]
    element: Element

    def button(self, words: str) -> Element | None:
        """The button whose words begin so."""
        return next((each for each in self.buttons if each.text().startswith(words)), None)


def forms_of(page: Element) -> list[Form]:
    by_id = {each.get("id"): each for each in page.all("form") if each.get("id")}
    outside: dict[str, list[Element]] = {name: [] for name in by_id}
    for each in page.all("button", "input", "select", "textarea", where=lambda one: one.get("form") in by_id):
        outside[each.get("form")].append(each)
    return [_form(element, outside.get(element.get("id"), [])) for element in page.all("form")]


def _form(element: Element, outside: list[Element]) -> Form:
    form = Form(element.get("method").lower() or "get", element.get("action"), {}, [], {}, element)
    for control in [*element.all("button", "input", "select", "textarea"), *outside]:
        if "disabled" not in control.attributes:
            _add(form, control)
    for label in element.all("label"):
        for box in label.all("input", where=lambda one: one.get("type") in {"radio", "checkbox"}):
            choices = form.choices.setdefault(box.get("name"), [])
            choices.append(Choice(box.get("value") or "on", _words_beside(label)))
    return form


def _words_beside(label: Element) -> str:
    words = label.all(where=lambda one: one.has_class("words"))
    return (words[0] if words else label).text(without=lambda one: one.has_class("feedback"))


def _add(form: Form, control: Element) -> None:
    name, kind = control.get("name"), control.get("type")
    if control.tag == "button" or kind == "submit":
        if kind != "button":
            form.buttons.append(control)
    elif not name:
        return
    elif kind in {"radio", "checkbox"}:
        if "checked" in control.attributes:
            form.fields.setdefault(name, []).append(control.get("value") or "on")
    elif control.tag == "select":
        form.fields[name] = _selected(control)
    else:
        value = control.text() if control.tag == "textarea" else control.get("value")
        form.fields.setdefault(name, []).append(value)


def _selected(select: Element) -> list[str]:
    options = select.all("option")
    chosen = [each for each in options if "selected" in each.attributes]
    if not chosen and "multiple" not in select.attributes:
        chosen = options[:1]
    return [each.get("value") if "value" in each.attributes else each.text() for each in chosen]
