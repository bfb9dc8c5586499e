"""The queue of claims, one claim, and the decision on it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, IntegerField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know it yet
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from lms.accounts.models import ClaimDecided, ClaimStatus
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import db
from lms.interop.csv_tables import Cell
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.overviews import claims as overview
from lms.overviews.claims import ClaimCase, QueuedClaim, Said
from lms.requirements.claim_kinds import LONGEST_VALIDITY_YEARS, latest_end
from lms.usecases import claiming
from lms.web.fields import DayField, plain_signs
from lms.web.lists import asked_place, chosen, csv_answer, pages_around, wants_csv
from lms.web.staff.views.door import bp
from lms.web.staff.views.queues import desk
from lms.web.viewing import signed_in
from lms.web.wording import day, label

LONGEST_NOTE = 2000
MOST_DECISIONS = 1000
DUE_AFTER = timedelta(days=7)
DECIDABLE = (ClaimStatus.APPROVED, ClaimStatus.NEEDS_MORE, ClaimStatus.REJECTED)


class DecisionForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """A decision, the first or another. A birthday is its own day: its form has no days to correct.

    `instead_of` is the number of the decision that the page showed, where this one takes its place.
    """

    outcome = RadioField(
        lazy_gettext("Decision"),
        [InputRequired(lazy_gettext("Choose what you decide."))],
        choices=[SelectChoice(status.value) for status in DECIDABLE],
    )
    note = TextAreaField(
        lazy_gettext("Note to the coach"),
        [Length(max=LONGEST_NOTE), plain_signs],
        description=lazy_gettext("Needed when you ask for more or reject: it is mailed as it stands."),
    )
    valid_from = DayField(lazy_gettext("Counts from"), [Optional()])
    valid_until = DayField(lazy_gettext("Valid until"), [Optional()])
    instead_of = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(1, MOST_DECISIONS)])

    def validate_note(self, field: Field) -> None:
        if self.instead_of.data and not (field.data or "").strip():
            raise ValidationError(_("Say why it is decided again: the person reads it."))
        if self.outcome.data in {ClaimStatus.NEEDS_MORE, ClaimStatus.REJECTED} and not (field.data or "").strip():
            raise ValidationError(_("Say why, so that the person knows what to do."))

    def validate_valid_until(self, field: Field) -> None:
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(_("The last day can't come before the first."))
        if field.data and field.data > latest_end(content.today(clock.now())):
            raise ValidationError(_("Enter a day within %(n)s years.", n=LONGEST_VALIDITY_YEARS))


@bp.get("/staff/claims")
def list_claims() -> ResponseReturnValue:
    reader, kind = signed_in(), chosen("kind")
    page = overview.claim_queue(reader, kind=kind, place=asked_place())
    if wants_csv():
        header = [_("Person"), _("Claim"), _("Says"), _("Sent at")]
        return csv_answer("claims", header, (as_cells(claim) for claim in page.rows))
    return render_template(
        "staff/claims.html",
        page=page,
        kinds=overview.kinds_waiting(reader),
        kind=kind,
        queues=desk(),
        said=said_in_words,
        due_after=DUE_AFTER,
        **pages_around(page),
    )


@bp.get("/staff/claims/<token>")
def show_claim(token: str) -> ResponseReturnValue:
    case = case_or_404(token)
    return case_page(case, decision_form(case))


@bp.post("/staff/claims/<token>/decision")
def create_decision(token: str) -> ResponseReturnValue:
    """Decide, and go on to the next claim of the queue."""
    reader, case = signed_in(), case_or_404(token)
    form = decision_form(case)
    if not form.validate_on_submit():
        return case_page(case, form), 422
    following = overview.next_claim(reader, case.claim)
    outcome, note = ClaimStatus(form.outcome.data), (form.note.data or "").strip()
    days = corrected_days(case, form)
    try:
        if form.instead_of.data:
            return decided_again(case, outcome, note, days, form.instead_of.data)
        claiming.decide(case.claim, reader, outcome, note, days, now=clock.now())
    except ClaimDecided:
        db.session.rollback()
        return case_page(case_or_404(token), form, too_late=note or label(outcome)), 409
    db.session.commit()
    said = _("%(person)s, %(title)s: %(outcome)s.", person=case.person, title=case.title, outcome=label(outcome))
    back = Markup('{} <a href="{}">{}</a>').format(said, url_for(".show_claim", token=token), _("Look at it again"))
    flash(back, "ok")
    if following is None:
        return redirect(url_for(".list_claims"), 303)
    return redirect(url_for(".show_claim", token=following), 303)


def decided_again(
    case: ClaimCase, outcome: ClaimStatus, reason: str, days: tuple[date | None, date | None], instead_of: int
) -> ResponseReturnValue:
    """Take the new decision and stay with the claim; certificates of meanwhile are named, since they stand."""
    done = claiming.decide_again(case.claim, signed_in(), outcome, reason, days, instead_of=instead_of, now=clock.now())
    db.session.commit()
    flash(_("Decided again: %(outcome)s. The person is told, with your reason.", outcome=label(outcome)), "ok")
    if done.issued_since:
        codes = ", ".join(done.issued_since)
        flash(
            _("Since the earlier decision a certificate was issued, and it stands as it is: %(codes)s.", codes=codes),
            "warn",
        )
    return redirect(url_for(".show_claim", token=case.claim.token), 303)


def case_or_404(token: str) -> ClaimCase:
    """One's own claim looks the same as one that does not exist."""
    return overview.claim_case(signed_in(), token) or abort(404)


def decision_form(case: ClaimCase) -> DecisionForm:
    last = case.decisions[-1] if case.can_be_decided_again else None
    form = DecisionForm(
        data={
            "valid_from": (last.valid_from if last else None) or case.claim.valid_from,
            "valid_until": (last.valid_until if last else None) or case.claim.valid_until,
        }
    )
    if not is_dated(case):
        del form.valid_from, form.valid_until
    return form


def is_dated(case: ClaimCase) -> bool:
    return case.kind is not None and case.kind.asks != "date"


def corrected_days(case: ClaimCase, form: DecisionForm) -> tuple[date | None, date | None]:
    """The days that the verifier changed; None for what stays as it was claimed."""
    if not is_dated(case):
        return claiming.NO_DATES
    since, until = form.valid_from.data, form.valid_until.data
    return (
        since if since != case.claim.valid_from else None,
        until if until != case.claim.valid_until else None,
    )


def case_page(case: ClaimCase, form: DecisionForm, *, too_late: str = "") -> str:
    reader = signed_in()
    return render_template(
        "staff/claim.html",
        case=case,
        form=form,
        too_late=too_late,
        queue=overview.claim_queue(reader),
        following=overview.next_claim(reader, case.claim),
        preceding=overview.previous_claim(reader, case.claim),
        queues=desk(),
        said=said_in_words,
        due_at=case.claim.waiting_since + DUE_AFTER,
        due_after=DUE_AFTER,
    )


def said_in_words(said: Said) -> str:
    """A claim's value as people read it."""
    if isinstance(said, date):
        return day(said)
    if isinstance(said, int):
        return str(ngettext("%(num)s year", "%(num)s years", said))
    return said


def as_cells(claim: QueuedClaim) -> list[Cell]:
    return [claim.person, claim.title, claim.said, claim.waiting_since]
