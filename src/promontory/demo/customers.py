"""The customers of the demo company as its other systems know them: a file, and holds.

Who is unreachable, held back or opted out has given no answer lately, so that no story is told
twice in two ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.conf import settings
from django.db.models import F
from numpy.typing import NDArray

from promontory.demo import company, truths
from promontory.demo.answers import Ints, People, names
from promontory.program.customers.identity import blind_index
from promontory.program.customers.models import Contact, Hold
from promontory.program.responses.models import Response
from promontory.program.surveys.codes import CHANNELS

Mask = NDArray[np.bool_]

ZONES = {
    "North": "Europe/Berlin",
    "South": "Europe/Madrid",
    "East": "Europe/Warsaw",
    "West": "Europe/Paris",
    "Islands": "Atlantic/Canary",
}
DECLARED = ("region", "segment", "product", "tenure", "contract")
FIRST = (
    "Ada", "Ben", "Cleo", "Dario", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jan", "Kaja", "Lena",
    "Milo", "Nora", "Otto", "Pia", "Quim", "Rosa", "Sven", "Tara", "Uwe", "Vera", "Wim", "Yara",
    "Zoe",
)  # fmt: skip
LAST = (
    "Albers", "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov",
    "Jansen", "Kowalski", "Laurent", "Meyer", "Novak", "Olsen", "Peeters", "Quist", "Rossi",
    "Schmidt", "Torres", "Urban", "Visser", "Weber", "Young", "Ziegler",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """What is to become of each person, by their place in `People`."""

    has_phone: Mask
    is_reseller: Mask
    opted_out: Mask
    held: Mask


def address(people: People, person: int) -> str:
    """Return the address of a person, the one that the files of answers have."""
    return f"person{person}@account{people.account[person]}.example"


def places(people: People) -> dict[int, int]:
    """Return the place of every contact that has a person's address, by the contact's number."""
    key = settings.INDEX_KEY
    at = {blind_index("email", address(people, n), key): n for n in range(len(people.account))}
    rows = Contact.objects.filter(email_index__isnull=False).values_list("pk", "email_index")
    found = {pk: at.get(bytes(index or b"")) for pk, index in rows.iterator(chunk_size=10_000)}
    return {pk: place for pk, place in found.items() if place is not None}


def answered_since(people: People, survey: str, since: date, *channels: str) -> Mask:
    """Return who has answered a survey since a day, by some channels or by any."""
    rows = Response.objects.filter(
        survey__key=survey, contact__isnull=False, local_day__gte=since.toordinal() - _EPOCH
    )
    if channels:
        rows = rows.filter(channel__in=[CHANNELS[channel] for channel in channels])
    at = places(people)
    mask = np.zeros(len(people.account), dtype=bool)
    mask[[at[pk] for pk in rows.values_list("contact_id", flat=True) if pk in at]] = True
    return mask


_EPOCH = date(1970, 1, 1).toordinal()


def story(people: People, last: date, random: np.random.Generator) -> Story:
    """Decide what becomes of whom, under the answers that there are."""
    count = len(people.account)
    silent = ~answered_since(people, "relationship", last - timedelta(days=2 * 92))
    support = last - timedelta(days=truths.SUPPORT_WAVE_DAYS)
    by_text = answered_since(people, "after-support", support, "sms")
    otherwise = answered_since(people, "after-support", support, "email", "ivr")
    may_text = ~by_text & ~otherwise & (random.random(count) < truths.SMS_EXTRA)
    is_cranes = _is(company.PRODUCTS, people.product, "Cranes")
    is_far = _is(company.REGIONS, people.region, "Islands") & _is(
        company.SEGMENTS, people.segment, "Enterprise"
    )
    unhappy = people.opinion < np.median(people.opinion)
    calm = silent & ~by_text & ~otherwise
    return Story(
        has_phone=by_text | may_text,
        is_reseller=silent & (random.random(count) < 0.03),
        opted_out=calm & (random.random(count) < np.where(is_far, truths.OPTED_OUT_SHARE, 0.01)),
        held=silent
        & (random.random(count) < np.where(is_cranes & unhappy, truths.HELD_SHARE, 0.01)),
    )


def write_file(path: Path, people: People, story: Story, last: date) -> None:
    """Write the customers as their own system would export them."""
    n = np.arange(len(people.account))
    region = names(company.REGIONS, people.region)
    said = last - timedelta(days=300)
    table: dict[str, Any] = {
        "customer id": [f"C{one:05d}" for one in n],
        "email": [address(people, int(one)) for one in n],
        "name": [f"{FIRST[one % 25]} {LAST[one // 25 % 25]}" for one in n],
        "phone": [f"+4915112{one:06d}" if has else "" for one, has in enumerate(story.has_phone)],
        "account": [f"Account {account:04d}" for account in people.account],
        "account role": names(company.ROLES, people.role).tolist(),
        "language": names(company.LANGUAGES, people.language).tolist(),
        "time zone": [ZONES[one] for one in region],
        "household": ["" if one % 40 else f"H{people.account[one]:04d}" for one in n],
        "lawful basis": ["legitimate_interest"] * len(n),
        "email opt out": ["yes" if out else "" for out in story.opted_out],
        "opted out at": [said.isoformat() if out else "" for out in story.opted_out],
        "region": region.tolist(),
        "segment": names(company.SEGMENTS, people.segment).tolist(),
        "product": names(company.PRODUCTS, people.product).tolist(),
        "tenure": names(company.TENURES, people.tenure).tolist(),
        "contract": ["Reseller" if one else "Direct" for one in story.is_reseller],
    }
    pa_csv.write_csv(pa.table(table), path)


def mapping(proposal: dict[str, Any]) -> dict[str, Any]:
    """Return the columns as the demo declares them: attributes for everybody, the zone ours."""
    roles = {
        "opted out at": "consent_at",
        "email opt out": "refused_email",
        "household": "household",
    }
    columns = []
    for column in proposal["columns"]:
        name = column["name"]
        role = "declared" if name in DECLARED else roles.get(name, column["role"])
        columns.append(
            {"name": name, "role": role, "dimension": name, "label": name.capitalize()}
            if role == "declared"
            else {"name": name, "role": role}
        )
    return {"kind": "contacts", "columns": columns, "sheet": "", "zone": company.ZONE}


def place_holds(people: People, story: Story, drawn: datetime, by: str) -> int:
    """Place the holds of those who are held back from the last wave; again, nothing happens."""
    if Hold.objects.filter(source_key__startswith="demo-").exists():
        return 0
    place = places(people)
    reasons = ("open_case", "negotiation", "escalated_ticket", "complaint")
    held = [(pk, one) for pk, one in place.items() if story.held[one]]
    Hold.objects.bulk_create(
        [
            Hold(
                contact_id=pk,
                reason=reasons[one % 4],
                source="staff" if one % 4 == 1 else "case",
                source_key=f"demo-{one}",
                note="Until the Cranes team has settled it." if one % 4 == 1 else "",
                starts_at=drawn - timedelta(days=5 + one % 9),
                ends_at=drawn + timedelta(days=30 + one % 100),
                placed_at=drawn - timedelta(days=5 + one % 9),
                placed_by=by,
            )
            for pk, one in held
        ],
        batch_size=2_000,
    )
    return len(held)


def _is(levels: tuple[company.Level, ...], codes: Ints, name: str) -> Mask:
    wanted = next(place for place, level in enumerate(levels) if level.name == name)
    return np.asarray(codes == wanted)


def first_answers(
    survey: str, since: date, before: date, channel: str
) -> list[tuple[int, int, datetime]]:
    """Return (contact, response, when) of each one's first answer by a channel in these days."""
    rows = Response.objects.filter(
        survey__key=survey,
        channel=CHANNELS[channel],
        contact__isnull=False,
        local_day__gte=since.toordinal() - _EPOCH,
        local_day__lt=before.toordinal() - _EPOCH,
    ).order_by(F("answered_at").desc(), "-pk")
    first = {c: (c, pk, at) for c, pk, at in rows.values_list("contact_id", "pk", "answered_at")}
    return sorted(first.values())
