"""`lms content`: check the files that instructors write, and publish them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from lms.cli.store import opened
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.foundation.problems import Problem, Severity
from lms.foundation.settings import Settings

HAS_ERRORS = 1
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def content() -> None:
    """Programs, lessons and questions: files in, releases out."""


def about_a_folder(command: Command) -> Command:
    """The options that every command on a content folder takes."""
    for option in (
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option(
            "--secure-root", type=Path, help="The folder of certification items.  [default: LMS_SECURE_CONTENT]"
        ),
        click.option("--root", type=Path, help="The content folder.  [default: LMS_CONTENT]"),
    ):
        command = option(command)
    return command


@content.command()
@about_a_folder
def check(root: Path | None, secure_root: Path | None, form: str) -> int:
    """Say what is wrong with the files, and where. Exits with 1 on errors; warnings alone pass."""
    from lms.usecases import publishing

    settings = Settings()
    compiled = publishing.check_tree(root or settings.content, secure_root or settings.secure_content)
    report(compiled.problems, form)
    return HAS_ERRORS if compiled.errors else 0


@content.command()
@about_a_folder
@click.option("--message", "-m", default="Published from the command line", show_default=True, help="Why, for others.")
def publish(root: Path | None, secure_root: Path | None, form: str, message: str) -> int:
    """Store the files as one release, if anything changed. Refused when others published since this folder's base."""
    from lms.app import create_app
    from lms.cli.content_folders import Folders, began_from
    from lms.usecases import publishing

    settings = Settings()
    folder = root or settings.content
    secure_folder = secure_root or settings.secure_content
    with opened(create_app(settings)):
        with unit_of_work.reading(db.session):
            base_id = began_from(Folders(folder, secure_folder), base_of(folder))
        try:
            published = publishing.publish_tree(
                folder,
                secure_root=secure_folder,
                message=message,
                base_id=base_id,
                by=None,
                now=clock.now,
            )
        except publishing.HasErrors as error:
            report(error.problems, form)
            return HAS_ERRORS
    remember_base(folder, published.base_id)
    if form == "json":
        changes = [{"kind": c.kind.value, "id": c.document_id, "change": c.change.value} for c in published.changes]
        print(json.dumps({"release": published.base_id, "changes": changes}, indent=2))
    elif published.release is None:
        print(f"Nothing changed since release {published.base_id}.")
    else:
        print(f"Release {published.base_id} is published: {len(published.changes)} documents changed.")
    return 0


@content.command()
@click.option("--root", type=Path, help="The content folder.  [default: LMS_CONTENT]")
@click.option("--secure-root", type=Path, help="The folder of certification items.  [default: LMS_SECURE_CONTENT]")
@click.option("--release", "wanted", type=int, help="Its number.  [default: the one that readers see]")
@click.option("--with-secure", is_flag=True, help="Write exams that are not in the folder yet into it, too.")
@click.option("--theirs", is_flag=True, help="Where both changed a file, take the release's.")
def pull(root: Path | None, secure_root: Path | None, wanted: int | None, with_secure: bool, theirs: bool) -> int:
    """Write a release into the folder, beside what you changed there. Nothing is written where both changed a file."""
    from lms.app import create_app
    from lms.cli.content_folders import Folders, release_for

    settings = Settings()
    folders = Folders(root or settings.content, secure_root or settings.secure_content, with_secure=with_secure)
    with opened(create_app(settings)), unit_of_work.reading(db.session):
        release_id, taken = release_for(folders, base_of(folders.root), wanted)
    if taken.conflicts and not theirs:
        for path in taken.conflicts:
            print(f"{path}: changed here and in release {release_id}")
        print(
            "Nothing was written. Undo your changes to these files, or pull with --theirs, which keeps a copy of yours beside."
        )
        return HAS_ERRORS
    written, removed, copies = folders.take_over(taken, conflicts_too=theirs)
    remember_base(folders.root, release_id)
    for copy in copies:
        print(f"{copy}: yours, as it was before release {release_id} took its place")
    print(f"The folder holds release {release_id} now: {written} files written, {removed} removed.")
    return 0


@content.command()
@click.argument("old", type=int)
@click.argument("new", type=int, required=False)
@click.option("--with-secure", is_flag=True, help="Certification exams, too.")
def diff(old: int, new: int | None, with_secure: bool) -> int:
    """Show what changed in the files from release OLD to NEW, or to the one that readers see."""
    from lms.app import create_app
    from lms.cli.content_folders import differences

    with opened(create_app(Settings())), unit_of_work.reading(db.session):
        lines = differences(old, new, with_secure=with_secure)
    print("".join(lines), end="")
    return 0


def report(problems: Sequence[Problem], form: str) -> None:
    """Every finding, as lines that editors can jump to or as JSON."""
    if form == "json":
        print(json.dumps([problem.to_json() for problem in problems], ensure_ascii=False, indent=2))
        return
    for problem in problems:
        print(problem.as_line())
    counts = Counter(problem.severity for problem in problems)
    print(", ".join(f"{counts[kind]} {kind.value}{'' if counts[kind] == 1 else 's'}" for kind in Severity) + ".")


def base_of(folder: Path) -> int | None:
    """The release that this folder began from, as the last publish or pull wrote it down."""
    from lms.usecases.publishing import BASE_FILE

    file = folder / BASE_FILE
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8").strip()
    if not text.isdecimal():
        raise DomainError(f"{BASE_FILE} should hold the number of a release.")
    return int(text)


def remember_base(folder: Path, release_id: int | None) -> None:
    from lms.usecases.publishing import BASE_FILE

    if release_id is not None:
        (folder / BASE_FILE).write_text(f"{release_id}\n", encoding="utf-8")
