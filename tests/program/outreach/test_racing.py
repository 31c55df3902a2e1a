"""Programmes, reminders, events and the widget race for the same customers: no cap is broken."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.installation import Installation

PEOPLE, ACCOUNTS, HOUSEHOLDS = 300, 20, 45
REMINDED = len({*range(ACCOUNTS), *range(0, PEOPLE, 6)})

MAKE = f"""
import sys; sys.path.insert(0, ".")
from datetime import timedelta
from tests.program.outreach.conftest import NOW, make_contacts
from promontory.program.customers.models import Account, Contact
from promontory.program.outreach.models import Invitation, Wave
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import found_organization
from promontory.program.outreach import actions
from promontory.program.surveys.actions import create_survey
from promontory.program.surveys.models import Journey, Touchpoint, Survey
found_organization(name="Test", zone="UTC", by=SYSTEM, at=NOW)
rules = dict(rest_invited=None, rest_shown=None, rest_answered=None, rest_dismissed=None)
caps = dict(cap_person=2, cap_account=9, cap_household=3, cap_account_days=365,
            cap_household_days=365)
actions.set_policy(rules | caps, by=SYSTEM, at=NOW)
people = make_contacts({PEOPLE})
accounts = [Account.objects.create(key=str(n), name="A", cluster=n + 1, created_at=NOW).pk
            for n in range({ACCOUNTS})]
for number, pk in enumerate(people):
    Contact.objects.filter(pk=pk).update(
        account=accounts[number % {ACCOUNTS}] if number % 3 else None,
        household=number % {HOUSEHOLDS} if number % 2 else None)
point = Touchpoint.objects.create(
    journey=Journey.objects.create(name="J"), position=1, key="support", name="S")
earlier = create_survey(name="Earlier", promise="identified", by=SYSTEM, at=NOW)
earlier = Wave.objects.create(survey=earlier, kind="drawn", name="Earlier", created_by="t",
                              state="sent", plan_kept={{"reminder_days": [3]}}, created_at=NOW)
for pk in {{*people[:{ACCOUNTS}], *people[::6]}}:
    before = NOW - timedelta(days=3)
    Invitation.objects.create(wave=earlier, contact_id=pk, channel=1, disposition=31,
                              due_at=before, invited_at=before, changed_at=before)
