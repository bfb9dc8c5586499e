"""Passwords that everybody tries first are refused; what nobody else would think of is not."""

from __future__ import annotations

import secrets
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.common_passwords import OF_THIS_CAMPUS, WORDS, is_common
from lms.accounts.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, password_problem

ENDINGS = ("1", "12", "123", "1234", "12345", "123456", "!", "1!", "123!", "2024", "2025", "2026", "01", "69", "007")
MANY = 3_000


def refused(password: str) -> bool:
    return password_problem(password, name="Nia Newman", email="nia@example.org") is not None


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "0987654321",
        "1111111111",
        "1122334455",
        "1029384756",
        "12345678910",
        "1987198719",
        "qwertyuiop",
        "qwertyuiop123",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "zaq12wsxcde3",
        "q1w2e3r4t5y6",
        "qwerty123456",
        "asdfghjkl1",
        "password123",
        "Password1234",
        "P@ssw0rd123",
        "passwordpassword",
        "Welcome2026!",
        "iloveyou123",
        "football2020",
        "mylovesarah",
        "123456789a",
        "abcabcabcabc",
        "basketball",
    ],
)
def test_what_everybody_tries_is_refused(password: str) -> None:
    assert refused(password)


@pytest.mark.parametrize("word", sorted(OF_THIS_CAMPUS))
def test_words_of_the_sport_and_of_this_product_are_no_passwords(word: str) -> None:
    assert is_common(f"{word}{word}")
    assert is_common(f"{word.title()}2026!")
    assert is_common(f"{word}1234567")


def test_ones_own_name_and_address_with_something_behind_are_refused() -> None:
    assert password_problem("Wintergarten1987", name="Ada Wintergarten", email="a@example.org") is not None
    assert password_problem("Wintergarten1987", name="Nia Newman", email="nia@example.org") is None


def test_far_more_than_the_commonest_three_thousand_are_refused() -> None:
    """Of those that are long enough to be taken at all."""
    tried = {word + ending for word, ending in product(sorted(WORDS), ENDINGS)}
    long_enough = [each for each in tried if len(each) >= SHORTEST_PASSWORD]

    assert len(long_enough) >= MANY
    assert [each for each in long_enough[: 2 * MANY] if not refused(each)] == []


@pytest.mark.parametrize(
    "password",
    [
        "nine strides to the first hurdle",
        "correct horse battery staple",
        "seventy purple ducks",
        "Drei Birnen, vier Gabeln",
        "k7Xq9vLm2p",
        "8402957316",
        "x7!fjq29fqw",
        "ぬりかべとざしきわらし",
        "🏃🏽‍♀️ over 10 barriers, then home",
        "a" * 3 + "kzqvbnwtrp",
    ],
)
def test_what_nobody_else_thinks_of_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert not refused(password)


def test_what_chance_makes_is_taken() -> None:
    assert [each for each in (secrets.token_urlsafe(12) for _time in range(300)) if refused(each)] == []


@given(st.text(max_size=LONGEST_PASSWORD))
def test_capitals_hide_nothing(password: str) -> None:
    assert is_common(password) == is_common(password.lower())


def test_repeating_hides_nothing_however_long() -> None:
    assert is_common("ab" * (LONGEST_PASSWORD // 2))
    assert is_common("a" * LONGEST_PASSWORD)
