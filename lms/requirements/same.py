"""Keeping what follows from a value that never changes, found again by the value itself rather than by what is in it."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """The key of one object in a cache. It holds on to it, so that no other can come to stand in its place.

    Reading through a program to tell it from another takes longer than working out what is kept about it.
    """

    __slots__ = ("one",)

    def __init__(self, one: T) -> None:
        self.one = one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.one is other.one

    def __hash__(self) -> int:
        return id(self.one)
