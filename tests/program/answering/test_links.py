"""Open links, printed codes and the kiosk: anybody may answer, from an unknown population."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.program.answering.conftest import NOW
from tests.program.answering.test_hosted import answers_of, hidden, the_response


@pytest.fixture
def link(survey: Any) -> Any:
    return make_link(survey)


def make_link(survey: Any, **given: Any) -> Any:
    from promontory.program.customers.actions import NewDimension, ensure_dimensions
    from promontory.program.outreach.models import OpenLink

    ensure_dimensions({"branch": NewDimension(label="Branch", is_declared=True)}, at=NOW)
    fields = {
        "key": "desk-7",
        "name": "Desk 7",
        "kind": "qr",
        "attributes": {"branch": "Lyon"},
        "created_at": NOW,
        "created_by": "system",
    }
    return OpenLink.objects.create(survey=survey, **(fields | given))


def test_an_answer_by_a_printed_code_belongs_to_its_branch_and_to_nobody(
    client: Client, link: Any, settled: Callable[[], int]
) -> None:
    from promontory.program.customers.models import DimensionValue

    page = client.get("/s/desk-7")
    client.post("/s/desk-7", {**hidden(page), "q-recommend": "6"})
    client.post("/s/desk-7", {**hidden(page), "q-recommend": "6", "page": "1", "q-reason": "queue"})
    settled()
    response = the_response()
    assert answers_of(response) == {"recommend": 6}
    assert (response.contact_id, response.invitation_id, response.weight) == (None, None, 1_000_000)
    [code] = response.attributes.values()
    assert DimensionValue.objects.get(dimension__key="branch", code=code).label == "Lyon"


def test_two_people_by_one_link_are_two_responses(
    client: Client, link: Any, settled: Callable[[], int]
) -> None:
    from promontory.program.responses.models import Response

    for score in ("9", "9"):
        page = client.get("/s/desk-7")
        client.post("/s/desk-7", {**hidden(page), "q-recommend": score})
    settled()
    assert Response.objects.count() == 2


def test_a_flood_from_one_network_keeps_nobody_else_out(client: Client, link: Any) -> None:
    from promontory.program.answering.views.links import A_MINUTE

    said = [
        client.post("/s/desk-7", {"q-recommend": "0"}, REMOTE_ADDR="203.0.113.9").status_code
        for _ in range(A_MINUTE + 20)
    ]
    assert said.count(200) >= A_MINUTE
    assert said[-1] == 429
    other = client.post("/s/desk-7", {"q-recommend": "9"}, REMOTE_ADDR="198.51.100.7")
    assert other.status_code == 200


def test_a_machine_that_fills_in_everything_is_refused(client: Client, link: Any) -> None:
    from promontory.program.answering.models import Intake

    said = client.post("/s/desk-7", {"q-recommend": "9", "website": "https://spam.example"})
    assert said.status_code == 422
    assert not Intake.objects.exists()


def test_a_closed_link_says_so(client: Client, survey: Any) -> None:
    make_link(survey, closed_at=NOW)
    assert client.get("/s/desk-7").status_code == 410
    assert client.get("/s/nowhere").status_code == 404


def queue(client: Client, *answers: dict[str, Any]) -> dict[str, Any]:
    said = client.post(
        "/k/desk-7/answers", json.dumps({"answers": answers}), content_type="application/json"
    )
    return {"status": said.status_code, **said.json()}


def test_a_kiosks_queue_arrives_once_however_often_it_is_sent(
    client: Client, survey: Any, settled: Callable[[], int]
) -> None:
    make_link(survey, kind="kiosk")
    hour_ago = timezone.now() - timedelta(hours=1)
    one = {
        "id": "3f0c1a52-0000-4000-8000-000000000001",
        "answers": {"recommend": "10", "reason": "kind"},
        "complete": True,
        "language": "en",
        "at": hour_ago.isoformat(),
    }
    assert queue(client, one)["kept"] == [one["id"]]
    queue(client, one)
    settled()
    response = the_response()
    assert answers_of(response) == {"recommend": 10}
    assert response.answered_at == hour_ago
    assert not response.is_partial


def test_a_kiosks_nonsense_is_refused_by_its_number(client: Client, survey: Any) -> None:
    make_link(survey, kind="kiosk")
    bad = {"id": "x" * 20, "answers": {"recommend": "11"}, "complete": True}
    said = queue(client, bad, {"id": "short"})
    assert (said["kept"], said["refused"]) == ([], ["x" * 20, "short"])
    broken = client.post("/k/desk-7/answers", "{", content_type="application/json")
    assert broken.status_code == 422


def test_the_kiosk_works_without_a_script_and_forgets_who_was_there(
    client: Client, survey: Any
) -> None:
    make_link(survey, kind="kiosk")
    page = client.get("/k/desk-7")
    second = client.post("/k/desk-7", {**hidden(page), "q-recommend": "9"})
    done = client.post("/k/desk-7", {**hidden(second), "q-reason": ""})
    thanks = client.get(done["Location"])
    assert b'http-equiv="refresh" content="8;url=/k/desk-7"' in thanks.content
    assert b"checked" not in client.get("/k/desk-7").content


def test_staff_leave_the_kiosk_with_its_code(client: Client, survey: Any) -> None:
    from promontory.program.answering.views.kiosk import exit_code

    make_link(survey, kind="kiosk")
    assert client.post("/k/desk-7/exit", {"code": "1"}).status_code == 403
    right = client.post("/k/desk-7/exit", {"code": exit_code("desk-7")})
    assert (right.status_code, right["Location"]) == (303, "/")


def test_a_test_link_does_not_count(
    client: Client, survey: Any, settled: Callable[[], int]
) -> None:
    make_link(survey, is_test=True)
    client.post("/s/desk-7", {"q-recommend": "9"})
    settled()
    assert the_response().mask == 1
