"""Where bytes come from (a path, bytes, an open file) and what they are, by their first bytes."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from promontory.errors import BadInput, Place

HEAD = 1 << 18
BLOCK = 1 << 23

# First bytes of what is often uploaded and cannot be read as a table, with what to do instead.
_FOREIGN = (
    (b"%PDF", "a PDF document", "Export the table behind it as CSV or XLSX."),
    (b"\x89PNG", "a picture (PNG)", "Give the table itself, not a picture of it."),
    (b"\xff\xd8\xff", "a picture (JPEG)", "Give the table itself, not a picture of it."),
    (b"GIF8", "a picture (GIF)", "Give the table itself, not a picture of it."),
    (b"Rar!", "a RAR archive", "Unpack it and give the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and give the file inside."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it (gunzip) and give the file inside."),
    (b"BZh", "a bzip2 archive", "Unpack it (bunzip2) and give the file inside."),
    (b"\xfd7zXZ", "an XZ archive", "Unpack it (unxz) and give the file inside."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it (unzstd) and give the file inside."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"$FL2", "an SPSS file", "Save it as CSV with values, not labels."),
    (b"$FL3", "an SPSS file", "Save it as CSV with values, not labels."),
    (b"{\\rtf", "a word-processor document", "Export the table as CSV or XLSX."),
    (b"\x7fELF", "a program", "Give a CSV, XLSX, Parquet or JSONL file."),
    (b"MZ\x90", "a program", "Give a CSV, XLSX, Parquet or JSONL file."),
)
_HTML = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that can be opened: again and again, unless `once`."""

    name: str
    opener: Callable[[], BinaryIO]
    size: int | None
    path: Path | None = None
    once: bool = False

    def head(self, count: int = HEAD) -> bytes:
        """The first bytes."""
        with self.opener() as stream:
            return stream.read(count)


def of_path(path: str | os.PathLike[str]) -> Source:
    """The file at this path."""
    found = Path(path)
    if found.is_dir():
        raise BadInput(f"{found} is a folder.", remedy="Name one file in it.")
    if not found.exists():
        raise BadInput(f"There is no file {found}.", remedy="Check the name and the folder.")
    if not os.access(found, os.R_OK):
        raise BadInput(f"{found} may not be read.", remedy="Ask for the right to read it.")
    return Source(found.name, lambda: found.open("rb"), found.stat().st_size, found)


def of_bytes(data: bytes, name: str = "data") -> Source:
    """These bytes."""
    return Source(name, lambda: io.BytesIO(data), len(data))


def of_stream(stream: BinaryIO, name: str = "") -> Source:
    """An open binary file that can be sought, such as an upload; it is left open."""
    stream.seek(0, os.SEEK_END)
    size = stream.tell()

    def rewound() -> BinaryIO:
        stream.seek(0)
        return cast(BinaryIO, _Unclosed(stream))

    label = name or str(getattr(stream, "name", "") or "data")
    return Source(os.path.basename(label), rewound, size)


class _Unclosed(io.RawIOBase):
    """A stream whose end of use does not close what it reads from."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def kind_of(source: Source, head: bytes) -> str:
    """xlsx, parquet, arrow, jsonl, json or text; anything else is refused by name."""
    if not head:
        raise _refusal(source, "The file is empty.", "Export it again and look inside.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inside_zip(source)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"ARROW1"):
        return "arrow"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _other_workbook(source, "an old Excel workbook (XLS), or one with a password")
    for mark, what, remedy in _FOREIGN:
        if head.startswith(mark):
            raise _refusal(source, f"The file is {what}, whatever its name says.", remedy)
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if opening.startswith(_HTML):
        raise _refusal(
            source,
            "The file is a web page, whatever its name says.",
            "Open it in a spreadsheet and save it as XLSX or CSV.",
        )
    if opening.startswith(b"<?xml"):
        raise _refusal(source, "The file is XML.", "Save it as XLSX or CSV.")
    if opening.startswith(b"{"):
        return "jsonl"
    if opening.startswith(b"[") and opening[1:].lstrip()[:1] in (b"{", b"]", b""):
        return "json"
    return "text"


def _inside_zip(source: Source) -> str:
    try:
        with source.opener() as stream, zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise _refusal(
            source,
            "The file begins like an archive or a workbook but is cut short or damaged.",
            "Copy or export it again.",
        ) from error
    if "xl/workbook.bin" in names:
        raise _other_workbook(source, "a binary Excel workbook (XLSB)")
    if any(name.startswith("xl/workbook.") for name in names):
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        raise _other_workbook(source, "an OpenDocument file")
    inside = ", ".join(name for name in names[:3]) + (" …" if len(names) > 3 else "")
    raise _refusal(
        source,
        "The file is a ZIP archive, whatever its name says"
        + (f" (with {inside})." if inside else "."),
        "Unpack it and give the table inside.",
    )


def _other_workbook(source: Source, what: str) -> BadInput:
    """Refuse workbooks whose sheets cannot be measured before they are unpacked (see `extent`)."""
    return _refusal(source, f"The file is {what}.", "Save it as XLSX or CSV.")


def _refusal(source: Source, message: str, remedy: str) -> BadInput:
    return BadInput(message, remedy=remedy, place=Place(file=source.name))


def raw_blocks(stream: BinaryIO, size: int = BLOCK) -> Iterator[bytes]:
    """The stream's bytes, block after block."""
    while block := stream.read(size):
        yield block
