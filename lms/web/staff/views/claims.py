"""The queue of claims, one claim, and the decision on it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know it yet
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lms.accounts.models import ClaimDecided, ClaimStatus
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import db
from lms.interop.csv_tables import Cell
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
DUE_AFTER = timedelta(days=7)
DECIDABLE = (ClaimStatus.APPROVED, ClaimStatus.NEEDS_MORE, ClaimStatus.REJECTED)


class DecisionForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """`dated` says whether the claim's days may be corrected: a birthday is its own day."""

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

    def validate_note(self, field: Field) -> None:
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
    try:
        claiming.decide(case.claim, reader, outcome, note, corrected_days(case, form), now=clock.now())
    except ClaimDecided:
        db.session.rollback()
        return case_page(case_or_404(token), form, too_late=note or label(outcome)), 409
    db.session.commit()
    flash(_("%(person)s, %(title)s: %(outcome)s.", person=case.person, title=case.title, outcome=label(outcome)), "ok")
    if following is None:
        return redirect(url_for(".list_claims"), 303)
    return redirect(url_for(".show_claim", token=following), 303)


def case_or_404(token: str) -> ClaimCase:
    """One's own claim looks the same as one that does not exist."""
    return overview.claim_case(signed_in(), token) or abort(404)


def decision_form(case: ClaimCase) -> DecisionForm:
    form = DecisionForm(data={"valid_from": case.claim.valid_from, "valid_until": case.claim.valid_until})
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
