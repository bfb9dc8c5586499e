"""The item types. Each file here is one type and is found by being here; nothing else lists them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from lms.items.interface import ItemType


def _found() -> Mapping[str, ItemType]:
    types: list[ItemType] = [import_module(f"{__name__}.{file.name}").TYPE for file in iter_modules(__path__)]
    return MappingProxyType({type_.name: type_ for type_ in sorted(types, key=lambda type_: type_.name)})


TYPES = _found()


def type_named(name: str) -> ItemType:
    """The item type of this name. Raises ValueError where there is none."""
    if name not in TYPES:
        raise ValueError(f"There is no item type {name!r}.")
    return TYPES[name]
