"""The result of an attempt, as far as its review policy opens it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import url_for
from markupsafe import Markup

from lms.accounts.queries import ids_of
from lms.assessment import queries
from lms.assessment.models import AttemptStatus, Score
from lms.assessment.queries import Place, Sitting, TakenAttempt
from lms.assessment.rules.review import Element, may_show
from lms.credentials.models import Certificate
from lms.credentials.queries import own_certificates
from lms.interop.words import gettext as _
from lms.items import score as score_item
from lms.items.choosing import chosen_options
from lms.items.entering import entered_text
from lms.usecases import starting
from lms.usecases.starting import Prospect
from lms.web.assessment.pages.exam import left_words, outcome_words, reasons
from lms.web.assessment.pages.words import exam_title, ordinal, points, time_taken
from lms.web.drawing.straights import bar, score_strip
from lms.web.wording import percent

MOST_TO_READ_AGAIN = 5


@dataclass(frozen=True)
class AreaRow:
    """One line of the profile; `again_url` leads to the module where the share is below the mark."""

    title: str
    right: str
    share: str
    bar: Markup
    again_url: str
    exact: Decimal
    missed: int


@dataclass(frozen=True)
class ReviewedItem:
    """One item of a quiz afterwards: the answer given, whether it was right, and what the author says to it."""

    position: int
    stem: Markup
    answers: tuple[Markup, ...]
    right: bool
    feedback: tuple[Markup, ...]
    explanation: Markup


@dataclass(frozen=True)
class Outcome:
    """The released part: points, strip, profile."""

    passed: bool
    points: str
    share: str
    strip: Markup
    pass_mark: int
    areas: tuple[AreaRow, ...]
    objectives: tuple[AreaRow, ...]

    @property
    def to_read_again(self) -> tuple[AreaRow, ...]:
        """The weakest areas below the mark, the lowest share first; of equal shares, where most was missed."""
        below = [area for area in self.areas if area.again_url]
        return tuple(sorted(below, key=lambda area: (area.exact, -area.missed))[:MOST_TO_READ_AGAIN])


@dataclass(frozen=True)
class NextStep:
    """What the rules allow after it, and when."""

    may_start: bool
    reasons: tuple[str, ...]
    left: str
    opens_at: datetime | None
    url: str


@dataclass(frozen=True)
class ResultPage:
    """`outcome` is None until it is released; `items` is empty where the policy keeps them closed."""

    title: str
    program_id: str
    program_title: str
    is_quiz: bool
    state: str
    word: str
    voided: bool
    by_expiry: bool
    closed_at: datetime
    took: str
    ordinal: str
    answered: str
    outcome: Outcome | None
    items: tuple[ReviewedItem, ...]
    certificate: Certificate | None
    next: NextStep | None


def result_page(sat: Sitting, *, now: datetime) -> ResultPage:
    attempt = sat.attempt
    taken = TakenAttempt(attempt, queries.score_of(attempt.id))
    before = starting.prospect_after(attempt, now=now)
    state, word = outcome_words(taken)
    outcome = outcome_of(sat, taken)
    shows_items = taken.released and may_show(sat.exam.preset, Element.OWN_ANSWERS, released=taken.released)
    return ResultPage(
        title=exam_title(sat.exam),
        program_id=before.program.id,
        program_title=before.program.title,
        is_quiz=sat.exam.kind == "quiz",
        state=state,
        word=word,
        voided=attempt.status is AttemptStatus.VOIDED,
        by_expiry=attempt.closed_by == "expiry",
        closed_at=taken.ended_at,
        took=time_taken(taken.ended_at - attempt.started_at, sat.exam.minutes),
        ordinal=ordinal(attempt.number),
        answered=_("%(answered)s of %(size)s answered", answered=sat.answered, size=sat.size),
        outcome=outcome,
        items=tuple(reviewed(place, sat.exam.preset) for place in sat.places) if shows_items else (),
        certificate=certificate_of(before) if outcome is not None and outcome.passed else None,
        next=next_step(before) if outcome is not None and not outcome.passed else None,
    )


def outcome_of(sat: Sitting, taken: TakenAttempt) -> Outcome | None:
    score = taken.score
    if score is None or not may_show(sat.exam.preset, Element.SCORE, released=taken.released):
        return None
    mark = sat.exam.cut(sat.attempt.form)
    profile = score.profile if may_show(sat.exam.preset, Element.PROFILE, released=taken.released) else []
    shows_objectives = may_show(sat.exam.preset, Element.OBJECTIVES, released=taken.released)
    objectives = [one for area in profile for one in area["objectives"]] if shows_objectives else []
    return Outcome(
        passed=score.passed,
        points=points(score.raw, score.maximum),
        share=percent(score.scaled),
        strip=strip_of(score, mark),
        pass_mark=mark,
        areas=tuple(area_row(area, mark, module_id=area["area"]) for area in profile),
        objectives=tuple(area_row(one, mark, module_id="") for one in objectives),
    )


def strip_of(score: Score, mark: int) -> Markup:
    reached = int(score.scaled * 100)
    title = _("Your score, %(score)s %%, beside the pass mark of %(mark)s %%.", score=reached, mark=mark)
    you, pass_words = _("You, %(score)s", score=reached), _("%(mark)s pass mark", mark=mark)
    return score_strip(float(score.scaled * 100), mark, you=you, pass_words=pass_words, title=title)


def area_row(area: dict[str, int | str], mark: int, *, module_id: str) -> AreaRow:
    right, asked = int(area["right"]), int(area["asked"])
    share = Decimal(right) / asked
    below = right * 100 < mark * asked
    return AreaRow(
        str(area["title"]),
        _("%(raw)s of %(maximum)s", raw=right, maximum=asked),
        percent(share),
        bar(float(share), mark / 100),
        url_for("learning.find_module", module_id=module_id) if below and module_id else "",
        share,
        asked - right,
    )


def reviewed(place: Place, preset: str) -> ReviewedItem:
    """Only for a released attempt. What the policy keeps closed stays empty."""
    item, chosen = place.document.item, chosen_options(place.response)
    explains = may_show(preset, Element.EXPLANATION, released=True)
    feedback = place.document.feedback_html if explains else {}
    said = [Markup(place.document.option_html[one]) for one in place.order if one in chosen]  # noqa: S704  # sanitised when published
    typed = entered_text(place.response).strip()
    return ReviewedItem(
        place.position,
        Markup(place.document.stem_html),  # noqa: S704  # sanitised when it was published
        tuple(said) or ((Markup("{}").format(typed),) if typed else ()),
        may_show(preset, Element.CORRECTNESS, released=True) and score_item(item, place.response).full,
        tuple(Markup(feedback[one]) for one in place.order if one in chosen and one in feedback),  # noqa: S704  # sanitised when it was published
        Markup(place.document.explanation_html) if explains else Markup(""),  # noqa: S704  # sanitised when it was published
    )


def certificate_of(before: Prospect) -> Certificate | None:
    """The certificate of this enrollment, once it is issued."""
    found = own_certificates(ids_of(before.enrollment.person_id))
    mine = (one.certificate for one in found if one.certificate.enrollment_id == before.enrollment.id)
    return next(mine, None)


def next_step(before: Prospect) -> NextStep:
    return NextStep(
        before.may_start,
        reasons(before),
        left_words(before),
        before.attempts.opens_at,
        url_for("assessment.show_exam", program_id=before.program.id, exam_id=before.exam.id),
    )
