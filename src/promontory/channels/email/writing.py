"""A mail as the bytes that go over the wire, written directly.

Python's own generator takes two milliseconds for a mail, twice what all the rest costs, most of it
for headers that are the same in every mail of a chunk. `tests/channels/email/test_writing.py`
holds this to Django's output, header by header and body by body.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from promontory.channels.contract import Fault, Message, NotSent
from promontory.channels.email.addresses import validate_address
from promontory.channels.email.references import encode, message_id
from promontory.errors import BadInput

LINE = 78
LONGEST_LINE = 998
ENCODED_WORD = 45
BREAK = re.compile(rb"\r\n|\r|\n")
ADDRESSES = frozenset({"From", "Reply-To"})


def write(message: Message, *, to: str, domain: str, eight_bit: bool = True) -> bytes:
    """Return the mail with network line ends; without `eight_bit` everything is ASCII."""
    head = [
        header("From", message.sender),
        f"To: {to}",
        header("Subject", message.subject),
        f"Date: {format_datetime(message.at)}",
        f"Message-ID: {message_id(message.reference, domain)}",
        header("Content-Language", message.language),
        *(header(name, value) for name, value in message.headers.items()),
        "MIME-Version: 1.0",
    ]
    text = _part("plain", message.text, eight_bit)
    if not message.html:
        return "\r\n".join(head).encode() + b"\r\n" + text
    html = _part("html", message.html, eight_bit)
    boundary = _boundary(message.reference, text, html)
    head.append(f'Content-Type: multipart/alternative; boundary="{boundary.decode()}"')
    edge = b"\r\n--" + boundary
    lines = ("\r\n".join(head).encode(), b"\r\n", edge, b"\r\n", text, edge, b"\r\n", html, edge)
    return b"".join((*lines, b"--\r\n"))


@lru_cache(maxsize=512)
def header(name: str, value: str) -> str:
    """Return one header line, encoded (RFC 2047) and folded; refuses a line break in it."""
    if "\n" in value or "\r" in value:
        raise NotSent(
            f"The {name} of the mail has a line break in it.", permanent=True, fault=Fault.MESSAGE
        )
    if name in ADDRESSES:
        value = _address(name, value)
    if not value.isascii():
        return f"{name}: {_words(value)}"
    return _folded(f"{name}: {value}")


def _address(name: str, value: str) -> str:
    """Return `Display name <address>` with its name encoded and its domain in ASCII."""
    display, address = parseaddr(value)
    try:
        return formataddr((display, validate_address(address)), "utf-8")
    except (BadInput, UnicodeError) as error:
        detail = f"The {name} of the mail is no address: {error}"
        raise NotSent(detail, permanent=True, fault=Fault.SERVICE) from error


def _words(value: str) -> str:
    """Return a text as encoded words (RFC 2047), none longer than 75 characters.

    Python's own Header tries two encodings character by character: half a millisecond a subject.
    """
    chunks, current = [], b""
    for character in value:
        coded = character.encode("utf-8", "replace")
        if len(current) + len(coded) > ENCODED_WORD:
            chunks.append(current)
            current = b""
        current += coded
    words = (f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in [*chunks, current])
    return "\r\n ".join(words)


def _folded(line: str) -> str:
    """Return an ASCII header broken at spaces, as far as it has any."""
    if len(line) <= LINE:
        return line
    lines, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > LINE and not current.endswith(":"):
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return "\r\n ".join([*lines, current])


def _part(kind: str, text: str, eight_bit: bool) -> bytes:
    """Return a body with its headers, in the plainest encoding that carries it."""
    body = BREAK.sub(b"\r\n", text.encode("utf-8", "replace"))
    short = max(map(len, body.split(b"\r\n"))) <= LONGEST_LINE
    if short and body.isascii():
        how = b"7bit"
    elif short and eight_bit:
        how = b"8bit"
    else:
        how, body = b"base64", encodebytes(body).replace(b"\n", b"\r\n")
    return b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n\r\n%s' % (
        kind.encode(),
        how,
        body,
    )


def _boundary(reference: str, *parts: bytes) -> bytes:
    """Return a line that none of the parts contains; the same mail has always the same."""
    for attempt in range(1000):
        boundary = f"=_{encode(reference)}.{attempt}".encode()
        if not any(boundary in part for part in parts):
            return boundary
    raise NotSent("The mail cannot be built.", permanent=True, fault=Fault.MESSAGE)
