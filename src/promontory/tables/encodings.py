"""Which encoding a text file is in, and its bytes as UTF-8, block by block.

UTF-8 is proved, not guessed: whatever is not UTF-8 is read by line in the fallback encoding, and
counted. Old DOS bytes (cp850) inside western text are told from Windows' by their neighbours.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Bytes that are accented letters in cp850, and in Windows-1252 signs nobody writes beside a letter.
_DOS_SURE = re.compile(
    rb"[A-Za-z\x80-\xff][\x81\x82\x83\x87\x88\x8a\x8d\x8f\x90\x97\x9d]|"
    rb"[\x81\x82\x83\x87\x88\x8a\x8d\x8f\x90\x9d][a-z]"
)
_C1 = re.compile(rb"[\x80-\x9f]")
_ALL_BYTES = bytes(range(256))
# The five bytes Windows-1252 leaves open stay what latin-1 makes of them, so nothing is lost.
_WINDOWS_TABLE = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in _ALL_BYTES
)
_DOS_TABLE = "".join(
    bytes([byte]).decode("cp850" if 0x80 <= byte <= 0x9F else "latin-1") for byte in _ALL_BYTES
)
_WINDOWS = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][a-z]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding a file is read in; `bom` bytes are skipped at its beginning."""

    name: str
    bom: int = 0
    why: str = ""

    @property
    def is_utf8(self) -> bool:
        return self.name == "utf-8"


def detect(sample: bytes, declared: str | None = None) -> Encoding:
    """The encoding of a file that begins like this."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return Encoding(name, len(mark), "byte order mark")
    if declared:
        return Encoding(_known(declared), 0, "declared")
    if name := _utf16_by_zeros(sample):
        return Encoding(name, 0, "every other byte is zero")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
        return Encoding("utf-8")
    except UnicodeDecodeError:
        return _eight_bit(sample)


def _known(name: str) -> str:
    from promontory.errors import BadInput

    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except (LookupError, TypeError) as error:
        raise BadInput(
            f"“{name}” is not an encoding.", remedy="Use utf-8, cp1252, cp850, utf-16 …"
        ) from error
    return "utf-8" if found in ("utf-8-sig", "ascii") else found


def _utf16_by_zeros(sample: bytes) -> str:
    head = sample[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half >= 2 and odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if half >= 2 and even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _eight_bit(sample: bytes) -> Encoding:
    high = sum(1 for byte in sample if byte >= 0x80)
    accents = sum(1 for byte in sample if byte >= 0xC0)
    letters = sum(1 for byte in sample if 65 <= (byte & 0xDF) <= 90)
    # Western text is mostly ASCII letters with a few accents; Cyrillic, Greek, Chinese are not.
    if accents < 0.5 * letters and high < letters:
        windows, dos = len(_WINDOWS.findall(sample)), len(_DOS_SURE.findall(sample))
        if dos > 4 * windows:
            return Encoding("cp850", 0, "not UTF-8; accents are where DOS puts them")
        return Encoding("cp1252", 0, "not UTF-8; accents are where western Windows puts them")
    from charset_normalizer import from_bytes

    lines = [line for line in sample.split(b"\n") if any(byte >= 0x80 for byte in line)]
    best = from_bytes(b"\n".join(lines)[:65_536]).best()
    if best is None:
        return Encoding("cp1252", 0, "not UTF-8, and no other encoding fits better")
    return Encoding(best.encoding, 0, "not UTF-8; by the letters that occur")


class Decoder:
    """Turns a file's bytes, block after block, into UTF-8 and counts the lines it had to mend.

    Blocks handed to `utf8` end with a whole line, unless the encoding is of fixed width.
    """

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.other_lines = 0
        self.dos_lines = 0
        self._wide = (
            codecs.getincrementaldecoder(encoding.name)("replace")
            if encoding.name.startswith(("utf-16", "utf-32"))
            else None
        )

    @property
    def by_line(self) -> bool:
        """Whether blocks have to be cut at line ends before decoding."""
        return self._wide is None

    def utf8(self, block: bytes, *, final: bool = False) -> bytes:
        """The block in UTF-8."""
        if self._wide is not None:
            return self._wide.decode(block, final).encode()
        if self.encoding.is_utf8:
            try:
                block.decode()
            except UnicodeDecodeError:
                return b"".join(self._line(line) for line in block.splitlines(keepends=True))
            return block
        if self.encoding.name == "cp1252":
            if not _C1.search(block):
                return block.decode("latin-1").encode()
            return b"\n".join(self._western(line) for line in block.split(b"\n"))
        return block.decode(self.encoding.name, "replace").encode()

    def _line(self, line: bytes) -> bytes:
        try:
            line.decode()
        except UnicodeDecodeError:
            self.other_lines += 1
            return self._western(line)
        return line

    def _western(self, line: bytes) -> bytes:
        if _DOS_SURE.search(line):
            self.dos_lines += 1
            return codecs.charmap_decode(line, "strict", _DOS_TABLE)[0].encode()
        return codecs.charmap_decode(line, "strict", _WINDOWS_TABLE)[0].encode()

    def notes(self) -> list[str]:
        """What was mended so far, in sentences."""
        found = []
        if self.other_lines:
            found.append(
                f"{self.other_lines:,} lines are not UTF-8 and were read as western (Windows-1252)."
            )
        if self.dos_lines:
            found.append(
                f"{self.dos_lines:,} lines hold accents in DOS encoding (cp850) among Windows ones;"
                " both were read."
            )
        return found


def is_wide(head: bytes) -> bool:
    """Whether a file that begins so is UTF-16 or UTF-32, where a line end is more than a byte."""
    return any(head.startswith(mark) for mark, name in _BOMS if name != "utf-8") or bool(
        _utf16_by_zeros(head)
    )
