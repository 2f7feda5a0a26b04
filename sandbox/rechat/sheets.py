"""The cells of the first sheet of an Excel file, as text: ``.xlsx`` (XML in a zip) and ``.xls``."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

from sandbox.rechat import biff

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class NotASheet(Exception):
    """The bytes are no file of this kind, or one that is broken."""


def rows(content: bytes) -> list[list[str]]:
    """The cells of the first sheet, row by row.

    Raises:
        NotASheet: the file cannot be read.
    """
    try:
        if content.startswith(biff.MAGIC):
            return biff.rows(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _rows(archive)
    except (biff.Broken, zipfile.BadZipFile, KeyError, ElementTree.ParseError, IndexError, ValueError) as error:
        raise NotASheet from error


def _rows(archive: zipfile.ZipFile) -> list[list[str]]:
    shared: list[str] = []
    if "xl/sharedStrings.xml" in archive.namelist():
        strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314 - a test's own file
        shared = ["".join(text.text or "" for text in each.iter(f"{_MAIN}t")) for each in strings]
    sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - a test's own file
    table = []
    for row in sheet.iter(f"{_MAIN}row"):
        line: list[str] = []
        for cell in row:
            column = _column(cell.get("r"), len(line))
            line += [""] * (column - len(line))
            text = "".join(each.text or "" for each in cell.iter() if each.tag in (f"{_MAIN}v", f"{_MAIN}t"))
            line.append(shared[int(text)] if cell.get("t") == "s" else text)
        table.append(line)
    return table


def _column(reference: str | None, following: int) -> int:
    letters = re.match(r"[A-Z]+", reference or "")
    if letters is None:
        return following
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1
