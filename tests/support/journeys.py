"""Two whole journeys, told in the order in which they happen."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.support import journey
from tests.support.answer_key import AnswerKey, answer_key
from tests.support.journey import Names, requirements
from tests.support.real_campus import RealCampus, sign_in
from tests.support.walking import Walker

COOLDOWN = timedelta(hours=24)
ISSUER_ZONE = ZoneInfo("America/New_York")


def become_developmental_coach(campus: RealCampus, names: Names) -> None:
    """Sign-up to certificate in a program that is only read; then its modules count in the next program."""
    key = answer_key(campus.app)
    walker = journey.join(campus, "Lena Okafor", "lena.okafor@example.org")

    page = walker.open(f"/programs/{names.developmental}")
    assert sorted(requirements(page).values()) == ["unknown", "unmet"]
    assert not page.offers("Enrol")
    journey.tell_birth_date(walker)
    journey.claim_membership(walker)
    assert sorted(requirements(walker.open(f"/programs/{names.developmental}")).values()) == ["met", "unknown"]
    journey.approve_claim(campus.member("staff"), walker.name)

    journey.enrol(walker, names.developmental)
    assert journey.study(walker, key, names.developmental) > 10
    walker.follow("See the certificate")
    code = journey.has_certificate(walker, "Developmental Coach")
    journey.is_verified_by_a_stranger(campus, code, walker.name)

    track = journey.enrol(walker, names.level_1)
    assert journey.stages(track)["Developmental coaching"] == "complete"
    assert journey.stages(track)["Sport science"] == "open"


def become_level_1_coach(campus: RealCampus, names: Names) -> None:
    """Study, class and exam, with everything that can stand in the way."""
    key = answer_key(campus.app)
    class_address = journey.announce_class(campus, names)
    journey.open_exam_forms(campus)
    walker = journey.join(campus, "Noor El-Amin", "noor@example.org")
    journey.become_member(campus, walker)
    journey.enrol(walker, names.level_1)

    study_until_the_class_opens(walker, key, names, class_address)
    book_a_seat_and_attend(campus, walker, names, class_address)
    fail_and_wait(campus, walker, key, names)
    pass_in_two_browsers(campus, walker, key, names)
    code = journey.has_certificate(walker, "Level 1 Track & Field Coach")
    journey.is_verified_by_a_stranger(campus, code, walker.name)


def study_until_the_class_opens(walker: Walker, key: AnswerKey, names: Names, class_address: str) -> None:
    for steps in (0, 5, journey.LONGEST_WAY):
        journey.study(walker, key, names.level_1, at_most=steps)
        to_pass = journey.modules_to_pass(walker.open(f"/learn/{names.level_1}"))
        if to_pass:
            page = journey.is_refused_a_seat(walker, class_address)
            assert requirements(page) == {f"Module “{title}” passed": "unmet" for title in to_pass}
    assert not to_pass
    assert requirements(walker.open(class_address)) == {}
    assert "Everything before this class is done" in walker.page.words


def book_a_seat_and_attend(campus: RealCampus, walker: Walker, names: Names, class_address: str) -> None:
    exam_address = f"/exams/{names.level_1}/{names.exam}"
    walker.open(f"/learn/{names.level_1}")
    assert journey.next_step(walker.page) == f"/classes?stage={names.class_stage}"
    walker.open(f"/classes?stage={names.class_stage}")
    walker.follow("Class of the journeys")
    assert walker.page.path == class_address
    walker.press(journey.BOOK)
    assert "You have a seat." in walker.page.words
    assert not walker.open(exam_address).offers("Start")

    journey.attend(campus, walker, class_address)

    assert walker.open(exam_address).offers("Start the exam")
    campus.work()
    assert any("attend" in journey.subject(letter).lower() for letter in campus.letters_to(walker.email))


def fail_and_wait(campus: RealCampus, walker: Walker, key: AnswerKey, names: Names) -> None:
    """Too few right: the score and a profile, no key, and the moment from which the next try is possible."""
    journey.sign_in_again(walker)
    walker.open(f"/exams/{names.level_1}/{names.exam}")
    walker.press("Start the exam")
    campus.clock.go_on(minutes=90)
    assert journey.answer_items(walker, key, right=9, at_most=12) == 12
    walker.press("Review and submit")
    journey.hand_in(walker, unanswered=28)

    assert "9 of 40" in walker.page.words
    assert "Not passed" in walker.page.words
    assert "Profile by" in walker.page.words
    assert "Your answers" not in walker.page.words
    again = (campus.clock.now() + COOLDOWN).astimezone(ISSUER_ZONE)
    when = f"The next try is possible from {again:%-d %B %Y, %H:%M}."
    assert when in walker.page.words
    walker.open(f"/exams/{names.level_1}/{names.exam}")
    assert when in walker.page.words
    assert not walker.page.offers("Start")
    campus.clock.go_on(hours=COOLDOWN.total_seconds() / 3600)


def pass_in_two_browsers(campus: RealCampus, walker: Walker, key: AnswerKey, names: Names) -> None:
    """Two tabs, a browser that is closed, and one sitting all the same; the certificate is there at once."""
    exam_address = f"/exams/{names.level_1}/{names.exam}"
    tab = Walker(campus.app, walker.name, walker.email, walker.password)
    for each in (walker, tab):
        each.open_browser()
        sign_in(each)
        each.open(exam_address)
    for each in (walker, tab):
        each.press("Start attempt 2")
    assert tab.page.path == walker.page.path
    assert tab.page.main.text() == walker.page.main.text()

    assert journey.answer_items(walker, key, at_most=7) == 7
    journey.sign_in_again(walker)
    walker.open(f"/learn/{names.level_1}")
    walker.open(journey.next_step(walker.page) or "")
    walker.follow("Go on")
    assert walker.page.path.endswith("/items/8")
    assert journey.answer_items(walker, key) == 33
    journey.hand_in(walker)

    assert "40 of 40" in walker.page.words
    walker.follow("Open the certificate")
