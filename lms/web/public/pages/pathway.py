"""The pathway as a picture, drawn from the programs themselves: nothing here knows any of them by name.

A level is a credential that programs of the pathway lead to. A credential without a rank that another
of them asks for is a step on the way to that one's level, so its programs share a lane.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.requirements import Not, Preferred, Program, Requirement, World
from lms.requirements.leaves.certificates import HoldsCertificate
from lms.web.drawing.pathway import Lane, Level, alongside, pathway
from lms.web.wording import listed, minutes

GENERIC = (" Program", " Training Course", " Specialist Course", " Course")
MINUTES_IN_HOUR = 60


@dataclass(frozen=True)
class Pathway:
    """The drawing for wide pages and for phones, and what runs alongside; `text` says the same in words."""

    wide: Markup
    phone: Markup
    alongside_wide: Markup
    alongside_phone: Markup
    text: tuple[str, ...]


def drawn_pathway(programs: Sequence[Program], world: World) -> Pathway | None:
    """None where no program of the pathway leads to anything."""
    on_it = [program for program in programs if program.family == "pathway" and program.award]
    beside = [program for program in programs if program.family == "specialist"]
    ways = ways_of(on_it, world)
    if not ways:
        return None
    title = _("The pathway of levels")
    text = tuple(sentence(way) for way in ways)
    courses = [(short(program), length_of(program)) for program in beside]
    return Pathway(
        wide=pathway(levels_of(ways), direction="wide", title=title, description=" ".join(text)),
        phone=pathway(levels_of(ways, narrow=True), direction="phone", title=title, description=" ".join(text)),
        alongside_wide=alongside(courses, direction="wide") if courses else Markup(""),
        alongside_phone=alongside(courses, direction="phone") if courses else Markup(""),
        text=text,
    )


Way = list[list[Program]]
"""The lanes that lead to one level, each the programs to take one after the other."""


def ways_of(programs: Sequence[Program], world: World) -> list[Way]:
    """The levels in catalogue order, each as its lanes."""
    steps = steps_on_the_way(programs, world)
    ways: dict[str, Way] = {}
    for program in programs:
        credential = awarded_by(program)
        if credential not in steps:
            before = [one for one in programs if awarded_by(one) in steps and asks_for(program, awarded_by(one))]
            ways.setdefault(credential, []).append([*before, program])
    return list(ways.values())


def steps_on_the_way(programs: Sequence[Program], world: World) -> frozenset[str]:
    return frozenset(
        awarded_by(one)
        for one in programs
        if awarded_by(one) not in world.ranks and any(asks_for(other, awarded_by(one)) for other in programs)
    )


def awarded_by(program: Program) -> str:
    return program.award.credential if program.award else ""


def asks_for(program: Program, credential_id: str) -> bool:
    """Whether the program's newest rule asks for this credential; what it forbids or only prefers is not asked for."""
    rules = program.requirements.rules[-1:]
    return any(leaf.id == credential_id for entry in rules for leaf in certificates_in(entry.rule))


def certificates_in(rule: Requirement) -> Iterator[HoldsCertificate]:
    if isinstance(rule, HoldsCertificate):
        yield rule
    if not isinstance(rule, Not | Preferred):
        for part in rule.children:
            yield from certificates_in(part)


def levels_of(ways: Sequence[Way], *, narrow: bool = False) -> list[Level]:
    """Downwards, names stand beside the first lanes with their lengths, and one lane alone has no room for one."""
    levels: list[Level] = []
    tracks_before: tuple[str, ...] = ()
    for index, way in enumerate(ways):
        last = way[-1][-1]
        tracks = tuple(track.title for track in last.tracks)
        if tracks:
            names = tuple(map(str, range(1, len(tracks) + 1))) if tracks == tracks_before else tracks
            lanes = tuple(Lane((name,)) for name in names)
        else:
            named = index == 0 or (not narrow and len(way) > 1)
            lanes = tuple(lane_of(lane, begins=index == 0, named=named, narrow=narrow) for lane in way)
        levels.append(Level(short(last), note_of(way), lanes))
        tracks_before = tracks
    return levels


def lane_of(lane: Sequence[Program], *, begins: bool, named: bool, narrow: bool) -> Lane:
    """Only the first level has room to say what its lanes are; one lane alone is named by its level."""
    names = tuple(short(program) for program in lane) if named else ()
    if not begins:
        return Lane(names)
    title = _("Step by step") if len(lane) > 1 else _("In one go")
    if narrow:
        return Lane(tuple(", ".join(filter(None, (short(one), length_of(one)))) for one in lane), title)
    return Lane(names, title, " + ".join(filter(None, map(length_of, lane))))


def note_of(way: Way) -> str:
    last = way[-1][-1]
    if len(way) > 1:
        return str(_("exam passed")) if any(stage.kind == "exam" for stage in last.stages) else ""
    return length_of(last)


def sentence(way: Way) -> str:
    """One level in words: who leads there, and how long it takes."""
    last = way[-1][-1]
    said = [_(" then ").join(f"{program.title} ({length_of(program)})" for program in lane) for lane in way]
    joined = _(", or ").join(said)
    if last.tracks:
        groups = listed([track.title for track in last.tracks])
        return str(_("%(level)s: %(ways)s, in one of: %(groups)s.", level=short(last), ways=joined, groups=groups))
    return str(_("%(level)s: %(ways)s.", level=short(last), ways=joined))


def short(program: Program) -> str:
    """A title without the word that all of them share."""
    for word in GENERIC:
        if program.title.endswith(word) and len(program.title) > len(word):
            return program.title.removesuffix(word)
    return program.title


def length_of(program: Program) -> str:
    if program.duration_days:
        return str(ngettext("%(num)s day", "%(num)s days", program.duration_days))
    return minutes(int(program.hours * MINUTES_IN_HOUR)) if program.hours else ""
