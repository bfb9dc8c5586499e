"""Hostile texts nobody here wrote, in every field of a question and in its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lms.items import BadResponse, Item, parse, scan, score, to_source, type_named
from lms.items.interface import LONGEST_RESPONSE
from tests.rules.items.item_strategies import item_of, question
from tests.support import corpora
from tests.support.amounts import one_in

FILES = ("naughty_strings", "xss_live_half", "csv_injection")


@pytest.fixture(name="payloads", params=FILES)
def payloads_of_a_file(request: pytest.FixtureRequest) -> list[str]:
    text = (corpora.corpora() / f"{request.param}.json").read_text(encoding="utf-8")
    return [str(entry["payload"]) for entry in json.loads(text)]


def sources(payload: str) -> Iterator[str]:
    yield payload
    yield question(f"- [x] {payload}", f"    - {payload}", "- [ ] B", "", payload, stem=payload)
    for key in ("id", "accept", payload):
        yield question("Why.", head=f"id: q-1\nobjective: ob-1\ntype: short-text\n{key}: {payload}")


EVERY_THIRD = one_in(3)  # each stands in every field of every type


def test_hostile_texts_are_read_or_reported_in_every_field(payloads: list[str]) -> None:
    for source in (source for payload in payloads[::EVERY_THIRD] for source in sources(payload)):
        scanned = scan(source)
        for result in map(parse, scanned.blocks):
            assert (result.item is None) == bool(result.problems)
            if result.item is not None and not scanned.problems:
                assert item_of(to_source(result.item)) == result.item
                assert Item.from_json(json.loads(json.dumps(result.item.to_json()))) == result.item


def test_hostile_answers_are_scored_or_refused(payloads: list[str]) -> None:
    numeric = item_of(question("Why.", head="id: q-1\nobjective: ob-1\ntype: numeric\nanswer: 73.19"))
    text = item_of(question("Why.", head="id: q-1\nobjective: ob-1\ntype: short-text\naccept: [canary 73]"))
    for payload in payloads:
        for item in (numeric, text):
            try:
                response = type_named(item.type).read_response(item, [payload])
            except BadResponse:  # for nothing but size and characters
                assert len(payload) > LONGEST_RESPONSE or "\x00" in payload or _has_surrogate(payload)
            else:
                assert score(item, response).raw == 0


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
