"""How far a viewer's capability reaches: everywhere, or within some programs, tracks or classes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, Select, false, literal, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from lms.accounts.models import PersonAlias, ScopeKind
from lms.accounts.rules import CAPABILITIES, Capability, Viewer
from lms.catalog.models import Enrollment


@dataclass(frozen=True)
class Reach:
    """What a capability was given for. All empty and not everywhere: nothing."""

    everywhere: bool
    programs: frozenset[str]
    tracks: frozenset[str]
    classes: frozenset[str]

    @property
    def nothing(self) -> bool:
        return not (self.everywhere or self.programs or self.tracks or self.classes)

    def enrollments(self) -> ColumnElement[bool]:
        """Which enrolments are within reach."""
        return self.covered(Enrollment.program_id, Enrollment.track)

    def covered(self, program_id: InstrumentedAttribute[str], track: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Which rows are within reach, of a table that names programs and tracks."""
        if self.everywhere:
            return true()
        within = [
            column.in_([literal(one) for one in sorted(ids)])
            for column, ids in ((program_id, self.programs), (track, self.tracks))
            if ids
        ]
        return or_(*within) if within else false()

    def covers(self, enrollment: Enrollment) -> bool:
        return self.everywhere or enrollment.program_id in self.programs or enrollment.track in self.tracks

    def people(self, person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Which people are within reach: those with an enrollment that is."""
        if self.everywhere:
            return true()
        return select(Enrollment.id).where(Enrollment.person_id == person_id, self.enrollments()).exists()


def reach(viewer: Viewer, capability: Capability) -> Reach:
    """How far the viewer's capability reaches now."""
    return Reach(
        viewer.can_everywhere(capability),
        viewer.scopes(capability, ScopeKind.PROGRAM),
        viewer.scopes(capability, ScopeKind.TRACK),
        viewer.scopes(capability, ScopeKind.CLASS),
    )


def not_oneself(viewer: Viewer, person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Rows about somebody else than the viewer, under whichever id: nobody decides, or looks into, their own case."""
    return other_than(viewer.person_id, person_id)


def other_than(reader: int | BindParameter[int], person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The same for a statement that is prepared before it is known who looks."""
    return (person_id != reader) & person_id.not_in(_merged_into(reader))


def oneself(reader: BindParameter[int], person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The opposite: rows about the reader, under whichever id. One list of ids, which an index is searched by."""
    return person_id.in_(union_all(select(reader), _merged_into(reader)))


def _merged_into(reader: int | BindParameter[int]) -> Select[int]:
    return select(PersonAlias.person_id).where(PersonAlias.into_id == reader)


def carriers(capability: Capability) -> list[str]:
    """The roles that carry a capability."""
    return [role.value for role, capabilities in CAPABILITIES.items() if capability in capabilities]
