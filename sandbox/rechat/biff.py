"""The cells of the first sheet of an ``.xls`` file: BIFF8 records in the stream "Workbook" of a compound file.

Text and numbers, as spreadsheet programs write them; formulas give their last number. After Microsoft's published
[MS-CFB] and [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on are no sectors."""
_BOF, _EOF, _SHEET, _SST, _CONTINUE, _LABEL_SST, _LABEL, _NUMBER, _RK, _MULRK, _FORMULA = (
    *(0x809, 0x0A, 0x85, 0xFC, 0x3C, 0xFD, 0x204, 0x203, 0x27E, 0xBD, 0x06),
)


class Broken(Exception):
    """The bytes are no such file."""


def rows(content: bytes) -> list[list[str]]:
    """The cells, row by row; empty ones are empty texts.

    Raises:
        Broken: the file cannot be read.
    """
    try:
        return _table(_stream(content, ("Workbook", "Book")))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Broken from error


# -- the compound file -----------------------------------------------------------------------------


def _stream(content: bytes, names: tuple[str, ...]) -> bytes:
    if not content.startswith(MAGIC):
        raise Broken
    size, small = 1 << struct.unpack_from("<H", content, 30)[0], 1 << struct.unpack_from("<H", content, 32)[0]
    directory, _, cutoff, first_small = struct.unpack_from("<4I", content, 48)
    next_fat, fat_count = struct.unpack_from("<2I", content, 68)
    fat_sectors = [number for number in struct.unpack_from("<109I", content, 76) if number < _END]
    per = size // 4
    for _ in range(fat_count):
        *more, next_fat = struct.unpack_from(f"<{per}I", content, (next_fat + 1) * size)
        fat_sectors += [number for number in more if number < _END]
    fat = [entry for number in fat_sectors for entry in struct.unpack_from(f"<{per}I", content, (number + 1) * size)]

    def chain(start: int, table: list[int]) -> list[int]:
        found: list[int] = []
        while start < _END and len(found) <= len(table):
            found.append(start)
            start = table[start]
        return found

    def read(start: int) -> bytes:
        return b"".join(content[(number + 1) * size : (number + 2) * size] for number in chain(start, fat))

    entries = read(directory)
    found = {}
    for at in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(0, length - 2)].decode("utf-16-le")
        found[name] = struct.unpack_from("<2I", entries, at + 116)
    start, length = next((found[name] for name in names if name in found), (0, -1))
    if length < 0:
        raise Broken
    if length >= cutoff:
        return read(start)[:length]
    table = [entry for (entry,) in struct.iter_unpack("<I", read(first_small))]
    container = read(found["Root Entry"][0])
    return b"".join(container[number * small : (number + 1) * small] for number in chain(start, table))[:length]


# -- the workbook ----------------------------------------------------------------------------------


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _table(stream: bytes) -> list[list[str]]:
    shared: list[str] = []
    sheet: int | None = None
    parts: list[bytes] = []
    for kind, data in _records(stream, 0):
        if kind == _SHEET and sheet is None:
            sheet = struct.unpack_from("<I", data)[0]
        if kind == _SST or (kind == _CONTINUE and parts):
            parts.append(data)
        elif parts and not shared:
            shared = list(_strings(parts))
        if kind == _EOF:
            break
    if sheet is None:
        raise Broken
    cells = dict(_cells(stream, sheet, shared))
    height = max((row for row, _ in cells), default=-1) + 1
    width = max((column for _, column in cells), default=-1) + 1
    return [[cells.get((row, column), "") for column in range(width)] for row in range(height)]


def _cells(stream: bytes, at: int, shared: list[str]) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, data in _records(stream, at):
        if kind == _EOF:
            return
        if kind not in (_LABEL_SST, _LABEL, _NUMBER, _RK, _MULRK, _FORMULA):
            continue
        place: tuple[int, int] = struct.unpack_from("<2H", data)
        if kind == _LABEL_SST:
            yield place, shared[struct.unpack_from("<I", data, 6)[0]]
        elif kind == _LABEL:
            length, wide = struct.unpack_from("<HB", data, 6)
            yield place, data[9 : 9 + length * (1 + (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")
        elif kind == _RK:
            yield place, _number(_unpacked(struct.unpack_from("<I", data, 6)[0]))
        elif kind == _MULRK:
            for number in range((len(data) - 6) // 6):
                value = struct.unpack_from("<I", data, 6 + 6 * number)[0]
                yield (place[0], place[1] + number), _number(_unpacked(value))
        elif kind == _NUMBER or data[12:14] != b"\xff\xff":
            yield place, _number(struct.unpack_from("<d", data, 6)[0])


def _unpacked(value: int) -> float:
    """The number in an RK value: the top of a double, or an integer; perhaps in hundredths."""
    if value & 2:
        number = float((value >> 2) - (1 << 30 if value & 0x80000000 else 0))
    else:
        number = struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))[0]
    return number / 100 if value & 1 else number


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _strings(parts: list[bytes]) -> Iterator[str]:
    """The shared strings; one that goes on in the next record says again there how wide its letters are."""
    part, at = 0, 8
    (count,) = struct.unpack_from("<I", parts[0], 4)
    for _ in range(count):
        if at >= len(parts[part]):
            part, at = part + 1, 0
        length, flags = struct.unpack_from("<HB", parts[part], at)
        at += 3
        runs = extra = 0
        if flags & 8:
            runs, at = struct.unpack_from("<H", parts[part], at)[0], at + 2
        if flags & 4:
            extra, at = struct.unpack_from("<I", parts[part], at)[0], at + 4
        text = ""
        while True:
            wide = 2 if flags & 1 else 1
            take = min(length - len(text), (len(parts[part]) - at) // wide)
            text += parts[part][at : at + take * wide].decode("utf-16-le" if wide == 2 else "latin-1")
            at += take * wide
            if len(text) >= length:
                break
            part, at = part + 1, 1
            flags = parts[part][0]
        rest = 4 * runs + extra
        while at + rest > len(parts[part]) and part + 1 < len(parts):
            rest, part, at = rest - (len(parts[part]) - at), part + 1, 0
        at += rest
        yield text
