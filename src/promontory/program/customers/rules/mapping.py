"""What the columns of a file of contacts, or of holds, are declared to be."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args
from zoneinfo import available_timezones

import phonenumbers

from promontory.errors import BadInput, Place
from promontory.program.customers.codes import BASES, IMPORT_KINDS
from promontory.tables.values.instants import InstantRule, Order
from promontory.tables.values.missing import folded

IDENTIFIER_ROLES = {
    "customer": "Customer number",
    "email": "E-mail address",
    "phone": "Telephone number",
}
CONTACT_ROLES = {
    "name": "Name",
    "account": "Account (the customer organisation)",
    "account_name": "Name of the account",
    "stake": "Part played in the account",
    "language": "Language",
    "zone": "Time zone",
    "household": "Household",
}
CONSENT_ROLES = {
    "basis": "Lawful basis",
    "consent_at": "Date of the consent or refusal",
    "allowed": "May be asked at all (yes or no)",
    "refused": "Opted out of everything (yes or no)",
    "refused_email": "Opted out of e-mail (yes or no)",
    "refused_sms": "Opted out of SMS (yes or no)",
    "refused_voice": "Opted out of telephone (yes or no)",
}
SLICE_ROLES = {
    "attribute": "Attribute, for readers of answers",
    "declared": "Attribute, for everybody",
}
HOLD_ROLES = {
    "account": "Account (all in it are held back)",
    "reason": "Reason of the hold",
    "until": "Held back until",
    "note": "Note",
}
_ROLES = {
    "contacts": {**IDENTIFIER_ROLES, **CONTACT_ROLES, **CONSENT_ROLES, **SLICE_ROLES},
    "holds": {**IDENTIFIER_ROLES, **HOLD_ROLES},
}


def roles_of(kind: str) -> dict[str, str]:
    """Return what a column of a file of this kind may be, in words."""
    return _ROLES[kind]


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what it is; `dimension` and `label` are of attributes."""

    name: str
    role: str
    dimension: str = ""
    label: str = ""

    @property
    def is_attribute(self) -> bool:
        return self.role in SLICE_ROLES


@dataclass(frozen=True, slots=True)
class Mapping:
    """The declaration of a file.

    `region` is the country by whose rules a national telephone number is read; `zone` and `order`
    say how its dates were written; `basis` is the lawful basis of those for whom the file says
    none; `reopens` lets a dated consent that is later than a refusal open a way again.
    """

    columns: tuple[Column, ...]
    kind: str = "contacts"
    region: str = ""
    zone: str = "UTC"
    order: Order | None = None
    basis: str = ""
    reopens: bool = False
    sheet: str = ""

    def named(self, role: str) -> str | None:
        """Return the column of a role, if one has it."""
        return next((column.name for column in self.columns if column.role == role), None)

    @property
    def attributes(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_attribute)

    def check(self, columns: Sequence[str]) -> None:
        """Refuse a declaration that does not fit the file, or that can name nobody."""
        for column in self.columns:
            if column.name not in columns:
                raise BadInput(f"The file has no column “{column.name}”.")
        taken: set[str] = set()
        for column in self.columns:
            mark = column.dimension if column.is_attribute else column.role
            if mark in taken and mark != "ignore":
                raise BadInput(
                    "Another column is declared to be this already.",
                    remedy="Leave one of the two out.",
                    place=Place(field=column.name),
                )
            taken.add(mark)
        who = [*IDENTIFIER_ROLES, *(["account"] if self.kind == "holds" else [])]
        if not taken & set(who):
            raise BadInput(
                "No column says who is meant.",
                remedy="Declare a customer number, an e-mail address or a telephone number.",
            )
        if self.kind == "holds" and "reason" not in taken:
            raise BadInput("No column gives the reason.", remedy="Declare one as the reason.")
        if ("account_name" in taken or "stake" in taken) and "account" not in taken:
            raise BadInput(
                "The name of an account, or the part played in it, needs the account itself.",
                remedy="Declare the column that identifies the account.",
            )
        if self.reopens and "consent_at" not in taken:
            raise BadInput(
                "Ways can be opened again only by a consent that says its date.",
                remedy="Declare the column with the date, or do not let the file open anything.",
            )

    def to_json(self) -> dict[str, Any]:
        """Return the mapping as it is stored."""
        return {
            "kind": self.kind,
            "columns": [
                {"name": c.name, "role": c.role, "dimension": c.dimension, "label": c.label}
                for c in self.columns
            ],
            "region": self.region,
            "zone": self.zone,
            "order": self.order,
            "basis": self.basis,
            "reopens": self.reopens,
            "sheet": self.sheet,
        }

    @classmethod
    def from_json(cls, given: AnyMapping[str, Any]) -> Mapping:
        """Read what `to_json` wrote, or a form or a program sent; refuse what is unknown."""
        kind = str(given.get("kind") or "contacts")
        if kind not in IMPORT_KINDS:
            raise BadInput(f"“{kind}” is no kind of file.", remedy="Known: contacts, holds.")
        region = str(given.get("region") or "").strip().upper()
        if region and region not in phonenumbers.SUPPORTED_REGIONS:
            raise BadInput(
                f"“{region}” is no country.",
                remedy="Give its two letters, such as DE.",
                place=Place(field="region"),
            )
        zone = str(given.get("zone") or "UTC")
        if zone not in available_timezones():
            raise BadInput(f"There is no time zone “{zone}”.", place=Place(field="zone"))
        order = given.get("order") or None
        if order is not None and order not in get_args(Order):
            raise BadInput(f"“{order}” is no order of a date.", remedy="Known: dmy, mdy, ymd.")
        basis = str(given.get("basis") or "")
        if basis and basis not in BASES:
            raise BadInput(f"“{basis}” is no lawful basis.", remedy=f"Known: {', '.join(BASES)}.")
        return cls(
            columns=tuple(_column(each, kind) for each in given.get("columns", ())),
            kind=kind,
            region=region,
            zone=zone,
            order=order,
            basis=basis,
            reopens=bool(given.get("reopens")),
            sheet=str(given.get("sheet") or ""),
        )

    @property
    def dates(self) -> InstantRule:
        """How the file's dates are read."""
        return InstantRule(zone=self.zone, order=self.order, fold="earlier")


def _column(given: AnyMapping[str, Any], kind: str) -> Column:
    name, role = str(given.get("name", "")), str(given.get("role", ""))
    if role != "ignore" and role not in roles_of(kind):
        raise BadInput(
            f"“{role}” is not something a column can be.",
            remedy=f"Known: {', '.join(roles_of(kind))}, ignore.",
            place=Place(field=name),
        )
    if role not in SLICE_ROLES:
        return Column(name, role)
    return Column(
        name,
        role,
        dimension=str(given.get("dimension") or "") or slug(name),
        label=str(given.get("label") or "")[:100] or name[:100],
    )


def slug(text: str) -> str:
    """Return the text as a key: lower case, digits and hyphens, at most 64 characters."""
    kept = "".join(ch if ch.isalnum() and ch.isascii() else "-" for ch in folded(text))
    return "-".join(part for part in kept.split("-") if part)[:64] or "attribute"
