"""The catalogue: programs by family, and what narrows them. All of its state stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from lms.accounts.rules import Viewer
from lms.content import queries as content
from lms.content.queries import FAMILIES
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.requirements import Program
from lms.web.catalog.pages.standings import Own, owns
from lms.web.wording import label, minutes

DELIVERIES = ("online", "blended", "in_person")
MINUTES_IN_HOUR = 60


@dataclass(frozen=True)
class Wanted:
    """What the address asks for. Nothing chosen in a group means all of it; unknown words are dropped."""

    families: frozenset[str]
    deliveries: frozenset[str]
    free: bool
    renewal: bool
    open_now: bool
    leads_to: str

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> Wanted:
        return cls(
            frozenset(args.getlist("family")) & set(FAMILIES),
            frozenset(args.getlist("delivery")) & set(DELIVERIES),
            "free" in args,
            "renewal" in args,
            "open" in args,
            args.get("leads_to", ""),
        )

    def takes(self, program: Program, own: Own) -> bool:
        return (
            (not self.families or program.family in self.families)
            and (not self.deliveries or program.delivery in self.deliveries)
            and (not self.free or is_free(program))
            and (not self.renewal or counts_for_renewal(program))
            and (not self.open_now or own.is_open)
            and (not self.leads_to or leads_to(program, self.leads_to))
        )

    @property
    def narrows(self) -> bool:
        return bool(self.families or self.deliveries or self.free or self.renewal or self.open_now or self.leads_to)


@dataclass(frozen=True)
class Choice:
    """One box of the filter, with how many programs it stands for."""

    name: str
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class ProgramRow:
    id: str
    title: str
    summary: str
    delivery: str
    length: str
    price: str
    own: Own


@dataclass(frozen=True)
class Catalogue:
    """The page. `leads_to` is the title of the credential that the list is narrowed to, or ""."""

    subtitle: str
    groups: tuple[tuple[str, tuple[Choice, ...]], ...]
    families: tuple[tuple[str, tuple[ProgramRow, ...]], ...]
    leads_to: str
    leads_to_id: str
    narrows: bool

    @property
    def chosen(self) -> str:
        """The ticked boxes in words, for the folded filter."""
        return ", ".join(choice.label for _title, choices in self.groups for choice in choices if choice.chosen)


def catalogue(args: MultiDict[str, str], viewer: Viewer | None, *, now: datetime) -> Catalogue:
    programs, wanted = content.programs(), Wanted.read(args)
    standing = owns(viewer, programs, now=now)
    taken = [program for program in programs if wanted.takes(program, standing[program.id])]
    return Catalogue(
        subtitle=subtitle_of(len(taken), len(programs), viewer),
        groups=groups_of(programs, wanted, standing, signed_in=viewer is not None),
        families=tuple(
            (label(family), tuple(row_of(one, standing[one.id]) for one in taken if one.family == family))
            for family in FAMILIES
            if any(one.family == family for one in taken)
        ),
        leads_to=credential_title(wanted.leads_to),
        leads_to_id=wanted.leads_to if credential_title(wanted.leads_to) else "",
        narrows=wanted.narrows,
    )


def subtitle_of(taken: int, total: int, viewer: Viewer | None) -> str:
    counted = (
        ngettext("%(num)s program or course.", "%(num)s programs and courses.", total)
        if taken == total
        else ngettext("%(taken)s of %(num)s program.", "%(taken)s of %(num)s programs.", total, taken=taken)
    )
    if viewer is None:
        return f"{counted} " + str(_("Signed in, you see what you still need for each."))
    return f"{counted} " + str(_("What you need is checked against your record."))


def groups_of(
    programs: Sequence[Program], wanted: Wanted, standing: Mapping[str, Own], *, signed_in: bool
) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    def choice(name: str, value: str, words: str, fits: Callable[[Program], bool], *, chosen: bool) -> Choice:
        return Choice(name, value, words, sum(map(fits, programs)), chosen)

    kinds = [
        choice("family", family, label(family), _family_is(family), chosen=family in wanted.families)
        for family in FAMILIES
    ]
    formats = [
        choice("delivery", way, label(way), _delivery_is(way), chosen=way in wanted.deliveries) for way in DELIVERIES
    ]
    more = [
        choice("renewal", "1", _("Counts for renewal"), counts_for_renewal, chosen=wanted.renewal),
        choice("free", "1", _("Free"), is_free, chosen=wanted.free),
    ]
    if signed_in:
        more.append(
            choice("open", "1", _("Open to me now"), lambda one: standing[one.id].is_open, chosen=wanted.open_now)
        )
    return ((_("Kind"), _some(kinds)), (_("Format"), _some(formats)), (_("More"), _some(more)))


def _some(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Boxes that stand for something, and those that are ticked."""
    return tuple(choice for choice in choices if choice.count or choice.chosen)


def _family_is(family: str) -> Callable[[Program], bool]:
    return lambda program: program.family == family


def _delivery_is(delivery: str) -> Callable[[Program], bool]:
    return lambda program: program.delivery == delivery


def is_free(program: Program) -> bool:
    return program.price == "free"


def counts_for_renewal(program: Program) -> bool:
    return bool(program.renewal_credit)


def leads_to(program: Program, credential_id: str) -> bool:
    return program.award is not None and program.award.credential == credential_id


def credential_title(credential_id: str) -> str:
    credential = content.campus().credential(credential_id) if credential_id else None
    return credential.title if credential else ""


def row_of(program: Program, own: Own) -> ProgramRow:
    return ProgramRow(
        program.id,
        program.title,
        program.summary,
        label(program.delivery),
        length_of(program),
        price_of(program),
        own,
    )


def length_of(program: Program) -> str:
    """Days for what is held in days, else hours; "" where nobody said."""
    if program.duration_days:
        return str(ngettext("%(num)s day", "%(num)s days", program.duration_days))
    return minutes(int(program.hours * MINUTES_IN_HOUR)) if program.hours else ""


def price_of(program: Program) -> str:
    words: dict[str, Any] = {"free": _("Free"), "paid": _("Paid")}
    return str(words.get(program.price, ""))
