"""May this person be asked now, and if not, when next: one decision for wave, event and widget.

Every rule says from which instant on it allows the asking (`ALWAYS`, a second since 1970,
`NEVER`). Nobody may be asked before the last of them; the first rule in the table that forbids it
names the disposition. Instants are whole seconds, so that the arrays of `many` agree to the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from promontory.errors import BadInput
from promontory.program.outreach.codes import Disposition

ALWAYS = -(2**60)
NEVER = 2**60
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Policy:
    """The contact policy as far as it decides who may be asked; days, numbers, None for no rule.

    `cadence_days` is the survey's own: the rest between two invitations to the same survey.
    """

    rest_invited: int | None = None
    rest_shown: int | None = None
    rest_answered: int | None = None
    rest_dismissed: int | None = None
    cap_person: int | None = None
    cap_person_days: int = 365
    cap_account: int | None = None
    cap_account_days: int = 30
    cap_household: int | None = None
    cap_household_days: int = 90
    needs_basis: bool = False
    priority_days: int = 14
    cadence_days: int | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Policy:
        """Return the policy kept as JSON; fields of another purpose are left out."""
        return cls(**{f.name: kept[f.name] for f in fields(cls) if f.name in kept})

    def excepting(self, rules: Mapping[str, int | bool | None]) -> Policy:
        """Return the policy with some rules replaced, as an exception says."""
        known = {f.name for f in fields(self)} - {"cadence_days"}
        if wrong := sorted(set(rules) - known):
            raise BadInput(
                f"The contact policy has no rule “{wrong[0]}”.",
                remedy=f"Known: {', '.join(sorted(known))}.",
            )
        return replace(self, **rules)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person when it is decided whether to ask them.

    Ways are bit masks (`customers.codes.Way`): `wanted` those the survey could use now (None: it
    needs none, the customer comes by themselves), `has` those with an address. Instants are seconds
    since 1970. `person`, `account`, `household` list when they were asked, reminders too. `first`
    is when a survey of higher priority will ask; `held` is the end of the last hold (`NEVER` for an
    open one).
    """

    wanted: int | None = None
    has: int = 0
    closed: int = 0
    failing: int = 0
    has_basis: bool = True
    invited: int | None = None
    shown: int | None = None
    answered: int | None = None
    dismissed: int | None = None
    survey_invited: int | None = None
    held: int | None = None
    first: int | None = None
    person: Sequence[int] = ()
    account: Sequence[int] = ()
    household: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody may be asked: no disposition means yes.

    `until` is the first second at which every rule allows it, None when none ever does as things
    stand; `because` names the rule that decides.
    """

    disposition: Disposition | None
    until: int | None
    because: str = ""

    @property
    def may(self) -> bool:
        return self.disposition is None


def may_ask(
    facts: Facts, policy: Policy, exception: Mapping[str, int | bool | None] | None, at: int
) -> Verdict:
    """Return whether this person may be asked at this second, else why not, and when next."""
    applied = policy.excepting(exception) if exception else policy
    free = [(rule, rule.free(facts, applied)) for rule in RULES]
    last = max(instant for _, instant in free)
    until = None if last >= NEVER else max(last, at)
    for rule, instant in free:
        if instant > at:
            return Verdict(rule.disposition, until, rule.name)
    return Verdict(None, until)


def usable(facts: Facts) -> int:
    """Return the ways by which the person can be asked now, as a mask."""
    wanted = 0 if facts.wanted is None else facts.wanted
    return facts.has & wanted & ~facts.closed & ~facts.failing


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of asking: from when on it allows, and what is said when it does not."""

    name: str
    disposition: Disposition
    free: Callable[[Facts, Policy], int]


def _ways(facts: Facts, policy: Policy) -> tuple[int, int, int]:
    wanted = 0 if facts.wanted is None else facts.wanted
    present = facts.has & wanted
    return present, present & ~facts.closed, present & ~facts.closed & ~facts.failing


def _opted_out(facts: Facts, policy: Policy) -> int:
    present, opened, _ = _ways(facts, policy)
    return NEVER if facts.wanted is not None and present and not opened else ALWAYS


def _unreachable(facts: Facts, policy: Policy) -> int:
    present, opened, usable = _ways(facts, policy)
    return (
        NEVER if facts.wanted is not None and (not present or (opened and not usable)) else ALWAYS
    )


def _no_basis(facts: Facts, policy: Policy) -> int:
    return NEVER if policy.needs_basis and not facts.has_basis else ALWAYS


def _hold(facts: Facts, policy: Policy) -> int:
    return ALWAYS if facts.held is None else facts.held


def _first(facts: Facts, policy: Policy) -> int:
    return ALWAYS if facts.first is None else facts.first


def _rest(clock: str, days: str) -> Callable[[Facts, Policy], int]:
    def free(facts: Facts, policy: Policy) -> int:
        last, rest = getattr(facts, clock), getattr(policy, days)
        return ALWAYS if last is None or rest is None else int(last) + rest * DAY

    return free


def _cap(whose: str) -> Callable[[Facts, Policy], int]:
    def free(facts: Facts, policy: Policy) -> int:
        cap, days = getattr(policy, f"cap_{whose}"), getattr(policy, f"cap_{whose}_days")
        asked = getattr(facts, whose)
        if cap is None or (cap and len(asked) < cap):
            return ALWAYS
        # Requests planned ahead count as well, or two of them could meet in one span.
        return NEVER if cap == 0 else int(sorted(asked)[-cap]) + days * DAY

    return free


RULES = (
    Rule("opted_out", Disposition.HELD_OPTED_OUT, _opted_out),
    Rule("no_basis", Disposition.HELD_NO_BASIS, _no_basis),
    Rule("unreachable", Disposition.UNREACHABLE, _unreachable),
    Rule("hold", Disposition.HELD_HOLD, _hold),
    Rule("priority", Disposition.HELD_PRIORITY, _first),
    Rule("rest_answered", Disposition.HELD_REST, _rest("answered", "rest_answered")),
    Rule("rest_dismissed", Disposition.HELD_REST, _rest("dismissed", "rest_dismissed")),
    Rule("rest_invited", Disposition.HELD_REST, _rest("invited", "rest_invited")),
    Rule("rest_shown", Disposition.HELD_REST, _rest("shown", "rest_shown")),
    Rule("cadence", Disposition.HELD_REST, _rest("survey_invited", "cadence_days")),
    Rule("cap_person", Disposition.HELD_CAP, _cap("person")),
    Rule("cap_household", Disposition.HELD_HOUSEHOLD, _cap("household")),
    Rule("cap_account", Disposition.HELD_ACCOUNT, _cap("account")),
)
"""Every rule, the one to be named first standing first."""
