"""SVG figures: read as hostile, let through by an allow-list, inlined so that they follow the page's colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from lms.foundation.messages import Message
from lms.foundation.problems import Problem

LARGEST_FIGURE_BYTES = 60_000
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset(
    "svg g path circle ellipse line rect polyline polygon text tspan title desc defs marker clipPath pattern use".split()
)
ATTRIBUTES = frozenset(
    "viewBox d cx cy r rx ry x y x1 y1 x2 y2 dx dy width height points transform class id fill stroke stroke-width stroke-dasharray "
    "stroke-linecap stroke-linejoin stroke-opacity fill-opacity opacity fill-rule clip-rule font-size font-weight font-style "
    "text-anchor dominant-baseline letter-spacing rotate textLength lengthAdjust markerWidth markerHeight refX refY orient "
    "markerUnits marker-start marker-mid marker-end clip-path patternUnits patternTransform patternContentUnits href "
    "preserveAspectRatio vector-effect paint-order role aria-hidden baseline-shift".split()
)
LOCAL = re.compile(r"^(?:url\(#[\w-]+\)|#[\w-]+)$")
OUTSIDE = re.compile(r"url\(|javascript:|data:|//|expression|@import|\\", re.IGNORECASE)


def read_figure(markup: bytes, path: str, *, prefix: str) -> tuple[str | None, tuple[Problem, ...]]:
    """The figure as markup for a page, with `{alt}` where its alternative text goes, and what is wrong with it.

    Ids get `prefix`, so that two figures on one page don't meet.
    """
    if len(markup) > LARGEST_FIGURE_BYTES:
        size = Message("A figure may be {n} bytes; this one is larger.", {"n": LARGEST_FIGURE_BYTES})
        return None, (Problem("figure-size", size, path),)
    try:
        root = fromstring(markup)
    except (ElementTree.ParseError, ValueError) as error:
        return None, (Problem("figure-xml", Message("This is no well-formed SVG: {why}", {"why": str(error)}), path),)
    problems = tuple(_problems(root, path))
    if problems:
        return None, problems
    _prefix_ids(root, prefix)
    return _written(root), ()


def _problems(root: ElementTree.Element, path: str) -> list[Problem]:
    found = []
    if root.tag != f"{SVG}svg" or not root.get("viewBox"):
        found.append(Problem("figure-root", Message("A figure is an svg element with a viewBox."), path))
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.removeprefix(SVG)
        if name not in ELEMENTS:
            found.append(
                Problem("figure-element", Message("“{name}” may not stand in a figure.", {"name": name}), path)
            )
        found.extend(_attribute_problems(element, path))
    return found


def _attribute_problems(element: ElementTree.Element, path: str) -> list[Problem]:
    found = []
    for name, value in element.attrib.items():
        bare = name.rsplit("}", 1)[-1]
        harmless = (
            LOCAL.match(value.strip()) if bare == "href" else LOCAL.match(value.strip()) or not OUTSIDE.search(value)
        )
        if bare not in ATTRIBUTES or not harmless:
            said = Message(
                "The attribute {name}=“{value}” may not stand in a figure.", {"name": bare, "value": value[:60]}
            )
            found.append(Problem("figure-attribute", said, path))
    return found


def _prefix_ids(root: ElementTree.Element, prefix: str) -> None:
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id":
                element.set(name, f"{prefix}-{value}")
            elif (local := re.match(r"^(url\()?#([\w-]+)(\))?$", value)) and local.group(2) in ids:
                element.set(name, f"{local.group(1) or ''}#{prefix}-{local.group(2)}{local.group(3) or ''}")


def _written(root: ElementTree.Element) -> str:
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.removeprefix(SVG)
        for name in [name for name in element.attrib if "}" in name]:
            element.set(name.rsplit("}", 1)[-1], element.attrib.pop(name))
    for name in ("width", "height", "role", "class"):
        root.attrib.pop(name, None)
    root.set("class", "figure")
    root.set("role", "img")
    root.set("aria-label", "\ue043")
    return ElementTree.tostring(root, encoding="unicode").replace("\ue043", "{alt}")
