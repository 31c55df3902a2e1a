"""From what was kept to what counts: in order, once, in spite of machines and mishaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.program.answering.conftest import NOW, Invited, invite
from tests.program.answering.test_hosted import answers_of, hidden, the_response


def test_a_scanner_that_opens_every_link_answers_nothing(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.responses.models import Response

    for score in range(11):
        client.get(f"{invited.link}?score={score}")
    settled()
    assert not Response.objects.exists()
    assert (invited.disposition.name, invited.invitation.score_clicked) == ("CLICKED", None)


def test_a_scanner_that_sends_every_form_is_quarantined(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.answering.actions.tending import let_count
    from promontory.program.organization.access import SYSTEM
    from promontory.program.responses.codes import Excluded

    for score in range(11):
        page = client.get(f"{invited.link}?score={score}")
        client.post(invited.link, {**hidden(page), "q-recommend": str(score)})
    settled()
    assert invited.disposition.name == "QUARANTINED"
    assert the_response().mask == Excluded.SCANNER
    let_count(the_response().pk, by=SYSTEM, at=NOW)
    assert invited.disposition.name == "ANSWERED"
    assert the_response().mask == 0


def test_somebody_who_thinks_again_on_the_same_page_is_no_machine(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    page = client.get(invited.link)
    for score in ("3", "8"):
        client.post(invited.link, {**hidden(page), "q-recommend": score})
    settled()
    assert invited.disposition.name == "PARTIAL"
    assert (answers_of(the_response()), the_response().mask) == ({"recommend": 8}, 0)


def test_the_same_answer_twice_is_one_answer_and_one_entry(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.ledger.models import Entry

    page = client.get(invited.link)
    for _ in range(3):
        client.post(invited.link, {**hidden(page), "q-recommend": "8"})
    settled()
    assert Entry.objects.filter(subject=the_response().pk).count() == 1


def test_what_cannot_be_settled_stays_and_holds_up_nobody(
    client: Client, invited: Invited, survey: Any, settled: Callable[[], int]
) -> None:
    from promontory.program.answering.actions.intake import NewAct, keep
    from promontory.program.answering.actions.tending import try_again
    from promontory.program.answering.codes import Act
    from promontory.program.answering.models import Intake
    from promontory.program.organization.access import SYSTEM

    version = survey.versions.get()
    lost = NewAct(
        act=Act.COMPLETE,
        survey=survey.pk,
        version=version.pk,
        session="s" * 16,
        channel=3,
        received_at=NOW,
        link=999,
        answers={"recommend": 5},
    )
    keep([lost])
    client.post(invited.link, {"q-recommend": "9", "page": "0"})
    assert settled() == 1
    [stuck] = Intake.objects.all()
    assert "999" in stuck.problem
    assert answers_of(the_response()) == {"recommend": 9}
    try_again(stuck.pk, by=SYSTEM, at=NOW)
    assert settled() == 0
    assert Intake.objects.count() == 1


def test_what_is_kept_cannot_be_read_in_the_database(client: Client, invited: Invited) -> None:
    from promontory.program.answering.models import Intake

    client.post(invited.link, {"q-recommend": "9", "q-reason": "my secret", "page": "1"})
    assert b"secret" not in bytes(Intake.objects.get().sealed)


def test_what_somebody_forgotten_had_sent_goes_with_them(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.answering.models import Intake
    from promontory.program.organization.access import SYSTEM
    from promontory.program.responses.actions import erase_contact
    from promontory.program.responses.models import Response

    client.post(invited.link, {"q-recommend": "9", "page": "0"})
    erase_contact(invited.contact.pk, by=SYSTEM, at=NOW)
    assert not Intake.objects.exists()
    settled()
    assert not Response.objects.exists()
    assert client.get(invited.link).status_code == 410


def test_a_base_weight_is_kept_and_changes_no_plain_score(
    client: Client, survey: Any, settled: Callable[[], int]
) -> None:
    import json

    from promontory.program.ledger import actions as ledger
    from promontory.program.ledger.models import Entry
    from promontory.program.organization.access import SYSTEM
    from promontory.program.responses.actions import refresh_warehouse
    from promontory.program.scores.actions import ensure_default_method
    from promontory.program.scores.queries.overview import overview
    from promontory.program.scores.rules.view import View

    ensure_default_method(by=SYSTEM, at=NOW)
    weights = (1_000_000, 2_500_000, 40_000_000)
    for number, (score, weight) in enumerate(zip((9, 9, 2), weights, strict=True)):
        asked = invite(survey, email=f"w{number}@example.org")
        asked.invitation.weight = weight
        asked.invitation.save()
        client.post(asked.link, {"q-recommend": str(score), "page": "1"})
    settled()
    entries = Entry.objects.filter(kind=1).order_by("id").values_list("kept", flat=True)
    assert [json.loads(kept)["w"] for kept in entries] == list(weights)
    ledger.seal()
    refresh_warehouse()
    found = overview(SYSTEM, View(), at=timezone.now()).course.points[-1].figure.estimate
    assert found is not None
    assert (round(found.value or 0, 6), found.base) == (33.333333, 3)


def test_the_event_is_told_once_for_a_score_and_once_for_the_end(
    client: Client, invited: Invited, settled: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from promontory.jobs.models import Job
    from promontory.program.answering.tasks import settle_intake
    from promontory.program.events import Reaction
    from promontory.program.responses.events import ResponseRecorded
    from promontory.server import reactions

    monkeypatch.setattr(reactions, "TABLE", {ResponseRecorded: [Reaction(settle_intake)]})
    page = client.get(invited.link)
    second = client.post(invited.link, {**hidden(page), "q-recommend": "2"})
    client.post(invited.link, {**hidden(second), "q-reason": "late"})
    client.post(invited.link, {**hidden(second), "q-reason": "later still"})
    settled()
    told = (
        Job.objects.filter(task__endswith="settle_intake")
        .order_by("id")
        .values_list("kwargs", flat=True)
    )
    assert [(each["score"], each["is_partial"]) for each in told] == [(2, True), (2, False)]


def test_clocks_run_from_the_answer(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.outreach.models import Clock

    client.post(invited.link, {"q-recommend": "9", "page": "0"})
    settled()
    clock = Clock.objects.get(contact=invited.contact)
    assert clock.answered_at is not None
    assert clock.dismissed_at is None


def test_scanners_are_known_by_what_people_do_not_do() -> None:
    from promontory.program.answering.rules.scanning import Touch, is_scanner

    def at(seconds: float, score: int, session: str = "", *, click: bool = False) -> Touch:
        return Touch(score, session, NOW + timedelta(seconds=seconds), click)

    first = at(0, 9, "a")
    assert is_scanner(at(3, 2, "b"), [first])
    assert not is_scanner(at(3, 2, "a"), [first])
    assert not is_scanner(at(3, 9, "b"), [first])
    assert not is_scanner(at(11, 2, "b"), [first])
    clicks = [at(n / 10, n, click=True) for n in range(3)]
    assert is_scanner(at(2, 5, "c"), clicks)
    assert not is_scanner(at(2, 5, "c"), clicks[:1])


def test_an_act_that_the_database_refuses_holds_up_none_behind_it(
    invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.answering.actions.intake import NewAct, keep
    from promontory.program.answering.codes import Act
    from promontory.program.answering.models import Intake

    wave = invited.invitation.wave
    about: dict[str, Any] = {
        "survey": wave.survey_id,
        "version": wave.version_id,
        "channel": 1,
        "received_at": NOW,
        "invitation": invited.invitation.pk,
    }
    keep([NewAct(act=Act.CLICKED, session="", score=-1, **about)])  # what no column takes
    keep([NewAct(act=Act.COMPLETE, session="s", answers={"recommend": 9}, **about)])
    settled()
    [left] = Intake.objects.all()
    assert (left.act, bool(left.problem)) == ("clicked", True)
    assert invited.disposition.name == "ANSWERED"


def test_under_an_anonymous_promise_no_clicked_score_stays_beside_a_name(
    client: Client, settled: Callable[..., int]
) -> None:
    from tests.program.answering.conftest import make_survey

    asked = invite(make_survey(promise="anonymous"))
    client.get(f"{asked.link}?score=3")
    settled(minutes=11)
    assert (asked.disposition.name, asked.invitation.score_clicked) == ("CLICKED", None)
