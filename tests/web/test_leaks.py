"""A learner who waits for a result looks at everything and finds nothing that is hidden; `tests/soak` looks as everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import stores
from tests.support.canaries import Part, Source
from tests.support.leaking import built_campus, looked_through, walk_of


def test_who_waits_for_a_result_finds_neither_it_nor_any_key(
    run_folder: Path, worker_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = ("waiting-right", "passed")

    with built_campus(stores.SQLITE, run_folder, worker_name, people) as built, walk_of(built, monkeypatch) as walk:
        met, leaks = looked_through(walk, "waiting-right", walk.crawl("waiting-right"))

    assert leaks == []
    assert {(one.source, one.part) for one in met} == {(Source.CHECK, Part.STEM), (Source.CHECK, Part.OPTION)}
