"""A standing as a lap: what the drawing is told, from the summary that the standing index keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.web.drawing.rail import KeyWords, key
from lms.web.drawing.track import Center, Size, Stretch, lap
from lms.web.wording import label, minutes, percent


def drawn_lap(summary: Mapping[str, Any], share: Decimal, size: Size, *, raised: bool = False) -> Markup:
    """The lap with its text equivalent; nothing for a program without stages."""
    laid = stretches(summary)
    if not laid:
        return Markup("")
    done, total = minutes(summary["minutes_done"]), minutes(summary["minutes_total"])
    return lap(
        laid,
        size=size,
        title=_("%(program)s: %(share)s done", program=summary["program"], share=percent(share)),
        description=" ".join(f"{one.label}: {one.note}." for one in laid),
        center=Center(percent(share), _("%(done)s of %(total)s", done=done, total=total)),
        raised=raised,
    )


def small_mark(summary: Mapping[str, Any]) -> Markup:
    """The lap as it stands beside a program in a list; the words stand there too, so that it is silent."""
    laid = stretches(summary)
    return lap(laid, size="mark") if laid else Markup("")


def stretches(summary: Mapping[str, Any]) -> list[Stretch]:
    """The stages as stretches, the runner on the one of the next step."""
    stages: Sequence[Mapping[str, Any]] = summary["track"]
    here = (summary["next"] or {}).get("stage_id")
    return [
        Stretch(
            label=stage["title"],
            note=note_of(stage, stages[index - 1] if index else None),
            state=stage["state"],
            minutes=stage["minutes"],
            share=stage["minutes_done"] / stage["minutes"] if stage["minutes"] else 0,
            crossings=stage["parts"],
            here=stage["id"] == here,
            number=index + 1,
        )
        for index, stage in enumerate(stages)
    ]


def note_of(stage: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """The line under a stage's name."""
    if stage["state"] == "complete":
        return _("Complete · %(time)s", time=minutes(stage["minutes"])) if stage["minutes"] else label("complete")
    if not stage["available"]:
        return str(_("Not published yet"))
    if stage["state"] == "shut":
        return _("Shut · opens after %(stage)s", stage=before["title"]) if before else label("shut")
    if stage["state"] == "ended":
        return str(_("Over"))
    if stage["parts"]:
        return str(_("Open · %(modules)s", modules=modules_done(stage["parts_done"], stage["parts"])))
    return label("open")


def modules_done(done: int, total: int) -> str:
    return str(ngettext("%(done)s of %(num)s module", "%(done)s of %(num)s modules", total, done=done))


def lap_key() -> Markup:
    return key(KeyWords(_("Done"), _("Open"), _("Shut"), _("You"), _("Gate"), _("Certificate")))
