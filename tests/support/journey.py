"""The ways of a coach through the product, walked by pages and forms alone: what no page offers is not done.

Each step asserts what its walker must see. Whose campus it is only `Names` knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from tests.support.answer_key import AnswerKey
from tests.support.cast import PASSWORD
from tests.support.markup import Element, Form
from tests.support.real_campus import ORIGIN, RealCampus, sign_in, text_of
from tests.support.walking import Page, Walker

BORN = date(1994, 5, 17)
LONGEST_WAY = 200
GO_ON = "Mark as read and go on"
BOOK = "Book this seat"
CLASS_ZONE = ZoneInfo("America/Chicago")
CLASS_DAYS = (date(2026, 12, 12), date(2026, 12, 13))
MEMBER_UNTIL = date(2027, 6, 30)


@dataclass(frozen=True)
class Names:
    """What a campus calls the programs and the exam of these journeys."""

    developmental: str = "developmental-coach"
    level_1: str = "level-1"
    exam: str = "level-1-exam"
    class_stage: str = "event-specific-class"


# ---- joining


def join(campus: RealCampus, name: str, email: str) -> Walker:
    """Sign up, follow the link of the letter, and sign in."""
    walker = Walker(campus.app, name, email, PASSWORD)
    walker.open("/")
    walker.open("/signup")
    walker.press("Sign up", {"name": name, "email": email, "password": PASSWORD})
    campus.work()
    [letter] = campus.letters_to(email)
    walker.open(_link_in(text_of(letter)))
    walker.press("Confirm my address")
    assert "Your address is confirmed." in walker.page.words
    sign_in(walker)
    return walker


def subject(letter: EmailMessage) -> str:
    return str(letter["Subject"])


def _link_in(text: str) -> str:
    [link] = [word.strip("<>.") for word in text.split() if word.startswith(f"{ORIGIN}/verify-address/")]
    return urlsplit(link).path


def tell_birth_date(walker: Walker, born: date = BORN) -> None:
    walker.open("/account/claims/new")
    walker.follow("Date of birth")
    walker.press("Save", {"value": born.isoformat()})
    assert "This counts from now on." in walker.page.words


def claim_membership(walker: Walker, until: date = MEMBER_UNTIL) -> None:
    walker.open("/account/claims/new")
    walker.follow("Membership")
    walker.press("Send", {"value": "40219999", "valid_until": until.isoformat()})
    assert "Being checked by the staff" in walker.page.words


def approve_claim(staff: Walker, name: str) -> None:
    """Decide somebody's claim out of the queue."""
    staff.open("/staff")
    staff.open("/staff/claims")
    staff.follow(name)
    staff.press("Decide and go to the next", {"outcome": "approved"})
    assert f"{name}, Membership: Approved." in staff.page.words


def become_member(campus: RealCampus, walker: Walker) -> None:
    tell_birth_date(walker)
    claim_membership(walker)
    approve_claim(campus.member("staff"), walker.name)


def requirements(page: Page) -> dict[str, str]:
    """What is asked on this page, with the verdict beside it."""
    rows = page.main.all("li", where=lambda one: one.has_class("requirement"))
    asked = {}
    for row in rows:
        words = row.all(where=lambda one: one.has_class("asked"))
        asked[words[0].text()] = row.get("data-verdict")
    return asked


def enrol(walker: Walker, program_id: str) -> Page:
    """Enrol in a program whose every requirement is met."""
    walker.open(f"/programs/{program_id}")
    assert set(requirements(walker.page).values()) <= {"met"}
    walker.press("Enrol")
    assert walker.page.path == f"/learn/{program_id}"
    return walker.page


# ---- studying


def study(walker: Walker, key: AnswerKey, program_id: str, *, at_most: int = LONGEST_WAY) -> int:
    """Do what the track names next, for as long as that is a lesson or a quiz. Returns how many there were."""
    walker.open(f"/learn/{program_id}")
    for done in range(at_most):
        if walker.page.path == f"/learn/{program_id}":
            step = next_step(walker.page)
            if step is None or not step.startswith((f"/learn/{program_id}/", f"/exams/{program_id}/")):
                return done
            walker.open(step)
        if walker.page.offers(GO_ON):
            read_lesson(walker, key)
        elif walker.page.offers("Start the quiz"):
            take_quiz(walker, key)
            walker.open(f"/learn/{program_id}")
        else:
            return done
    assert at_most < LONGEST_WAY, "The way has no end."
    return at_most


def stages(track: Page) -> dict[str, str]:
    """The state of each stage of a track, by its title."""
    sections = track.main.all("section", where=lambda one: one.has_class("stage"))
    return {section.all("h2")[0].text(): section.get("data-state") for section in sections}


def modules_to_pass(page: Page) -> set[str]:
    """Of the modules on a track, those that are not complete."""
    rows = page.main.all("li", where=lambda one: one.has_class("module-row"))
    return {row.all("a", "div")[0].text() for row in rows if not row.all(where=_is_complete)}


def _is_complete(element: Element) -> bool:
    return element.has_class("status") and element.get("data-tone") == "ok"


def next_step(page: Page) -> str | None:
    """Where the one button in the track's infield leads."""
    for box in page.main.all(where=lambda one: one.has_class("lap-box")):
        for link in box.all("a", where=lambda one: one.has_class("button")):
            return link.get("href")
    return None


def read_lesson(walker: Walker, key: AnswerKey) -> None:
    """Answer every check rightly, then mark the lesson as read."""
    address = walker.page.address
    while form := _open_check(walker.page):
        walker.send(form, {**form.fields, "answer": key.values(form)})
        assert "That is right" in walker.page.words
    walker.press(GO_ON)
    assert walker.page.address != address


