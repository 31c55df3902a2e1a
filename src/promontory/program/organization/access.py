"""Who may do what: a role is a set of capabilities, a viewer is what roles make of a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from promontory.errors import NotAllowed


class Can(StrEnum):
    """One thing a person may do; checked at one gate per thing."""

    SEE_SCORES = "see_scores"
    SEE_ANSWERS = "see_answers"
    SEE_CONFIDENTIAL = "see_confidential"
    SEE_PEOPLE = "see_people"
    MANAGE_CUSTOMERS = "manage_customers"
    EXPORT = "export"
    IMPORT = "import"
    MANAGE_SURVEYS = "manage_surveys"
    MANAGE_METHOD = "manage_method"
    SEND = "send"
    FOLLOW_UP = "follow_up"
    ERASE = "erase"
    SEE_AUDIT = "see_audit"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_INSTALLATION = "manage_installation"


ROLES: dict[str, tuple[str, frozenset[Can]]] = {
    "administrator": ("Administrator", frozenset(Can)),
    "owner": (
        "Programme owner",
        frozenset(Can) - {Can.MANAGE_INSTALLATION, Can.MANAGE_PEOPLE},
    ),
    "analyst": (
        "Analyst",
        frozenset({Can.SEE_SCORES, Can.SEE_ANSWERS, Can.SEE_CONFIDENTIAL, Can.EXPORT, Can.IMPORT}),
    ),
    "frontline": (
        "Front line",
        frozenset(
            {
                Can.SEE_SCORES,
                Can.SEE_ANSWERS,
                Can.SEE_PEOPLE,
                Can.MANAGE_CUSTOMERS,
                Can.FOLLOW_UP,
            }
        ),
    ),
    "executive": ("Executive", frozenset({Can.SEE_SCORES})),
    "auditor": (
        "Auditor",
        frozenset({Can.SEE_SCORES, Can.SEE_AUDIT, Can.EXPORT}),
    ),
}


WHOLE = frozenset(
    {
        Can.MANAGE_SURVEYS,
        Can.MANAGE_METHOD,
        Can.SEND,
        Can.MANAGE_CUSTOMERS,
        Can.ERASE,
        Can.SEE_AUDIT,
        Can.MANAGE_PEOPLE,
        Can.MANAGE_INSTALLATION,
    }
)
"""What concerns the whole organisation; a role in a unit does not bring it."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, as far as a question needs to know.

    `units` is None for the whole organisation, else the ids of the units (with all below them)
    that the viewer serves; what belongs to no unit is then out of sight.
    """

    user_id: int | None
    name: str
    can: frozenset[Can]
    units: frozenset[int] | None = None
    key_id: int | None = None

    @property
    def by(self) -> str:
        """How the viewer is written into ledger and audit entries."""
        if self.key_id is not None:
            return f"key:{self.key_id}"
        return f"user:{self.user_id}" if self.user_id is not None else self.name

    def may(self, capability: Can) -> bool:
        return capability in self.can

    def must(self, capability: Can) -> None:
        """Raise NotAllowed unless the viewer has the capability."""
        if capability not in self.can:
            raise NotAllowed(
                f"Your role does not include “{capability.replace('_', ' ')}”.",
                remedy="Ask an administrator for a role that does.",
            )

    @property
    def sees_customers(self) -> bool:
        """Whether the viewer may look customers up: contacts and accounts belong to no unit."""
        return Can.SEE_PEOPLE in self.can and self.units is None

    def must_see_customers(self) -> None:
        """Raise NotAllowed unless the viewer may look customers up."""
        self.must(Can.SEE_PEOPLE)
        if self.units is not None:
            raise NotAllowed(
                "Your role is for a unit; the directory of customers belongs to the whole "
                "organisation.",
                remedy="Ask an administrator for a role everywhere.",
            )


SYSTEM = Viewer(user_id=None, name="system", can=frozenset(Can))
"""The installation itself: the clock, the jobs, the command line on the machine."""
