"""No text makes a check work without end: steps are counted and patterns are read; time is not asserted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

import lms
from lms.accounts.rules import password_problem, read_email
from lms.credentials.rules import read_code
from lms.interop.csv_tables import text_cell
from lms.overviews.paging import number_named
from lms.requirements.claim_kinds import stated
from lms.web.accounts.devices import device_of
from lms.web.fields import one_line
from lms.web.viewing import safe_next
from tests.support.steps import nests_repeats, patterns_of, steps_of

FEW, MANY = 10_000, 100_000

# Each round of the outer repeat begins with a sign that the inner one can't hold, or ends at a quote
# that was opened: there is one way to read any text, so nothing is tried twice.
READ_IN_ONE_WAY = {
    "lms.cli.content_folders.PLAIN_NAME": "/",
    "lms.content.compiling.lessons.LESSON_FILE": "-",
    "lms.content.markdown.INTERNAL": "-",
    "lms.content.markdown._ANCHOR": '"',
    "lms.content.markdown._IMAGE": '"',
    "lms.content.markdown._ID": "\t",
    "lms.content.markdown._HEADING": '"',
    "lms.content.reading._WORD": "'",
    "lms.content.weighing._BLANK_LINES": "\n",
}
CHECKS: dict[str, Callable[[str], object]] = {
    "an address": read_email,
    "a line": one_line,
    "a password": lambda text: password_problem(text, name=text[:120], email=f"{text[:60]}@example.org"),
    "where to go next": safe_next,
    "a code": read_code,
    "a cell of a table": text_cell,
    "a page of a list": number_named,
    "what a browser calls itself": device_of,
    "a claim of words": lambda text: stated("text", text, None, None, today=date(2026, 11, 23)),
    "a claim of a number": lambda text: stated("number", text, None, date(2027, 1, 1), today=date(2026, 11, 23)),
    "a claim of a day": lambda text: stated("date", text, None, None, today=date(2026, 11, 23)),
    "a claim of years": lambda text: stated("years", text, None, None, today=date(2026, 11, 23)),
}
SHAPES = ["a", "a@", "a.", " a", "'a", "1", "-", "é", "\u0301", "=", ";", "%2f", "/", "@"]


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_the_work_of_a_check_grows_no_faster_than_its_text(check: Callable[[str], object]) -> None:
    for shape in SHAPES:
        few, many = (steps_of(partial(check, shape * (size // len(shape)))) for size in (FEW, MANY))
        assert many < 11 * few + 1_000, shape


def test_every_pattern_that_repeats_within_a_repeat_was_looked_at() -> None:
    kept = dict(patterns_of(lms))

    nested = {pattern.pattern: name for name, pattern in kept.items() if nests_repeats(pattern)}

    assert len(kept) > 50
    assert set(nested) == {kept[name].pattern for name in READ_IN_ONE_WAY}, nested


@pytest.mark.parametrize("name", READ_IN_ONE_WAY)
def test_a_pattern_that_was_looked_at_has_its_rounds_begin_with_their_own_sign(name: str) -> None:
    """Without that sign there is a single round, or none: a long text of letters is read once."""
    pattern = dict(patterns_of(lms))[name]

    assert READ_IN_ONE_WAY[name] in re.sub(r"\\t|\\s", "\t", pattern.pattern.replace("\\n", "\n"))
