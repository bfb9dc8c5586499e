"""What the compiler makes and a release stores: documents, and the digests by which they are compared.

Apart from the compiler, whose libraries take a second to load: who shows what was compiled does without them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lms.content.models import DocumentKind
from lms.items import Item

COMPILER = 1  # raised when the same source compiles to something else
CHECK_MARK = "<!--check-->"  # stands in a lesson's body where a check is shown


@dataclass(frozen=True)
class Document:
    """One thing to release.

    `structure` and `assessment` are the parts of it whose change is structural, or concerns
    assessment; any other change is editorial.
    """

    kind: DocumentKind
    id: str
    path: str
    compiled: dict[str, Any]
    body: str = ""
    data: bytes | None = None
    secure: bool = False
    structure: Any = None
    assessment: Any = None
    formerly: tuple[str, ...] = ()

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of everything that readers could see of it."""
        said = canonical([COMPILER, self.kind.value, self.id, self.stored, self.body, self.secure])
        digest = hashlib.sha256(said)
        digest.update(self.data or b"")
        return digest.hexdigest()

    @property
    def stored(self) -> dict[str, Any]:
        """What the compiled column holds: the document, and the digests by which changes are classed."""
        return {
            **self.compiled,
            "classing": {"structure": digest_of(self.structure), "assessment": digest_of(self.assessment)},
        }


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def digest_of(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:20]


def form_hash(item_ids: Sequence[str], items: Mapping[str, Item]) -> str:
    """What a reviewer saw: the items of a form, keys included. A change to any of them asks for a new activation."""
    seen = [items[item_id].to_json() for item_id in item_ids if item_id in items]
    return hashlib.sha256(canonical(seen)).hexdigest()[:24]
