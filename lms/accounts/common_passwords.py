"""Passwords that are tried first: two common words at most, among rows of keys, years, numbers and signs.

Lists of stolen passwords are long, but what stands in them is made in few ways. So this knows the ways and
the words, rather than the lists themselves.
"""

from __future__ import annotations

import re
from pathlib import Path

LONGEST_COMMON = 40  # what is longer stands on no such list, unless it repeats itself
SHORTEST_ROW = 3

# What people of a sport federation would think of first, here; no password is made of one of these alone.
OF_THIS_CAMPUS = frozenset(
    """
    academy athlete athletics baton campus certificate coach coaching course discus education exam federation finish
    hammer hurdle hurdles instructor javelin jumper jumping jumps lane learn learner learning lesson level marathon
    medal module olympic olympics personal podium pole polevault race racing relay relays runner running season
    sprint sprinter sprints stadium staff teacher team throws track trackandfield trackfield trainer training trial
    triathlon vault winner
    """.split()
)
WORDS = OF_THIS_CAMPUS | frozenset(Path(__file__).with_name("common_words.txt").read_text(encoding="ascii").split())
_ROWS = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "yxcvbnm",
    "!@#$%^&*()_+",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
    "!qaz@wsx#edc$rfv",
    "zaq12wsxcde34rfv",
    "zaq1xsw2cde3vfr4bgt5nhy6",
    "qazwsxedcrfvtgbyhnujmik",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2s3d4f5g6h7j8k9l",
    "a1s2d3f4g5h6j7k8l9",
    "1a2b3c4d5e6f7g8h9i",
    "a1b2c3d4e5f6g7h8i9",
    "1z2x3c4v5b6n7m",
    "z1x2c3v4b5n6m7",
    "qawsedrftgyhujikolp",
    "qweasdzxc",
    "qweasdzxcrty",
    "1029384756",
    "147258369",
    "123654789",
    "741852963",
    "159357",
    "258456",
    "13579",
    "24680",
    "0102030405060708091011121314151617181920",
    "12345678910111213141516",
    "010203040506",
    "112233445566778899",
    "111222333444555666777888999",
    "aabbccddeeff",
    "aaabbbccc",
]
ROWS = tuple(row for each in _ROWS for row in (each, each[::-1]))
_LETTERS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "+": "t"}
AS_LETTERS = (
    str.maketrans(_LETTERS | {"1": "i", "!": "i"}),
    str.maketrans(_LETTERS | {"1": "l", "!": "l"}),
)
LOOSE = re.compile(r"[0-9]{1,4}|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)?[0-9]{2}")
SIGNS = re.compile(r"[^0-9a-z]{1,3}")
SMALL_WORDS = frozenset(
    "a all am an and are at be by can do for from go he her his i im in is it its me my no not of on or "
    "our out so that the this to too u up us we who with you your".split()
)
_ROW, _WORD, _SMALL_WORD, _NUMBER, _SIGN, _LETTER = range(6)
MOST = {_ROW: LONGEST_COMMON, _WORD: 2, _SMALL_WORD: 2, _NUMBER: 1, _SIGN: 2, _LETTER: 1}
_LONGEST_WORD = max(len(word) for word in WORDS)


def is_common(password: str, *, own_words: frozenset[str] = frozenset()) -> bool:
    """Whether somebody who guesses would have this among the first; `own_words` are those of its owner, in lower case.

    Common is what repeats a short piece, or can be read as rows of keys with at most one common word,
    one number, one run of signs and one single letter among them.
    """
    typed = password.lower()
    if _repeats(typed):
        return True
    return len(typed) <= LONGEST_COMMON and _is_made_in_a_common_way(typed, WORDS | own_words)


def _repeats(typed: str) -> bool:
    """Whether it is a piece of at most four signs, or a common word, over and over."""
    found = re.fullmatch(r"(.+?)\1+", typed, re.DOTALL)
    return found is not None and (len(found[1]) <= 4 or found[1] in WORDS)


def _is_made_in_a_common_way(typed: str, words: frozenset[str]) -> bool:
    """Read from the left, keeping for each place how many pieces of each kind the ways to it have used."""
    spellings = (typed, *(typed.translate(letters) for letters in AS_LETTERS))
    ways: list[set[tuple[int, ...]]] = [set() for _ in range(len(typed) + 1)]
    ways[0].add((0,) * len(MOST))
    for at in range(len(typed)):
        for kind, length in _pieces(typed, spellings, at, words) if ways[at] else ():
            ways[at + length] |= {_one_more(used, kind) for used in ways[at] if used[kind] < MOST[kind]}
    return bool(ways[-1])


def _one_more(used: tuple[int, ...], kind: int) -> tuple[int, ...]:
    """Rows of keys may stand anywhere, so they are not counted."""
    return used if kind == _ROW else (*used[:kind], used[kind] + 1, *used[kind + 1 :])


def _pieces(typed: str, spellings: tuple[str, ...], at: int, words: frozenset[str]) -> set[tuple[int, int]]:
    """What may be read at this place: kinds of pieces, and their lengths."""
    found = {(_ROW, length) for length in _rows_at(typed, at)}
    found |= {(_NUMBER, length) for length in range(1, _matched(LOOSE, typed, at) + 1)}
    found |= {(_SIGN, length) for length in range(1, _matched(SIGNS, typed, at) + 1)}
    if typed[at].isalpha():
        found.add((_LETTER, 1))
    longest = max(_LONGEST_WORD, *(len(word) for word in words - WORDS), 0)
    for length in range(1, min(longest, len(typed) - at) + 1):
        said = {spelled[at : at + length] for spelled in spellings}
        if said & SMALL_WORDS:
            found.add((_SMALL_WORD, length))
        if length >= SHORTEST_ROW and said & words:
            found.add((_WORD, length))
    return found


def _rows_at(typed: str, at: int) -> list[int]:
    """The lengths of the rows of keys, and of one sign again and again, that begin here."""
    longest = 0
    for row in ROWS:
        start = row.find(typed[at : at + SHORTEST_ROW])
        if start >= 0 and len(typed) - at >= SHORTEST_ROW:
            length = SHORTEST_ROW
            while typed[at : at + length + 1] in row and at + length < len(typed):
                length += 1
            longest = max(longest, length)
    again = len(typed) - at - len(typed[at:].lstrip(typed[at]))
    return [*range(SHORTEST_ROW, max(longest, again) + 1)]


def _matched(pattern: re.Pattern[str], typed: str, at: int) -> int:
    found = pattern.match(typed, at)
    return len(found[0]) if found else 0
