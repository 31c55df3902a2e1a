"""Which disposition may follow which; whatever is not in this table is refused silently.

An answer beats everything that was said before it, and nothing said after it undoes it: a bounce
that comes late, an unsubscribing, the close of the wave. Only a person may take an answer into
quarantine, and out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promontory.program.outreach.codes import VOID, Disposition

D = Disposition

_UNDER_WAY = frozenset({D.PLANNED, D.SENT, D.DELIVERY_UNKNOWN, D.DELIVERED, D.SHOWN, D.CLICKED})
# The order in which an invitation under way goes on; it may leave out steps and never goes back.
_STEPS = (D.PLANNED, D.DELIVERY_UNKNOWN, D.SENT, D.DELIVERED, D.SHOWN, D.CLICKED)
_UNANSWERED = _UNDER_WAY | {D.REFUSED, D.OPTED_OUT, D.UNDELIVERABLE, D.NO_ANSWER}


def _table() -> dict[Disposition, frozenset[Disposition]]:
    table: dict[Disposition, frozenset[Disposition]] = {
        step: frozenset(_STEPS[:index]) for index, step in enumerate(_STEPS) if index
    }
    # A message that was reported undeliverable and then seen was delivered after all.
    table[D.SHOWN] |= {D.UNDELIVERABLE}
    table[D.CLICKED] |= {D.UNDELIVERABLE, D.REFUSED}
    table[D.PARTIAL] = _UNANSWERED
    table[D.QUARANTINED] = _UNANSWERED | {D.PARTIAL, D.ANSWERED}
    table[D.ANSWERED] = _UNANSWERED | {D.PARTIAL, D.QUARANTINED}
    table[D.REFUSED] = _UNDER_WAY
    table[D.OPTED_OUT] = _UNDER_WAY | {D.REFUSED, D.UNDELIVERABLE}
    table[D.UNDELIVERABLE] = _UNDER_WAY - {D.SHOWN, D.CLICKED}
    # What was clicked and not confirmed stays so, that its share can be seen.
    table[D.NO_ANSWER] = _UNDER_WAY - {D.CLICKED}
    for void in VOID:
        table[void] = frozenset({D.PLANNED})
    return table


BEFORE: Mapping[Disposition, frozenset[Disposition]] = MappingProxyType(_table())
"""From which dispositions each may be reached."""


def may_become(was: Disposition, now: Disposition) -> bool:
    """Say whether an invitation may go from one disposition to the other."""
    return was in BEFORE.get(now, frozenset())


_REACHED = frozenset({D.SHOWN, D.CLICKED, D.PARTIAL, D.ANSWERED, D.QUARANTINED, D.NO_ANSWER})


def told_of_one(disposition: Disposition, *, promise: str) -> Disposition:
    """Return what may be told of one person's invitation.

    Under an anonymous promise no more than that they were reached: whoever could watch when
    somebody has answered would know which nameless answer is theirs.
    """
    return D.DELIVERED if promise == "anonymous" and disposition in _REACHED else disposition
