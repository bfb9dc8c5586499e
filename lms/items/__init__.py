"""A question: found in Markdown, parsed, linted, drawn, shown, answered, scored. Pure: values in, values out."""

from lms.items.drawing import (
    Feasibility,
    PartSupply,
    PoolItem,
    blueprint_problems,
    draw_feasible,
    draw_quiz,
    option_order,
    public_form,
)
from lms.items.interface import ItemType
from lms.items.linting import lint, twins
from lms.items.parsing import parse
from lms.items.printing import to_source
from lms.items.scanning import Block, Scanned, placeholder, scan
from lms.items.scoring import Score, Total, profile, score, total
from lms.items.types import TYPES, type_named
from lms.items.values import BadResponse, Item, Key, Option, Parsed, PublicItem, Response

__all__ = [
    "TYPES",
    "BadResponse",
    "Block",
    "Feasibility",
    "Item",
    "ItemType",
    "Key",
    "Option",
    "Parsed",
    "PartSupply",
    "PoolItem",
    "PublicItem",
    "Response",
    "Scanned",
    "Score",
    "Total",
    "blueprint_problems",
    "draw_feasible",
    "draw_quiz",
    "lint",
    "option_order",
    "parse",
    "placeholder",
    "profile",
    "public_form",
    "scan",
    "score",
    "to_source",
    "total",
    "twins",
    "type_named",
]
