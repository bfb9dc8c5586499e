"""The one function that makes a drawing's elements escapes whatever it is given."""

from __future__ import annotations

import pytest

from lms.web.drawing import svg

HOSTILE = "\"'><script>alert(1)</script>&"
ESCAPED = "&#34;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"


def test_a_value_of_an_attribute_is_escaped() -> None:
    assert svg.tag("g", class_=HOSTILE) == f'<g class="{ESCAPED}"/>'


def test_what_stands_inside_is_escaped() -> None:
    assert svg.tag("text", HOSTILE, x=1.0) == f'<text x="1">{ESCAPED}</text>'


def test_an_element_inside_stays_one() -> None:
    assert svg.tag("g", svg.tag("path", d="M0 0")) == '<g><path d="M0 0"/></g>'


@pytest.mark.parametrize("value", [0, 0.0, False])
def test_only_none_leaves_an_attribute_out(value: object) -> None:
    assert svg.tag("g", x=value) != svg.tag("g", x=None) == "<g/>"