for number in range(4):
    survey = create_survey(name=f"Survey {{number}}", promise="identified", by=SYSTEM, at=NOW)
    if number < 3:
        plan = actions.make_plan(survey, actions.NewPlan("P", is_census=True), by=SYSTEM, at=NOW)
        actions.start_draw(actions.plan_wave(plan, by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    else:
        Survey.objects.filter(pk=survey.pk).update(kind="transactional", touchpoint=point)
for number, pk in enumerate(people):
    actions.take_event("support", key=str(number), contact=Contact.objects.get(pk=pk),
                       occurred_at=NOW, by=SYSTEM, at=NOW)
"""

DRAW = """
import sys; sys.path.insert(0, ".")
import time
from tests.program.outreach.conftest import NOW
from promontory.program.outreach.actions import drawing
drawing._MOST_ROWS = 23
while time.time() < {begin}: time.sleep(0.001)
drawing.draw_wave({wave}, at=NOW)
"""

REMIND = """
import sys; sys.path.insert(0, ".")
import time
from tests.program.outreach.conftest import NOW
from promontory.program.outreach.actions import sending_clock
from promontory.program.outreach.models import Delivery
sending_clock._REMINDED_AT_ONCE = 5
while time.time() < {begin}: time.sleep(0.001)
# While a wave is being drawn it is told to come again.
while Delivery.objects.filter(number=1).count() < {reminded}:
    sending_clock.remind_due(at=NOW)
    time.sleep(0.005)
"""

EVENTS = """
import sys; sys.path.insert(0, ".")
import time
from datetime import timedelta
from tests.program.outreach.conftest import NOW
from promontory.program.outreach.actions import decide_due_events, touchpoints
touchpoints._AT_ONCE = {{"sqlite": 7, "postgresql": 7}}
while time.time() < {begin}: time.sleep(0.001)
decide_due_events(at=NOW + timedelta(hours=1))
"""

WIDGET = """
import sys; sys.path.insert(0, ".")
import time
from tests.program.outreach.conftest import NOW
from promontory.program.customers.models import Contact
from promontory.program.outreach.actions import ask_now
from promontory.program.surveys.models import Survey
survey = Survey.objects.order_by("pk").last()
while time.time() < {begin}: time.sleep(0.001)
for contact in Contact.objects.order_by("-pk")[:60]:
    ask_now(survey, contact, "in_app", by="site", at=NOW)
"""

WAVES = "SELECT id FROM outreach_wave WHERE state = 'drawing' ORDER BY id"


def check(installation: Installation) -> Counter[str]:
    void = "(10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 90)"
    rows: list[tuple[Any, ...]] = installation.rows(
        "SELECT i.contact_id, c.account_id, c.household, w.kind, i.reminders "
        "FROM outreach_invitation i "
        "JOIN customers_contact c ON c.id = i.contact_id JOIN outreach_wave w ON w.id = i.wave_id "
        f"WHERE i.disposition NOT IN {void}"
    )
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for contact, account, household, _, reminders in rows:
        counts["person"][contact] += 1 + reminders
        if account is not None:
            counts["account"][account] += 1 + reminders
        if household is not None:
            counts["household"][household] += 1 + reminders
    assert max(counts["person"].values()) == 2
    assert max(counts["account"].values()) == 9
    assert max(counts["household"].values()) == 3
    return Counter(row[3] for row in rows)


def adds_up(installation: Installation) -> None:
    said = installation.python(
        "import json\nfrom promontory.program.outreach.models import Wave\n"
        "from promontory.program.outreach.queries.reconciling import reconcile\n"
        "print(json.dumps([[w.state, reconcile(w).difference, reconcile(w).frame]"
        " for w in Wave.objects.exclude(state='sent')]))"
    )
    waves = json.loads(said)
    assert len(waves) == 4
    for state, difference, frame in waves:
        assert (state in ("drawn", "sending"), difference) == (True, 0)
        assert frame >= PEOPLE


@pytest.mark.postgres
@pytest.mark.parametrize("installation", ["postgres"], indirect=True)
def test_processes_racing_on_postgresql_break_no_cap(installation: Installation) -> None:
    import time

    installation.python(MAKE)
    waves = [pk for (pk,) in installation.rows(WAVES)]
    begin = time.time() + 4
    given = [*((DRAW, wave) for wave in waves)]
    given += [(code, 0) for code in (EVENTS, EVENTS, WIDGET, REMIND)]
    racing = [
        installation.start(code.format(begin=begin, wave=wave, reminded=REMINDED))
        for code, wave in given
    ]
    for process in racing:
        process.wait(timeout=120)
    said = (installation.home / "words.log").read_text()
    assert [p.returncode for p in racing] == [0] * len(given), said
    kinds = check(installation)
    assert kinds["drawn"] > 50
    assert kinds["event"] > 5
    adds_up(installation)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_threads_racing_on_sqlite_break_no_cap(installation: Installation) -> None:
    installation.python(MAKE)
    waves = [pk for (pk,) in installation.rows(WAVES)]
    codes = [DRAW.format(begin=0, wave=pk) for pk in waves] + [
        EVENTS.format(begin=0),
        WIDGET.format(begin=0),
        REMIND.format(begin=0, reminded=REMINDED),
    ]
    installation.python(
        "import threading, sys\nfailed = []\n"
        f"codes = {codes!r}\n"
        "def run(code):\n"
        "    try:\n        exec(code, {})\n"
        "    except BaseException as error:\n        failed.append(repr(error))\n"
        "threads = [threading.Thread(target=run, args=(c,)) for c in codes]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "assert not failed, failed\n"
    )
    check(installation)
    adds_up(installation)
