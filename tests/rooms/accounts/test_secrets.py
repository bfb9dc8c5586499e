"""Passwords are kept slowly hashed and exactly as they were typed; what can't be guessed comes from the system's chance."""

from __future__ import annotations

import secrets

import pytest
from argon2 import extract_parameters

from lms.accounts import services
from lms.accounts.rules import LONGEST_PASSWORD
from lms.accounts.services import hash_password, password_matches
from lms.foundation import tokens

MANY = 2_000


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    first, second = hash_password("the same password"), hash_password("the same password")

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert "password" not in first


@pytest.mark.parametrize(
    "other", ["Nine Strides ", " Nine Strides", "nine strides", "Nine Strides", "Nine Stride", "Nine  Strides", ""]
)
def test_a_password_matches_exactly_as_it_was_typed(other: str) -> None:
    kept = hash_password(" Nine Strides ")

    assert password_matches(kept, " Nine Strides ")
    assert not password_matches(kept, other)


def test_a_long_password_is_not_cut_off() -> None:
    long = "é" * (LONGEST_PASSWORD - 1) + "a"
    kept = hash_password(long)

    assert password_matches(kept, long)
    assert not password_matches(kept, long[:-1] + "b")
    assert not password_matches(kept, long[:-1])


def test_without_an_account_the_same_work_is_done_in_vain() -> None:
    assert not password_matches(None, "nobody has this password")
    assert not password_matches("no hash at all", "nobody has this password")
    assert extract_parameters(services._NOBODY) == extract_parameters(hash_password("somebody's"))


def test_tokens_and_codes_hold_128_bits_or_more_of_the_systems_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = secrets.token_urlsafe

    def noted(size: int) -> str:
        asked.append(size)
        return real(size)

    monkeypatch.setattr(secrets, "token_urlsafe", noted)

    made = {tokens.new_token() for _time in range(MANY)}

    assert set(asked) == {16}
    assert len(made) == MANY
    assert tokens.CODE_LENGTH * (len(tokens.CROCKFORD) - 1).bit_length() >= 128
    assert len({tokens.new_code() for _time in range(MANY)}) == MANY
    assert {len(tokens.new_code()) for _time in range(20)} == {tokens.CODE_LENGTH}


def test_what_is_stored_of_a_secret_is_its_sha_256() -> None:
    assert tokens.digest("a secret") == "984ca5162200734c592148f1820b71057f098573d138666b48663e4e30cd8d3a"
