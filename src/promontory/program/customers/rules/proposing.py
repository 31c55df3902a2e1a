"""What the columns of a file of customers seem to be, and why."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Any

from promontory.program.customers.rules.mapping import CONSENT_ROLES, roles_of, slug
from promontory.tables import Table, recognise
from promontory.tables.synonyms import roles_of_name
from promontory.tables.values.missing import folded

SET_APART = ("row", "reasons")
"""The columns before the customer's own in a download of rows set apart."""
_SAMPLE_ROWS = 20_000
_SAMPLES_SHOWN = 5
_NAMES: dict[str, str] = {
    "customer": "customer id|customer number|customer no|contact id|client id|external id|crm id|"
    "kundennummer|kunden id|id|member id|user id",
    "email": "email|e mail|email address|mail|courriel|correo|e mail adresse",
    "phone": "phone|mobile|telephone|phone number|mobile phone|tel|telefon|handy|movil|portable",
    "name": "name|full name|contact name|contact|nom|nombre|vollstandiger name",
    "account": "account|account id|account number|company|company id|organisation|organization|"
    "firma|unternehmen|societe|empresa|client company|customer organisation",
    "account_name": "account name|company name|organisation name|organization name|firmenname",
    "stake": "role|account role|contact role|part|stake|job role|rolle|function|position|persona",
    "language": "language|lang|locale|preferred language|sprache|langue|idioma",
    "zone": "time zone|timezone|tz|zone|zeitzone|fuseau horaire",
    "household": "household|household id|haushalt|foyer|address id",
    "basis": "basis|lawful basis|legal basis|rechtsgrundlage",
    "consent_at": "consent date|consent at|consented at|opt in date|opted in at|opt out date|"
    "opted out at|permission date|consent given at",
    "allowed": "consent|opt in|opted in|subscribed|permission|may contact|contactable|"
    "einwilligung|consentement|marketing consent|survey consent",
    "refused": "opt out|opted out|unsubscribed|do not contact|dnc|no contact|has opted out",
    "refused_email": "has opted out of email|email opt out|do not email|no email|"
    "unsubscribed from email|email unsubscribed",
    "refused_sms": "sms opt out|do not text|no sms|opted out of sms",
    "refused_voice": "do not call|no calls|phone opt out|call opt out",
    "reason": "reason|hold reason|grund|motif|motivo",
    "until": "until|hold until|end|ends|ends at|end date|expires|bis|valid until|to",
    "note": "note|notes|comment|remark|bemerkung",
}
_WORDS = {role: frozenset(words.split("|")) for role, words in _NAMES.items()}


def propose(table: Table, file_name: str, kind: str) -> dict[str, Any]:
    """Return the proposal: every column with role, why and samples, and how the file was read."""
    sample = table.sample(_SAMPLE_ROWS)
    found = recognise(table.columns, sample)
    columns = []
    taken: set[str] = set()
    own = table.columns[:2] == SET_APART
    for place, name in enumerate(table.columns):
        cells = sample.column(name).to_pylist()
        filled = [str(cell) for cell in cells if cell is not None and str(cell).strip()]
        role, why = ("ignore", "added when these rows were set apart") if own and place < 2 else (
            _role(name, kind, found.personal.get(name), name in found.attributes)
        )  # fmt: skip
        if role in taken and role != "attribute":
            role, why = "ignore", "another column is taken for this already"
        if role != "ignore":
            taken.add(role)
        columns.append(
            {
                "name": name,
                "role": role,
                "why": why,
                "dimension": slug(name),
                "label": name[:100],
                "samples": [text[:80] for text in dict.fromkeys(filled)][:_SAMPLES_SHOWN],
                "filled": len(filled),
                "sampled": len(cells),
            }
        )
    return {
        "file": file_name,
        "format": table.format,
        "encoding": table.encoding,
        "sheet": table.sheet,
        "rows hint": table.rows_hint,
        "notes": list(table.notes),
        "columns": columns,
    }


def suggested(proposal: AnyMapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the proposal as a mapping to start from."""
    kept = ("name", "role", "dimension", "label")
    columns = [{key: column[key] for key in kept} for column in proposal["columns"]]
    return {"kind": kind, "columns": columns, "sheet": proposal["sheet"]}


def _role(name: str, kind: str, personal: str | None, is_attribute: bool) -> tuple[str, str]:
    plain = " ".join("".join(c if c.isalnum() else " " for c in folded(name)).split())
    known = roles_of(kind)
    for role, words in _WORDS.items():
        if role in known and plain in words:
            return role, "by its name"
    if personal in known:
        return str(personal), "by its cells"
    by_name = roles_of_name(name)
    for there, role in (("person", "customer"), ("account", "account"), ("language", "language")):
        if role in known and by_name.get(there, 100) < 100:
            return role, "by its name"
    if is_attribute and "attribute" in known and not set(by_name) & set(CONSENT_ROLES):
        return "attribute", "few values, many rows to each"
    return "ignore", "nothing was recognised"
