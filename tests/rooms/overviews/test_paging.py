"""Lists paged by key: nothing is left out or shown twice, whatever comes and goes meanwhile."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.models import Claim
from lms.foundation.database import db
from lms.overviews.paging import Page, Place, PreparedPages, page_of
from tests.support.claims import queue_of

LIMIT = 4
Names = list[str]


def page(place: Place, *, newest_first: bool = False) -> Page[str]:
    listed = select(Claim.token, Claim.id)
    found = page_of(listed, [Claim.recorded_at, Claim.id], Claim.token, place, newest_first=newest_first)
    return found.of(lambda row: str(row.token))


def walk(*, newest_first: bool) -> list[Page[str]]:
    """Every page from the first to the last."""
    pages = [page(Place(limit=LIMIT), newest_first=newest_first)]
    while pages[-1].next:
        pages.append(page(Place(after=pages[-1].next, limit=LIMIT), newest_first=newest_first))
    return pages


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 9, 13])
def test_walking_on_shows_each_row_once_in_order(app: Flask, count: int, newest_first: bool) -> None:
    claims = queue_of(count)

    shown = [token for one in walk(newest_first=newest_first) for token in one.rows]

    expected = [claim.token for claim in claims]
    assert shown == (expected[::-1] if newest_first else expected)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("count", [5, 8, 9, 13])
def test_walking_back_shows_the_same_pages(app: Flask, count: int, newest_first: bool) -> None:
    queue_of(count)
    onwards = walk(newest_first=newest_first)

    for earlier, later in zip(onwards, onwards[1:], strict=False):  # noqa: RUF007  # pairs of pages, named
        assert later.previous is not None
        back = page(Place(before=later.previous, limit=LIMIT), newest_first=newest_first)
        assert back.rows == earlier.rows
        assert (back.previous is None) == (earlier is onwards[0])
        assert back.next is not None


def test_rows_of_the_same_moment_are_told_apart(app: Flask) -> None:
    claims = queue_of(9)
    for claim in claims:
        claim.recorded_at = claims[0].recorded_at
    db.session.flush()

    shown = [token for one in walk(newest_first=False) for token in one.rows]

    assert sorted(shown) == sorted(claim.token for claim in claims)


def test_a_row_that_went_does_not_break_the_list(app: Flask) -> None:
    queue_of(9)

    assert page(Place(after="gone", limit=LIMIT)).rows == page(Place(limit=LIMIT)).rows


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 9])
def test_a_prepared_list_has_the_same_pages(app: Flask, count: int, newest_first: bool) -> None:
    tokens = [claim.token for claim in queue_of(count)]
    listed = select(Claim.token, Claim.id)
    prepared = PreparedPages(listed, Claim.id, Claim.token, newest_first=newest_first)
    places = [Place(), Place(after="gone", limit=LIMIT), Place(limit=LIMIT)]
    places += [Place(after=token, limit=LIMIT) for token in tokens]
    places += [Place(before=token, limit=LIMIT) for token in tokens]

    for place in places:
        plain = page_of(listed, [Claim.id], Claim.token, place, newest_first=newest_first).of(tuple)
        assert prepared.page(place).of(tuple) == plain
