"""Everything that can be asked of a person, one small class each.

Every module in this package is read here and its leaves are registered by name:
adding a leaf touches one file.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules

from lms.requirements.tree import Leaf


def _all_leaves() -> dict[str, type[Leaf]]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    classes = [kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)]
    return {kind.name: kind for kind in classes if issubclass(kind, Leaf) and kind.name}


LEAVES: dict[str, type[Leaf]] = _all_leaves()
