"""Does the product find what is planted in the demo company, and keep quiet where nothing is?

Each check asks the same questions as the pages do, and says what the product answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from promontory.demo import asking_checks, truths
from promontory.demo.truths import Truth
from promontory.errors import NotFound
from promontory.measurement import Difference
from promontory.program.organization.access import SYSTEM, Can, Viewer
from promontory.program.responses.models import Import
from promontory.program.scores.queries.explore import Cell, Exploration, explore
from promontory.program.scores.rules.view import Given, read_view

STRANGER = Viewer(user_id=None, name="an executive", can=frozenset({Can.SEE_SCORES}))
"""Somebody who sees scores and may read no answers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the product said about one truth; `passed` is whether that is what is planted."""

    truth: Truth
    passed: bool
    said: str


Check = Callable[["Demo"], tuple[bool, str]]
CHECKS: dict[str, Check] = {}
CHECKS |= asking_checks.CHECKS


def check(truth: Truth) -> Callable[[Check], Check]:
    """Enter the check of a truth."""

    def enter(function: Check) -> Check:
        CHECKS[truth.key] = function
        return function

    return enter


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo company as the checks ask it: by survey, and by days counted back from its last."""

    last: date
    at: datetime

    def days(self, back_from: int, back_to: int) -> str:
        """Return the period from so many days before the last day to so many, as a view has it."""
        first, last = (self.last - timedelta(days=back) for back in (back_from, back_to))
        return f"{first.isoformat()}..{last.isoformat()}"

    def wave(self, number: int) -> str:
        """Return the period of a relationship wave."""
        from promontory.demo.company import DAYS

        back = [n for n in range(DAYS) if truths.WAVES - n * truths.WAVES // DAYS == number]
        return self.days(back[-1], back[0])

    def ask(self, survey: str, viewer: Viewer = SYSTEM, **view: str) -> Exploration:
        """Return what a view of a survey shows."""
        asked: dict[str, Any] = {"survey": survey, "period": "all", **view}
        return explore(viewer, read_view(Given(asked)), at=self.at)

    def code(self, survey: str, dimension: str, label: str) -> int:
        """Return the code of one value of a dimension, found by its label."""
        for cell in self.ask(survey, by=dimension).cells:
            if cell.labels == (label,):
                return int(cell.key[0])
        raise NotFound(f"The demo company has no {dimension} “{label}”.")


def run(*, at: datetime) -> list[Finding]:
    """Check every planted truth and nothing."""
    told = settings.HOME.root / "demo" / "last-day"
    if not told.exists():
        raise NotFound("This is not the demo company.", remedy="Load it with: promontory demo")
    demo = Demo(date.fromisoformat(told.read_text()), at)
    findings = []
    for truth in truths.TRUTHS:
        passed, said = CHECKS[truth.key](demo)
        findings.append(Finding(truth, passed, said))
    return findings


def report(*, as_json: bool) -> int:
    """Print what was found of what is planted, and return 0 if all of it was, else 1."""
    findings = run(at=timezone.now())
    if as_json:
        rows = [
            {"truth": f.truth.key, "is_there": f.truth.is_there, "passed": f.passed, "said": f.said}
            for f in findings
        ]
        print(json.dumps(rows, indent=1))
    else:
        for finding in findings:
            kind = "planted" if finding.truth.is_there else "nothing planted"
            print(f"{'✓' if finding.passed else '✗'} {finding.truth.key} ({kind})")
            print(f"    {finding.truth.says}")
            print(f"    the product says: {finding.said}")
        good = sum(finding.passed for finding in findings)
        print(f"{good} of {len(findings)} as planted")
    return 0 if all(finding.passed for finding in findings) else 1


def _difference(seen: Exploration) -> Difference:
    if seen.compared is None or seen.compared.difference is None:
        raise NotFound("The product compared nothing.")
    return seen.compared.difference


def _cell(seen: Exploration, label: str) -> Cell:
    return next(cell for cell in seen.cells if cell.labels[0] == label)


@check(truths.OUTAGE)
def _outage(demo: Demo) -> tuple[bool, str]:
    down = demo.days(truths.OUTAGE_FROM, truths.OUTAGE_TO + 1)
    before = demo.days(truths.OUTAGE_FROM + 90, truths.OUTAGE_FROM + 1)
    after = demo.days(truths.OUTAGE_TO, truths.OUTAGE_TO - 90)
    seen = demo.ask("after-support", by="product", period=down, against=before)
    moved = {
        cell.labels[0]: cell.difference.value
        for cell in seen.cells
        if cell.difference is not None and cell.difference.significant
    }
    recovered = demo.ask("after-support", by="product", period=after, against=before)
    back = _cell(recovered, "Cloud").difference
    is_back = back is not None and not back.significant
    fell = moved.get("Cloud") or 0.0
    said = f"moved by more than chance: {_signed(moved)}; Cloud afterwards: {_words(back)}"
    return set(moved) == {"Cloud"} and fell < -15 and is_back, said


@check(truths.MIX_SHIFT)
def _mix_shift(demo: Demo) -> tuple[bool, str]:
    seen = demo.ask("relationship", by="segment", period=demo.wave(5), against=demo.wave(4))
    total = _difference(seen)
    rose = [cell.difference for cell in seen.cells if cell.difference is not None]
    every_rose = len(rose) == 3 and all((d.value or 0) > 0 for d in rose)
    fell = total.significant and (total.value or 0) < 0
    explanation = seen.compared.explanation if seen.compared else None
    said = explanation.sentence() if explanation is not None else _words(total)
    return every_rose and fell and explanation is not None, said


@check(truths.DUPLICATES)
def _duplicates(demo: Demo) -> tuple[bool, str]:
    again = Import.objects.filter(file_name="delivery-kiosks-again.csv").order_by("-pk").first()
    if again is None:
        return False, "the second file was never imported"
    found = again.preview["counts"].get("possible duplicates", 0)
    return found == again.preview["counts"]["good"], (
        f"{found} of {again.preview['counts']['good']} rows may be answers that are stored already"
    )


@check(truths.SEASON)
def _season(demo: Demo) -> tuple[bool, str]:
    year = demo.last.year if demo.last.month == 12 and demo.last.day == 31 else demo.last.year - 1
    december, november = f"{year}-12", f"{year}-11"
    fall = _difference(demo.ask("after-delivery", period=december, against=november))
    yearly = _difference(demo.ask("after-delivery", period=december, against=f"{year - 1}-12"))
    said = f"against November: {_words(fall)} Against December before: {_words(yearly)}"
    return fall.significant and (fall.value or 0) < 0 and not yearly.significant, said


@check(truths.MODE)
def _mode(demo: Demo) -> tuple[bool, str]:
    mail = demo.code("after-support", "channel", "Email")
    sms = demo.code("after-support", "channel", "SMS")
    seen = demo.ask("after-support", a=f"channel:{mail}", b=f"channel:{sms}")
    found = _difference(seen)
    return found.significant and (found.value or 0) > 0, _words(found)


@check(truths.SEGMENT)
def _segment(demo: Demo) -> tuple[bool, str]:
    seen = demo.ask("relationship", by="segment")
    tiers = {cell.labels[0]: cell.tier for cell in seen.cells}
    said = ", ".join(f"{name}: tier {tier}" for name, tier in tiers.items())
    return tiers.get("Small") == 3 and tiers.get("Enterprise") == 1, said


@check(truths.REPEATED)
def _repeated(demo: Demo) -> tuple[bool, str]:
    estimate = demo.ask("relationship").total.estimate
    if estimate is None or estimate.effective_base is None:
        return False, "there is no score"
    said = f"base {estimate.base:,}, effective base {estimate.effective_base:,.0f}"
    return estimate.effective_base < 0.9 * estimate.base, said


@check(truths.PROMISE)
def _promise(demo: Demo) -> tuple[bool, str]:
    month = f"{demo.last - timedelta(days=31):%Y-%m}"
    open_view = demo.ask("after-delivery", by="depot", period=month)
    gated = demo.ask("after-delivery", viewer=STRANGER, by="depot", period=month)
    small = sum(1 for cell in open_view.cells if (cell.figure.base or 0) < 5)
    leaked = [
        cell.labels[0]
        for cell in gated.cells
        if cell.figure.standing != "withheld" and 0 < (cell.figure.base or 0) < 5
    ]
    said = f"{small} depots with fewer than 5 answers; {gated.hidden} withheld, {len(leaked)} shown"
    return small > 0 and gated.hidden >= 2 and not leaked, said


@check(truths.NO_REGIONS)
def _no_regions(demo: Demo) -> tuple[bool, str]:
    return _one_tier(demo.ask("relationship", by="region"))


@check(truths.NO_DEPOTS)
def _no_depots(demo: Demo) -> tuple[bool, str]:
    return _one_tier(demo.ask("after-delivery", by="depot"))


@check(truths.NO_CHANGE)
def _no_change(demo: Demo) -> tuple[bool, str]:
    found = _difference(demo.ask("relationship", period=demo.wave(8), against=demo.wave(7)))
    return not found.significant, _words(found)


def _one_tier(seen: Exploration) -> tuple[bool, str]:
    apart = [f"{cell.labels[0]}: tier {cell.tier}" for cell in seen.cells if cell.tier in {1, 3}]
    return not apart, ", ".join(apart) or "they cannot be told apart"


def _words(difference: Difference | None) -> str:
    return "no comparison" if difference is None else difference.sentence()


def _signed(moved: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {value:+.1f}" for name, value in moved.items() if value) or "nothing"
