"""How hard a text is to read: the Flesch–Kincaid grade of its running prose."""

from __future__ import annotations

import re

from lms.content.markdown import plain_text

HIGHEST_GRADE = 9  # the school year; a working coach reads at night, on a phone
FEWEST_WORDS = 100  # below that the formula says nothing

_APART = re.compile(
    r'<(table|svg|math|pre|code|figcaption|cite)\b.*?</\1>|<div class="footnote">.*', re.DOTALL
)  # no prose
_PROSE = re.compile(r"<(p|li|dd|blockquote)\b[^>]*>(.*?)(?=</?(?:p|li|ul|ol|dd|blockquote|div|details)\b)", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?]+[\"”’)\]]*(?:\s|$)")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(markup: str) -> tuple[int, float]:
    """The number of words in running prose, and their Flesch–Kincaid grade (0.39 × words a sentence +
    11.8 × syllables a word − 15.59, from about 0 to 20).

    Only paragraphs, list items and definitions count: tables, figures, formulas, code, captions and sources don't.
    """
    pieces = [plain_text(found).strip() for _tag, found in _PROSE.findall(_APART.sub(" ", markup))]
    words = [word for piece in pieces for word in _WORD.findall(piece)]
    sentences = sum(max(1, len(_SENTENCE_END.findall(piece))) for piece in pieces if _WORD.search(piece))
    if not words:
        return 0, 0.0
    spoken = sum(syllables(word) for word in words)
    return len(words), 0.39 * len(words) / sentences + 11.8 * spoken / len(words) - 15.59


def syllables(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, without a silent e."""
    small = word.casefold().replace("’", "'").removesuffix("'s")
    count = len(_VOWELS.findall(small))
    silent = small.endswith("e") and not small.endswith("le")
    silent = silent or (
        small.endswith(("es", "ed")) and not small.endswith(("ted", "ded", "ses", "zes", "ches", "shes", "ces", "ges"))
    )
    return max(1, count - silent)
