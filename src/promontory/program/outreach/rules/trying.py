"""What a drawing gives, in numbers to be kept and in words to be read before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from promontory.program.outreach.codes import HELD, LABELS, Disposition
from promontory.program.outreach.rules.drawing import Frame, Plan, Sample, expected


def summary(
    frame: Frame, sample: Sample, plan: Plan, *, policy: Mapping[str, Any], at: str
) -> dict[str, Any]:
    """Return what a drawing gives as JSON: the frame, who is held back, the strata, the words."""
    counts = np.bincount(sample.disposition, minlength=1)
    found = {int(code): int(counts[code]) for code in np.flatnonzero(counts)}
    held = {code: n for code, n in found.items() if code in HELD}
    strata = [
        {
            "label": s.label,
            "size": s.size,
            "eligible": s.eligible,
            "left": s.left,
            "drawn": s.drawn,
            "probability": s.probability,
            **_promised([s.drawn], [s.eligible], plan),
        }
        for s in sample.strata
    ]
    whole = _promised([s.drawn for s in sample.strata], [s.eligible for s in sample.strata], plan)
    made: dict[str, Any] = {
        "at": at,
        "policy": policy.get("number", 0),
        "frame": len(frame.ids),
        "eligible": sample.eligible,
        "drawn": sample.drawn,
        "not_reachable": found.get(int(Disposition.UNREACHABLE), 0),
        "held": {str(code): n for code, n in sorted(held.items())},
        "channels": _channels(frame, sample),
        "expected_rate": plan.expected_rate,
        **whole,
        "over_account_cap": sample.thinned_by_account,
        "over_household_cap": sample.thinned_by_household,
        "notes": list(sample.notes),
        "strata": strata,
    }
    return made | {"words": words(made)}


def words(made: Mapping[str, Any]) -> list[str]:
    """Say what a drawing gives, a sentence a fact."""
    if not made["frame"]:
        return ["Nobody is in this frame: no customer has these attributes."]
    first = (
        f"Of {made['frame']:,} people in the frame {made['eligible']:,} may be asked now, and "
        f"{made['drawn']:,} of them would be invited."
    )
    said = [first]
    held = sorted(made["held"].items(), key=lambda one: -one[1])
    reasons = [
        f"{n:,} {LABELS[Disposition(int(code))].removeprefix('Held back: ')}" for code, n in held
    ]
    if reasons:
        said.append(f"Held back: {', '.join(reasons)}.")
    if made["not_reachable"]:
        said.append(f"{made['not_reachable']:,} cannot be reached by any channel of the plan.")
    for key, whose in (("over_account_cap", "account"), ("over_household_cap", "household")):
        if made[key]:
            said.append(
                f"The cap per {whose} leaves out {made[key]:,} more, chosen at random; those of "
                "the same group who stay stand for them."
            )
    if made["half_width"] is not None:
        said.append(
            f"At a response rate of {made['expected_rate']:.0%} expect {made['answers']:,.0f} "
            f"answers and an interval of about {made['half_width']:.1f} points either way."
        )
    elif made["expected_rate"] is None:
        said.append("How precise it will be cannot be said without an expected response rate.")
    else:
        said.append("Too few answers are to be expected for any interval.")
    empty = [s["label"] for s in made["strata"] if s["eligible"] and not s["drawn"]]
    if empty:
        said.append(
            f"{len(empty):,} strata are not drawn from, and the sample says nothing about them: "
            f"{', '.join(empty[:5])}{' …' if len(empty) > 5 else ''}."
        )
    # Each address, telephone and customer number belongs to one contact: the database sees to it.
    said.append("Nobody is in the frame twice: each address belongs to one contact.")
    return said + list(made["notes"])


def _promised(drawn: list[int], eligible: list[int], plan: Plan) -> dict[str, float | None]:
    promised = expected(drawn, eligible, plan.expected_rate, plan.metric)
    return {"answers": promised.answers, "half_width": promised.half_width}


def _channels(frame: Frame, sample: Sample) -> dict[str, int]:
    used = frame.channel[sample.disposition == int(Disposition.PLANNED)]
    counts = np.bincount(used, minlength=1)
    return {str(int(code)): int(counts[code]) for code in np.flatnonzero(counts)}