def _open_check(page: Page) -> Form | None:
    return next((form for form in page.forms if "/checks/" in form.action and form.button("Check")), None)


def take_quiz(walker: Walker, key: AnswerKey) -> None:
    walker.press("Start the quiz")
    answer_items(walker, key)
    hand_in(walker)
    assert "Passed" in walker.page.words
    assert "What comes next" in walker.page.words or "Your certificate is issued" in walker.page.words


# ---- sitting


def answer_items(walker: Walker, key: AnswerKey, *, right: int | None = None, at_most: int | None = None) -> int:
    """Save the answers of the items that come, the first `right` of them rightly. Returns how many."""
    answered = 0
    while "/items/" in walker.page.path and answered != at_most:
        form = walker.page.form("Save and")
        values = key.values(form, right=right is None or answered < right)
        walker.press("Save and", {"answer": values})
        answered += 1
    return answered


def hand_in(walker: Walker, *, unanswered: int = 0) -> None:
    """Submit from the summary, which says first how many items have no answer yet."""
    said = f"{unanswered} of" if unanswered else "Every item is answered"
    assert said in walker.page.words
    walker.press("Submit")
    assert walker.page.path.endswith("/result")


# ---- classes


def announce_class(campus: RealCampus, names: Names, *, capacity: int = 12) -> str:
    """Staff describe a class of two sessions and open it for booking. Returns its address for learners."""
    staff = campus.member("staff")
    staff.open("/staff/classes")
    staff.open("/staff/classes/new")
    form = staff.page.form("Make the draft")
    [instructor] = [one.value for one in form.choices["instructors"] if campus.cast.instructor.name in one.words]
    sessions = {
        name: value
        for number, day in enumerate(CLASS_DAYS)
        for name, value in (
            (f"sessions-{number}-day", day.isoformat()),
            (f"sessions-{number}-starts", "10:00"),
            (f"sessions-{number}-ends", "13:00"),
        )
    }
    staff.press(
        "Make the draft",
        {
            "stage": names.class_stage,
            "title": "Class of the journeys",
            "format": "zoom",
            "join_link": "https://meet.example.org/j/93410077",
            "capacity": str(capacity),
            "zone": CLASS_ZONE.key,
            "instructors": instructor,
            **sessions,
        },
    )
    staff.press("Open for booking")
    assert "The class is open" in staff.page.words
    return staff.page.path.removeprefix("/staff")


def session_starts() -> list[datetime]:
    return [datetime(day.year, day.month, day.day, 10, tzinfo=CLASS_ZONE) for day in CLASS_DAYS]


def is_refused_a_seat(walker: Walker, address: str) -> Page:
    """The class's page offers no seat, and who sends the form all the same is refused with the same words."""
    walker.open(address)
    assert not walker.page.offers(BOOK)
    missing = requirements(walker.page)
    walker.send(_unoffered(walker.page, f"{address}/seat"), _token(walker.page), status=409)
    assert requirements(walker.page) == missing
    return walker.page


def _unoffered(page: Page, action: str) -> Form:
    return replace(page.forms[0], method="post", action=action)


def _token(page: Page) -> dict[str, list[str]]:
    return {"csrf_token": next(form.fields["csrf_token"] for form in page.forms if "csrf_token" in form.fields)}


def attend(campus: RealCampus, walker: Walker, address: str) -> None:
    """Be there: the instructor marks each session while it is under way."""
    for number, starts_at in enumerate(session_starts(), start=1):
        campus.clock.go_to(starts_at - timedelta(minutes=20))
        sign_in_again(walker)
        walker.open(address)
        assert walker.page.link("Join the class") == "https://meet.example.org/j/93410077"
        campus.clock.go_to(starts_at + timedelta(minutes=15))
        mark_present(campus.member("instructor"), walker.name, number)
    campus.clock.go_on(hours=3)


def mark_present(instructor: Walker, name: str, number: int) -> None:
    instructor.open("/teach")
    instructor.follow("Class of the journeys")
    instructor.follow(f"{number} · ")
    assert name in instructor.page.words
    form = instructor.page.form("Save these marks")
    [mark] = [field for field in form.choices if field.startswith("mark-")]
    instructor.press("Save these marks", {mark: "present"})
    assert "1 mark is saved." in instructor.page.words


def sign_in_again(walker: Walker) -> None:
    """Days later, in a new browser."""
    walker.open_browser()
    sign_in(walker)


def open_exam_forms(campus: RealCampus) -> None:
    """One colleague has reviewed the forms, another opens them."""
    staff = campus.member("staff2")
    staff.open("/staff/forms")
    while staff.page.offers("Open form"):
        form = staff.page.form("Open form")
        [reviewer] = form.element.all("option", where=lambda one: one.text() == campus.cast.author.name)
        staff.press("Open form", {"reviewer": reviewer.get("value")})
        assert "is open: new sittings may show it." in staff.page.words


# ---- certificates


def has_certificate(walker: Walker, title: str) -> str:
    """The certificate's page and its PDF say whose it is. Returns the code as people write it."""
    assert walker.page.path.startswith("/certificates/")
    assert "Valid today" in walker.page.title
    assert title in walker.page.words
    [written] = walker.page.main.all("p", where=lambda one: one.has_class("code"))
    code = written.text()
    walker.follow("Certificate (PDF)")
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(walker.page.body)).pages)
    assert walker.name in text
    assert code in text
    return code


def is_verified_by_a_stranger(campus: RealCampus, code: str, name: str) -> None:
    stranger = Walker(campus.app)
    stranger.open("/verify")
    stranger.press("Check the code", {"code": code.lower().replace("-", " ")})
    assert stranger.page.title == "Valid today"
    assert name in stranger.page.words
