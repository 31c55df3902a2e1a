"""What is planted in the demo company: the truths to be found, and the nothings to be left alone.

Days are counted back from the last day of the data (day 0); a later part of the product adds its
own line here, plants it in `answers` and looks for it in `selfcheck`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    """One thing planted; where `is_there` is False, finding something would be the error."""

    key: str
    says: str
    is_there: bool = True


OUTAGE = Truth(
    "outage",
    "The Cloud product was down for twelve days; its support score fell by some 70 points, "
    "nobody else's did, and it came back.",
)
MIX_SHIFT = Truth(
    "mix-shift",
    "Between the fourth and the fifth relationship wave every segment rose while the total fell, "
    "because small customers answered far more often.",
)
DUPLICATES = Truth(
    "duplicates",
    "Some 400 answers of two depots' kiosks came a second time, in another file and without ids.",
)
SEASON = Truth(
    "season",
    "Deliveries are worse each December, by some 24 points; against December of the year before "
    "nothing has changed.",
)
MODE = Truth(
    "mode",
    "SMS is answered more warmly than e-mail after support, by some 9 points.",
)
SEGMENT = Truth(
    "segment",
    "Small customers score far below enterprises.",
)
REPEATED = Truth(
    "repeated-people",
    "Most people answer several relationship waves, and answer alike: the effective base is "
    "smaller than the base, and the interval wider than a naive one.",
)
PROMISE = Truth(
    "promise",
    "Deliveries are answered anonymously: somebody who may not read answers is shown no group "
    "below the minimum, and cannot work one out from its neighbours.",
)
NO_REGIONS = Truth(
    "no-regions", "The five regions do not differ in the relationship score.", is_there=False
)
NO_DEPOTS = Truth(
    "no-depots", "The twenty-four depots do not differ; ranking them ranks noise.", is_there=False
)
NO_CHANGE = Truth(
    "no-change",
    "From the seventh to the eighth relationship wave nothing changed at all.",
    is_there=False,
)
OVER_SUPPRESSED = Truth(
    "over-suppressed",
    "The Cranes team held back nearly a third of its customers from the last relationship wave, "
    "the unhappy ones; elsewhere it is one in a hundred.",
)
SMS_ANSWERS = Truth(
    "sms-answers",
    "After support a text message is answered by far more of those asked than an e-mail.",
)
OPTED_OUT = Truth(
    "opted-out",
    "Enterprises on the Islands have opted out of e-mail; hardly anybody else has.",
)
SILENT = Truth(
    "silent-stratum",
    "Resellers were asked in the last relationship wave, and not one has answered.",
)
NO_MODE = Truth(
    "no-mode",
    "Whether the relationship survey is answered by e-mail or in the app makes no difference.",
    is_there=False,
)
NOBODY_LOST = Truth(
    "nobody-lost",
    "Everybody in the frame of every wave has exactly one disposition.",
    is_there=False,
)

TRUTHS = (
    OUTAGE,
    MIX_SHIFT,
    DUPLICATES,
    SEASON,
    MODE,
    SEGMENT,
    REPEATED,
    PROMISE,
    NO_REGIONS,
    NO_DEPOTS,
    NO_CHANGE,
    OVER_SUPPRESSED,
    SMS_ANSWERS,
    OPTED_OUT,
    SILENT,
    NO_MODE,
    NOBODY_LOST,
)

OUTAGE_FROM, OUTAGE_TO, OUTAGE_LEAN = 250, 238, -75.0
DECEMBER_LEAN = -24.0
SMALL_SHARE_BEFORE, SMALL_SHARE_AFTER = 0.25, 0.68
EVERY_SEGMENT_ROSE = 5.0
WAVES = 8
"""The relationship survey goes out each quarter; waves are numbered 1 to 8, oldest first."""
EARLIER_WAVE, LAST_WAVE = "Relationship, the wave before", "Relationship, the last wave"
SUPPORT_WAVE, PAUSED_WAVE = "Support, two months", "Relationship, a small one to play with"
SUPPORT_WAVE_DAYS = 60
HELD_SHARE, OPTED_OUT_SHARE, SMS_EXTRA = 0.8, 0.6, 0.08
