"""How far the sheets of an XLSX reach, known before a reader makes room for every cell of them.

A reader holds a sheet as one block from its first to its last cell. Five kilobytes with a single
cell in the last corner, by accident or malice, would take hundreds of gigabytes, and end the
process that asked.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from promontory.errors import BadInput, Place

MOST_CELLS = 50_000_000
MOST_BYTES = 8 << 30
_UNSUSPECTED, _MOST_PACKED = 64 << 20, 200
_ROWS = 1_048_576
_CHUNK = 1 << 20
_COLUMN = re.compile(rb'\sr="([A-Z]+)')
_OPENINGS = (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/")
_LETTERS = re.compile(r"\$?([A-Za-z]*)\$?(\d*)")


def check(stream: BinaryIO, name: str) -> None:
    """Refuse a workbook that unpacks to far more than it holds, or reaches out into emptiness."""
    with zipfile.ZipFile(stream) as archive:
        for part in archive.infolist():
            packed = part.file_size > _MOST_PACKED * max(part.compress_size, 1)
            if part.file_size > MOST_BYTES or (part.file_size > _UNSUSPECTED and packed):
                raise BadInput(
                    f"The workbook unpacks to {part.file_size / 1e9:,.1f} GB.",
                    remedy="Save the table as CSV.",
                    place=Place(file=name),
                )
        for part in archive.infolist():
            folder, _, file = part.filename.rpartition("/")
            if folder == "xl/worksheets" and file.endswith(".xml") and not _is_small(archive, part):
                raise BadInput(
                    f"A sheet reaches further than {MOST_CELLS:,} cells, filled or not.",
                    remedy="Delete the rows and columns beyond the data, or save it as CSV.",
                    place=Place(file=name),
                )


def _is_small(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether the sheet is narrow enough for any height; only a wide one is measured exactly."""
    columns: set[bytes] = set()
    odd = False
    with archive.open(part) as xml:
        for text in _whole_tags(xml):
            found = _COLUMN.findall(text)
            columns.update(found)
            odd |= b"\0" in text or sum(map(text.count, _OPENINGS)) > len(found)
    width = max((_number(letters.decode()) for letters in columns), default=0)
    if not odd and width * _ROWS <= MOST_CELLS:
        return True
    with archive.open(part) as xml:
        return _Extent().of(xml) <= MOST_CELLS


def _whole_tags(xml: object) -> Iterator[bytes]:
    carry = b""
    while chunk := xml.read(_CHUNK):  # type: ignore[attr-defined]
        text = carry + chunk
        cut = text.rfind(b"<")
        if cut <= 0:
            carry = text
            continue
        carry = text[cut:]
        yield text[:cut]
    yield carry


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper()[:7]:
        number = number * 26 + ord(letter) - 64
    return number


class _Extent:
    """The block from a sheet's first to its last cell; a cell without a place follows the last."""

    def __init__(self) -> None:
        self._row = self._column = self._at = 0
        self._rows: list[int] = []
        self._columns: list[int] = []

    def of(self, xml: object) -> int:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._on_start
        try:
            while chunk := xml.read(_CHUNK):  # type: ignore[attr-defined]
                parser.Parse(chunk, False)
                self._rows = [min(self._rows), max(self._rows)] if self._rows else []
                self._columns = [min(self._columns), max(self._columns)] if self._columns else []
        except expat.ExpatError:
            pass  # a reader stops there as well, and says that the workbook is damaged
        if not self._rows:
            return 0
        height = max(self._rows) - min(self._rows) + 1
        return height * (max(self._columns) - min(self._columns) + 1)

    def _on_start(self, tag: str, said: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "row":
            number = said.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = 0
        elif kind == "c":
            place = _LETTERS.match(said.get("r", ""))
            letters, number = place.groups() if place else ("", "")
            self._column = _number(letters) if letters else self._column + 1
            self._at = int(number) if number else self._row
        elif kind in ("v", "is"):  # a cell that is only coloured takes no room
            self._rows.append(self._at)
            self._columns.append(self._column)
