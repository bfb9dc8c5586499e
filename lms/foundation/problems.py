"""What a check found, and where: the one shape in which compilers speak to authors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lms.foundation.messages import Message


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Problem:
    """One finding at `path:line:column` (both from 1), with the mend where we know one."""

    code: str
    message: Message
    path: str = ""
    line: int = 1
    column: int = 1
    severity: Severity = Severity.ERROR
    mend: Message | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def at(self, path: str, *, line_offset: int = 0) -> Problem:
        """The same finding in the file `path`, whose text the finder saw from line 1 + `line_offset`."""
        return replace(self, path=path, line=self.line + line_offset)

    def as_line(self) -> str:
        """`path:line:column: severity: code: message (mend)`, the shape that editors can jump to."""
        mend = f" ({self.mend.in_english()})" if self.mend else ""
        where = f"{self.path}:{self.line}:{self.column}"
        return f"{where}: {self.severity.value}: {self.code}: {self.message.in_english()}{mend}"

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message.in_english(),
            "mend": self.mend.in_english() if self.mend else None,
        }
