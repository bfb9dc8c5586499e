"""The texts of a Markdown file: rendered piece by piece, with what is wrong in them at its line and column."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from lms.content.compiling.compilation import Compilation
from lms.content.converting import Unreadable
from lms.content.figures import read_figure
from lms.content.markdown import SCOPE, Rendered, render, render_inline
from lms.content.tree import MEDIA_ENDINGS
from lms.content.weighing import MOST_WORK, weigh
from lms.foundation.messages import Message

LONGEST_PIECE = 100_000
NOTHING = Rendered("")
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|/)", re.IGNORECASE)


class Page:
    """One Markdown file without its front matter. `first_line` is the line of the file on which `text` begins."""

    def __init__(self, run: Compilation, path: str, text: str, first_line: int) -> None:
        self.run = run
        self.path = path
        self.text = text
        self.first_line = first_line
        self._figures: dict[tuple[str, str], str | None] = {}
        self._found_at: dict[tuple[str, int], int] = {}
        self._work = 0

    def render(self, piece: str, *, scope: str = SCOPE, line: int | None = None, inline: bool = False) -> Rendered:
        """A piece of the file as HTML. `line` is where the piece begins, at or before what it holds."""
        start = self.first_line if line is None else line
        if len(piece) > LONGEST_PIECE:
            said = Message("This text is longer than {n} characters.", {"n": LONGEST_PIECE})
            self.run.error("text-size", said, self.path, start)
            return NOTHING
        if not self._is_light(piece, start):
            return NOTHING
        rendering = render_inline if inline else render
        try:
            rendered = rendering(piece, figures=lambda source: self._figure(source, scope), scope=scope)
        except Unreadable:
            said = Message("Lists or quotations stand too deep within each other here.")
            self.run.error("text-nesting", said, self.path, start)
            return NOTHING
        self._report(rendered, start)
        return rendered

    def place_of(self, needle: str, line: int | None = None) -> tuple[int, int]:
        """Line and column of the next `needle` at or after `line`; the beginning where it isn't found as written.

        Asked again for the same, it gives the one after that.
        """
        start = self.first_line if line is None else line
        end = r"(?![\w-])" if needle[-1:].isalnum() else ""  # no part of a longer id
        after = self._found_at.get((needle, start), self._offset(start) - 1)
        found = re.compile(re.escape(needle) + end).search(self.text, after + 1)
        at = found.start() if found else -1
        self._found_at[needle, start] = at if found else len(self.text)
        if at < 0:
            return start, 1
        return self.first_line + self.text.count("\n", 0, at), at - self.text.rfind("\n", 0, at)

    def _is_light(self, piece: str, start: int) -> bool:
        """Whether Markdown may be given the piece: signs upon signs would hold it for minutes. Says so where not."""
        weight = weigh(piece)
        self._work += weight.work
        if self._work <= MOST_WORK:
            return True
        said = Message("Too many signs of Markdown stand close together from here on.")
        mend = Message(
            "Divide the text by blank lines or into several files; write \\[ or \\< for a sign that is only a sign."
        )
        self.run.error("text-heavy", said, self.path, start + piece.count("\n", 0, weight.heaviest), mend=mend)
        return False

    def _offset(self, line: int) -> int:
        offset = 0
        for _line in range(line - self.first_line):
            offset = self.text.find("\n", offset) + 1
        return offset

    def _figure(self, source: str, scope: str) -> str | None:
        if (source, scope) not in self._figures:
            self._figures[source, scope] = self._read_figure(source, scope)
        return self._figures[source, scope]

    def _read_figure(self, source: str, scope: str) -> str | None:
        media = self._media(source)
        if media is None or not media.endswith(".svg"):
            return None
        self.run.media.add(media)
        markup, problems = read_figure(self.run.tree.files[media], media, prefix=f"{scope}-f{len(self._figures)}")
        self.run.take(problems)
        return markup

    def _media(self, source: str) -> str | None:
        """The file of the tree that an image's address means, if it means one that may be shown."""
        media = str(PurePosixPath(self.path).parent / source)
        if ".." in source or _ELSEWHERE.match(source) or media not in self.run.tree.files:
            return None
        return media if PurePosixPath(source).suffix in MEDIA_ENDINGS else None

    def _report(self, rendered: Rendered, line: int) -> None:
        for kind, target in rendered.links:
            self.run.links.append((kind, target, self.path, *self.place_of(f"{kind}:{target}", line)))
        for address in rendered.refused:
            said = Message("The link “{address}” is not allowed.", {"address": address[:80]})
            self._error("link-refused", said, address, line)
        for latex in rendered.bad_math:
            said = Message("This formula can't be read: {latex}", {"latex": latex[:80]})
            self._error("math", said, latex.split("\n")[0], line)
        for written in rendered.left_over:
            said = Message("This line begins no block that we know: {line}", {"line": written[:80]})
            mend = Message("Blocks are question, note, practice, warning, tip, details, tab and captions.")
            self._error("block-unknown", said, written.split("|")[0].strip(), line, mend)
        for source, alternative in rendered.images:
            self._report_image(source, alternative, line)
        self._report_headings(rendered, line)

    def _report_image(self, source: str, alternative: str, line: int) -> None:
        place = self.place_of(source, line)
        values = {"source": source[:80]}
        if _ELSEWHERE.match(source):
            said = Message("Images come from the module's own media folder, not from “{source}”.", values)
            self.run.error("image-outside", said, self.path, *place)
        elif self._media(source) is None:
            self.run.error("image-missing", Message("There is no image “{source}” here.", values), self.path, *place)
        elif not source.endswith(".svg"):
            said = Message("Figures are SVG for now; {source} can't be shown.", values)
            self.run.error("image-type", said, self.path, *place)
        if not alternative.strip():
            said = Message("This image has no alternative text.")
            mend = Message("Say between the brackets what it shows.")
            self.run.error("image-alternative", said, self.path, *place, mend=mend)

    def _report_headings(self, rendered: Rendered, line: int) -> None:
        before = 1
        for level, words in rendered.headings:
            place = self.place_of(words, line)
            if level == 1:
                said = Message("The title is the only first-level heading: begin with ##.")
                self.run.error("heading-level", said, self.path, place[0])
            elif level > before + 1:
                values = {"n": level, "before": before}
                said = Message("A heading of level {n} follows one of level {before}.", values)
                self.run.warn("heading-skipped", said, self.path, place[0])
            before = level

    def _error(self, code: str, said: Message, needle: str, line: int, mend: Message | None = None) -> None:
        self.run.error(code, said, self.path, *self.place_of(needle, line), mend=mend)
