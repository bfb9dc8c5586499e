"""What a result makes of a profile."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from lms.web.assessment.pages.result import MOST_TO_READ_AGAIN, AreaRow, Outcome


def area(title: str, share: str, *, below: bool = True, missed: int = 1) -> AreaRow:
    return AreaRow(title, "", "", Markup(""), f"/learn/modules/{title}" if below else "", Decimal(share), missed)


def outcome(*areas: AreaRow) -> Outcome:
    return Outcome(False, "", "", Markup(""), 80, areas, ())


def test_the_weakest_areas_are_worth_reading_again_the_lowest_first() -> None:
    shares = ["0.7", "0.5", "0.1", "0.6", "0.3", "0.2", "0.4"]

    again = outcome(*(area(share, share) for share in shares), area("fine", "0.9", below=False)).to_read_again

    assert [one.title for one in again] == ["0.1", "0.2", "0.3", "0.4", "0.5"]
    assert len(again) == MOST_TO_READ_AGAIN


def test_of_equal_shares_the_area_in_which_most_was_missed_comes_first() -> None:
    again = outcome(area("one of one", "0"), area("five of five", "0", missed=5)).to_read_again

    assert [one.title for one in again] == ["five of five", "one of one"]


def test_what_is_above_the_mark_is_not_worth_reading_again() -> None:
    assert outcome(area("fine", "0.9", below=False)).to_read_again == ()
