"""The ways to reach a customer, and the words for consent and holds."""

from __future__ import annotations

from enum import IntFlag, StrEnum


class Way(IntFlag):
    """By which a customer can be reached; one bit a way."""

    NONE = 0
    EMAIL = 1
    SMS = 2
    VOICE = 4
    IN_APP = 8
    ALL = 15


WAY_OF_CHANNEL = {"email": Way.EMAIL, "sms": Way.SMS, "ivr": Way.VOICE, "in_app": Way.IN_APP}
"""The way that a channel needs; the others need none, for the customer comes by themselves."""

BASES = {
    "consent": "Consent",
    "contract": "Contract",
    "legitimate_interest": "Legitimate interest",
    "legal_obligation": "Legal obligation",
    "public_task": "Public task",
}
"""On what lawful basis a customer is asked (GDPR, Article 6 (1))."""

CONSENT_SOURCES = {
    "import": "Import",
    "api": "API",
    "staff": "Entered by staff",
    "preferences": "Preference page",
    "one_click": "One-click unsubscribe in the mail",
    "keyword": "Reply by SMS",
    "keypad": "Key on the telephone",
    "complaint": "Marked as spam",
    "bounce": "Address does not exist",
}
"""How it came to us that somebody may, or may not, be asked."""

HOLD_REASONS = {
    "open_case": "Open case",
    "escalated_ticket": "Escalated ticket",
    "low_csat": "Low satisfaction with a contact",
    "complaint": "Complaint",
    "bereavement": "Bereavement",
    "legal": "Legal dispute",
    "negotiation": "Negotiation under way",
    "other": "Other",
}
"""Why a customer is not asked for a while."""

HOLD_SOURCES = {
    "staff": "Placed by staff",
    "api": "API",
    "event": "Event",
    "import": "Import",
    "case": "Case",
    "ticket": "Ticket",
}
"""Where a hold comes from."""

FROM_THE_PERSON = frozenset({"preferences", "one_click", "keyword", "keypad", "complaint"})
"""The sources of consent in which the customer spoke for themselves."""

WAY_LABELS = {
    Way.EMAIL: "E-mail",
    Way.SMS: "SMS",
    Way.VOICE: "Telephone",
    Way.IN_APP: "In the app",
}
"""The ways one by one, in words."""

IMPORT_KINDS = {"contacts": "Contacts", "holds": "Holds"}
"""What a file of customers may be."""


class ImportStatus(StrEnum):
    """Where a file of customers stands."""

    UPLOADED = "uploaded"
    PREVIEWING = "previewing"
    PREVIEWED = "previewed"
    COMMITTING = "committing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
