"""Northreach, the demo company: what it is made of, before anything happens to it.

It rents and services lifting equipment to other companies, from five regions, in six languages.
Nothing here is real. The sizes are those of a middling B2B company over two years.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Northreach"
ZONE = "Europe/Berlin"
SEED = 20_250_131
DAYS = 730

ACCOUNTS = 4_000
CONTACTS = 30_000


@dataclass(frozen=True, slots=True)
class Level:
    """One value of an attribute: its share of the customers, and how it leans in points."""

    name: str
    share: float
    lean: float = 0.0


REGIONS = (
    Level("North", 0.28),
    Level("South", 0.22),
    Level("East", 0.20),
    Level("West", 0.20),
    Level("Islands", 0.10),
)
"""The regions do not differ at all: one of the planted nothings."""

SEGMENTS = (Level("Enterprise", 0.35, 14), Level("Mid-market", 0.40, 4), Level("Small", 0.25, -22))
PRODUCTS = (
    Level("Platforms", 0.35, 3),
    Level("Forklifts", 0.30),
    Level("Cranes", 0.20, -4),
    Level("Cloud", 0.15, 2),
)
TENURES = (
    Level("under 1 year", 0.20, -8),
    Level("1 to 3 years", 0.35),
    Level("3 to 10 years", 0.35, 4),
    Level("over 10 years", 0.10, 8),
)
ROLES = (Level("Decider", 0.30), Level("User", 0.50), Level("Payer", 0.20))

LANGUAGES = (
    Level("en", 0.34),
    Level("de", 0.26),
    Level("fr", 0.16),
    Level("es", 0.12),
    Level("nl", 0.07),
    Level("pl", 0.05),
)

RELATIONSHIP_CHANNELS = (Level("email", 0.80), Level("in_app", 0.20))
SUPPORT_CHANNELS = (Level("email", 0.55), Level("sms", 0.30, 9), Level("ivr", 0.15, -3))
"""SMS is answered more warmly than mail: a mode effect."""

AGENTS = tuple(f"Agent {number:02d}" for number in range(1, 61))
DEPOTS = tuple(f"Depot {number:02d}" for number in range(1, 25))
"""Depots are small and do not differ: whoever ranks them ranks noise."""
