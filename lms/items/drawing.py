"""Drawing items and ordering options from a stored seed.

The method is part of the record of an attempt and must never change: whatever is to be put
in order is sorted by HMAC-SHA256 of its id, keyed by the seed. No random generator is
involved, so every Python version draws the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lms.foundation.messages import Message
from lms.foundation.problems import Problem
from lms.items.types import type_named
from lms.items.values import Item, PublicItem


@dataclass(frozen=True)
class PoolItem:
    """An item that can be drawn; `objective` is the part of the pool it counts for."""

    id: str
    objective: str


def option_order(item: Item, seed: str, salt: str) -> tuple[str, ...]:
    """The ids of the options in the order to show, the same for the same item, `seed` and `salt`.

    Options of a fixed item, or of a type that is never shuffled, keep their source order.
    """
    ids = tuple(option.id for option in item.options)
    if item.fixed or not type_named(item.type).shuffles:
        return ids
    return tuple(sorted(ids, key=lambda id_: _rank(seed, "option", salt, item.id, id_)))


def public_form(item: Item, order: Sequence[str] | None = None) -> PublicItem:
    """What a sitting may show of `item`: no key, no feedback, no explanation.

    The option texts stand in `order` (ids, from `option_order`), or in source order without one.
    Raises ValueError where `order` is not an order of the item's options.
    """
    texts = {option.id: option.text for option in item.options}
    ids = tuple(texts) if order is None else tuple(order)
    if sorted(ids) != sorted(texts):
        raise ValueError(f"{ids} is not an order of the options of {item.id}.")
    shown = type_named(item.type).shown(item)
    return PublicItem(item.id, item.type, item.stem, tuple(texts[id_] for id_ in ids), shown)


def draw_quiz(pool: Iterable[PoolItem], count: int, seed: str, seen: Mapping[str, int]) -> tuple[str, ...]:
    """The ids of `count` different items, as evenly over the objectives as the pool allows.

    Within an objective the never seen come first, then the least often seen (`seen`: id → times);
    equals, and the objectives that give one more, are decided by `seed`. The order of the pool
    does not matter. Raises ValueError for a pool that is too small or holds an id twice.
    """
    groups = _by_objective(pool)
    if not 0 <= count <= sum(map(len, groups.values())):
        raise ValueError(f"Can't draw {count} items from {sum(map(len, groups.values()))}.")
    shares = _shares({objective: len(ids) for objective, ids in groups.items()}, count, seed)
    drawn = []
    for objective, ids in groups.items():
        ranked = sorted(ids, key=lambda id_: (seen.get(id_, 0), _rank(seed, "draw", id_)))
        drawn.extend(ranked[: shares[objective]])
    return tuple(sorted(drawn, key=lambda id_: _rank(seed, "order", id_)))


@dataclass(frozen=True)
class PartSupply:
    """One part of a blueprint: how many items it asks for, and how many the pool holds."""

    part: str
    asked: int
    held: int

    @property
    def forms(self) -> int:
        """How many forms that don't overlap this part can supply; 0 for one that asks for nothing."""
        return self.held // self.asked if self.asked > 0 else 0


@dataclass(frozen=True)
class Feasibility:
    """What a pool can supply of a blueprint, part by part in the blueprint's order."""

    parts: tuple[PartSupply, ...]

    @property
    def forms(self) -> int:
        """How many forms that don't overlap the pool can supply: as many as its scarcest part."""
        return min((part.forms for part in self.parts), default=0)

    @property
    def feasible(self) -> bool:
        return self.forms > 0


def draw_feasible(blueprint: Mapping[str, int], pool: Iterable[PoolItem]) -> Feasibility:
    """What `pool` can supply of `blueprint` (part → items asked for); an item's objective is its part."""
    groups = _by_objective(pool)
    return Feasibility(tuple(PartSupply(part, asked, len(groups.get(part, ()))) for part, asked in blueprint.items()))


def blueprint_problems(
    blueprint: Mapping[str, int], pool: Iterable[PoolItem], *, forms: int = 1
) -> tuple[Problem, ...]:
    """Why `pool` can't supply `forms` forms of `blueprint` that don't overlap; nothing where it can."""
    if not blueprint:
        return (Problem("blueprint-empty", Message("The blueprint has no parts.")),)
    return tuple(
        problem for part in draw_feasible(blueprint, pool).parts if (problem := _problem_of(part, forms)) is not None
    )


def _problem_of(part: PartSupply, forms: int) -> Problem | None:
    if part.asked < 1:
        message = Message("“{part}” asks for {asked} items; a part asks for one or more.", _values(part))
        return Problem("blueprint-count", message)
    if part.forms >= forms:
        return None
    if part.forms == 0:
        message = Message("“{part}” asks for {asked} items and the pool holds {held}.", _values(part))
        return Problem("blueprint-short", message)
    message = Message(
        "“{part}” asks for {asked} items and the pool holds {held}: enough for {possible} of {forms} forms that don't overlap.",
        {**_values(part), "possible": part.forms, "forms": forms},
    )
    return Problem("blueprint-overlap", message)


def _values(part: PartSupply) -> dict[str, str | int]:
    return {"part": part.part, "asked": part.asked, "held": part.held}


def _by_objective(pool: Iterable[PoolItem]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    ids: set[str] = set()
    for item in pool:
        if item.id in ids:
            raise ValueError(f"The pool holds {item.id} twice.")
        ids.add(item.id)
        groups.setdefault(item.objective, []).append(item.id)
    return groups


def _shares(sizes: Mapping[str, int], count: int, seed: str) -> dict[str, int]:
    """How many items each objective gives: one a round from each that has any left, by seed in the last round."""
    shares = dict.fromkeys(sizes, 0)
    in_turn = sorted(sizes, key=lambda objective: _rank(seed, "objective", objective))
    left = count
    while left:
        able = [objective for objective in in_turn if shares[objective] < sizes[objective]]
        for objective in able[:left]:
            shares[objective] += 1
        left -= len(able[:left])
    return shares


def _rank(seed: str, *names: str) -> bytes:
    """The place of a name in an order: HMAC-SHA256 under the seed of the names, each after its length."""
    framed = b"".join(len(name := text.encode()).to_bytes(4, "big") + name for text in names)
    return hmac.new(seed.encode(), framed, hashlib.sha256).digest()
