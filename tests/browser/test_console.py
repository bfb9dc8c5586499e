"""Every page that can be reached by links is quiet: no error in the console, nothing that the policy had to stop."""

from __future__ import annotations

import pytest

from tests.support.amounts import WHOLE
from tests.support.visitors import Visitors
from tests.support.walks import STARTS as STARTS_OF_ALL
from tests.support.walks import crawl

MOST_PAGES = 45 if WHOLE else 9
MOST_OF_A_SHAPE = 2 if WHOLE else 1
WALKERS = ("learner", "examinee", "instructor", "author", "staff") if WHOLE else ("learner", "author", "staff")
STARTS = {word: STARTS_OF_ALL[word] for word in WALKERS}


@pytest.mark.parametrize("word", STARTS)
def test_pages_are_quiet(visitors: Visitors, word: str) -> None:
    page = visitors.somebody(word)

    seen = crawl(page, STARTS[word], most=MOST_PAGES, of_a_shape=MOST_OF_A_SHAPE)

    assert len(seen) > len(STARTS[word])
