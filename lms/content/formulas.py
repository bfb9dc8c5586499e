"""LaTeX into MathML, once, at publish: what comes out is parsed again and let through by an allow-list."""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from latex2mathml.converter import convert as latex_to_mathml

LONGEST_FORMULA = 2_000
MATH = "http://www.w3.org/1998/Math/MathML"
ELEMENTS = frozenset(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle "
    "mpadded mphantom".split()
)
ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence form separator lspace rspace width height depth accent accentunder columnalign "
    "linethickness displaystyle scriptlevel minsize maxsize movablelimits symmetric largeop".split()
)


class MathRefused(ValueError):
    """LaTeX that does not become plain MathML."""


@lru_cache(maxsize=1_024)
def mathml(latex: str, display: str) -> str:
    """LaTeX as MathML of known elements and attributes only. Raises MathRefused for anything else.

    The converter lets markup in `\\text{…}` through as it stands; here it is refused.
    """
    if len(latex) > LONGEST_FORMULA:
        raise MathRefused(latex[:40])
    try:
        root: ElementTree.Element = fromstring(latex_to_mathml(latex, display=display))
    except Exception as error:  # the converter raises its own and built-in errors alike
        raise MathRefused(latex[:40]) from error
    for element in root.iter():
        _make_plain(element)
    root.set("xmlns", MATH)
    return ElementTree.tostring(root, encoding="unicode")


def _make_plain(element: ElementTree.Element) -> None:
    """Take the namespace off, and refuse what is not on the lists."""
    element.tag = str(element.tag).removeprefix(f"{{{MATH}}}")
    if element.tag not in ELEMENTS or not element.attrib.keys() <= ATTRIBUTES:
        raise MathRefused(element.tag)
