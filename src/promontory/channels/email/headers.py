"""The headers of a survey mail, and why each of them.

- `List-Unsubscribe` with `List-Unsubscribe-Post` (RFC 2369, RFC 8058): one click in the mail
  program, answered by a POST. Large providers demand both; the relay's DKIM signature has to
  cover them.
- `List-Id` (RFC 2919): one per programme, so that people can filter and providers can tell our
  streams apart.
- `Feedback-ID`: the same for Gmail's complaint statistics; it names the stream, never the person.
- `Auto-Submitted: auto-generated` (RFC 3834) and Exchange's `X-Auto-Response-Suppress`: no
  out-of-office notes in return.
- No `Precedence`: RFC 2076 discourages it, nothing we send to needs it beside `Auto-Submitted`,
  and some gateways hold *bulk* back.
- No header that would ask for a read receipt, for the same reason that there is no pixel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from promontory.channels.email.references import unsubscribe_address

UNFIT = re.compile(r"[^a-z0-9-]+")


def survey_headers(
    *, unsubscribe_url: str, reference: str, domain: str, programme: str, brand: str
) -> Mapping[str, str]:
    """Return the headers of an invitation or reminder."""
    stream = UNFIT.sub("-", programme.lower()).strip("-") or "survey"
    by_mail = unsubscribe_address(reference, domain)
    return {
        "List-Unsubscribe": f"<{unsubscribe_url}>, <mailto:{by_mail}?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{_phrase(brand)} <{stream}.surveys.{domain}>",
        "Feedback-ID": f"{stream}:survey:promontory",
        **notice_headers(),
    }


def notice_headers() -> Mapping[str, str]:
    """Return the headers of whatever a machine writes: no machine should answer it."""
    return {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}


def _phrase(brand: str) -> str:
    """Return a brand as the phrase of a List-Id, or nothing where it does not fit in one."""
    plain = re.sub(r"[^A-Za-z0-9 .&'-]+", " ", brand).strip()
    return f'"{plain}"' if plain else ""
