"""Which characters a TrueType or OpenType font can draw, read from its `cmap` table."""

from __future__ import annotations

import struct
from pathlib import Path

TABLE_RECORD_BYTES = 16
UNICODE_SUBTABLES = ((3, 10), (0, 4), (0, 6), (3, 1), (0, 3))


def covered_characters(font_file: Path) -> frozenset[int]:
    """The code points that the font maps to a glyph.

    Raises ValueError if the file has no Unicode character map in format 4 or 12 (font collections included).
    """
    font = font_file.read_bytes()
    cmap = _cmap_at(font, font_file)
    subtable = cmap + _preferred_subtable(font, cmap, font_file)
    (kind,) = struct.unpack_from(">H", font, subtable)
    if kind == 12:
        return _segmented_32_bit(font, subtable)
    if kind == 4:
        return _segmented_16_bit(font, subtable)
    raise ValueError(f"{font_file.name}: character map format {kind} is not read here.")


def _cmap_at(font: bytes, font_file: Path) -> int:
    (tables,) = struct.unpack_from(">H", font, 4)
    for record in range(12, 12 + tables * TABLE_RECORD_BYTES, TABLE_RECORD_BYTES):
        tag, _checksum, offset, _length = struct.unpack_from(">4sIII", font, record)
        if tag == b"cmap":
            return int(offset)
    raise ValueError(f"{font_file.name}: no character map.")


def _preferred_subtable(font: bytes, cmap: int, font_file: Path) -> int:
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    offsets: dict[tuple[int, int], int] = {}
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * index)
        offsets[platform, encoding] = offset
    for key in UNICODE_SUBTABLES:
        if key in offsets:
            return offsets[key]
    raise ValueError(f"{font_file.name}: no Unicode character map.")


def _segmented_32_bit(font: bytes, subtable: int) -> frozenset[int]:
    (groups,) = struct.unpack_from(">I", font, subtable + 12)
    covered: set[int] = set()
    for group in range(groups):
        first, last, _glyph = struct.unpack_from(">III", font, subtable + 16 + 12 * group)
        covered.update(range(first, last + 1))
    return frozenset(covered)


def _segmented_16_bit(font: bytes, subtable: int) -> frozenset[int]:
    """Segments of code points; those with a range offset look each glyph up, and glyph 0 means "not here"."""
    (doubled,) = struct.unpack_from(">H", font, subtable + 6)
    segments = doubled // 2
    ends = struct.unpack_from(f">{segments}H", font, subtable + 14)
    starts = struct.unpack_from(f">{segments}H", font, subtable + 16 + doubled)
    deltas = struct.unpack_from(f">{segments}H", font, subtable + 16 + 2 * doubled)
    offsets_at = subtable + 16 + 3 * doubled
    offsets = struct.unpack_from(f">{segments}H", font, offsets_at)
    covered: set[int] = set()
    for segment, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(start, end + 1):
            glyph = code
            if offset:
                (glyph,) = struct.unpack_from(">H", font, offsets_at + 2 * segment + offset + 2 * (code - start))
            if glyph and (glyph + delta) % 0x10000 and code != 0xFFFF:
                covered.add(code)
    return frozenset(covered)
