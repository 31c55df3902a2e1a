"""Cells of an XLSX sheet that a reader returns empty though something stands there: formulas that
failed (#DIV/0!) and formulas whose result was never stored."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from promontory.tables.values.answers import NO_RESULT

_CHUNK = 1 << 20
_SHEET = re.compile(r'<(?:\w+:)?sheet\s[^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_TARGET = re.compile(r"<Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]*)>((?:(?!</c>).)*)</c>', re.DOTALL)
_VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>")


def unread_cells(stream: BinaryIO, place: int) -> dict[tuple[int, int], str]:
    """(row, column), both from 0, → what to put there, for the sheet at this place (from 0)."""
    found: dict[tuple[int, int], str] = {}
    with zipfile.ZipFile(stream) as archive:
        part = _part_of(archive, place)
        if part is None:
            return found
        with archive.open(part) as xml:
            for match in _suspicious(xml):
                letters, row, attributes, inside = match
                value = _VALUE.search(inside)
                stored = value[1].decode("utf-8", "replace") if value else ""
                if b't="e"' in attributes:
                    found[int(row) - 1, _column(letters)] = stored or NO_RESULT
                elif b"<f" in inside and not stored and b't="str"' not in attributes:
                    found[int(row) - 1, _column(letters)] = NO_RESULT
    return found


def _part_of(archive: zipfile.ZipFile, place: int) -> str | None:
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    sheets = _SHEET.findall(book)
    if place >= len(sheets):
        return None
    for link in _TARGET.findall(links):
        attributes = dict(_ATTRIBUTE.findall(link))
        if attributes.get("Id") == sheets[place][1]:
            target = attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.namelist() else None
    return None


def _suspicious(xml: object) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    carry = b""
    while chunk := xml.read(_CHUNK):  # type: ignore[attr-defined]
        buffer = carry + chunk
        cut = buffer.rfind(b"</c>") + 4
        if cut < 4:
            carry = buffer
            continue
        whole, carry = buffer[:cut], buffer[cut:]
        if b"<f" in whole or b't="e"' in whole:
            for match in _CELL.finditer(whole):
                if b"<f" in match[4] or b't="e"' in match[3]:
                    yield match[1], match[2], match[3], match[4]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
