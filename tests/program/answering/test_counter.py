"""The short way in: what it takes, what it leaves to the pages, and that none of it is lost."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.installation import ROOT, Installation
from tests.program.answering.conftest import NOW, Invited, invite, make_survey
from tests.program.answering.test_hosted import answers_of, the_response

FORM = "application/x-www-form-urlencoded"


class AtOnce:
    """A counter that serves whoever comes at once, in the present thread."""

    def serve(self, sent: Any) -> Any:
        from promontory.program.answering.actions.counter import receive

        receive([sent], at=NOW)
        return sent.act


@pytest.fixture
def quick() -> Callable[..., tuple[str, dict[str, str]]]:
    """Call the short way; what is left to the pages comes back as "left"."""
    from promontory.program.answering.views.quick import QuickDoor
    from promontory.server.answers import headers

    def call(path: str, body: str, kind: str = FORM, **more: str) -> tuple[str, dict[str, str]]:
        said: list[Any] = []

        def left(environ: Any, start: Any) -> list[bytes]:
            assert environ["wsgi.input"].read() == body.encode()
            start("left", [])
            return []

        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body.encode())),
            "HTTP_HOST": "testserver",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(body.encode()),
            **more,
        }
        door = QuickDoor(AtOnce(), left, headers())  # type: ignore[arg-type]
        list(door(environ, lambda status, given: said.extend([status, dict(given)])))
        return said[0], said[1]

    return call


LAST = "page=1&session=aaaaaaaaaaaaaaaaaaaa&q-recommend=9&q-reason=Good+%C3%BC"


def test_a_whole_answer_is_counted_at_once(
    invited: Invited, quick: Callable[..., tuple[str, dict[str, str]]]
) -> None:
    from promontory.program.answering.models import Intake
    from promontory.program.ledger.models import Entry
    from promontory.program.responses.models import Verbatim

    assert quick(invited.link, LAST)[0] == "303 See Other"
    assert answers_of(the_response()) == {"recommend": 9}
    assert Verbatim.objects.get().text == "Good ü"
    assert invited.disposition.name == "ANSWERED"
    assert Entry.objects.filter(subject=the_response().pk).count() == 1
    assert not Intake.objects.exists()


def test_it_says_what_the_pages_say(
    client: Client, survey: Any, quick: Callable[..., tuple[str, dict[str, str]]]
) -> None:
    one, other = invite(survey), invite(survey, email="b@example.org")
    ours = quick(one.link, LAST)[1]
    theirs = client.post(other.link, LAST, content_type=FORM)
    assert theirs.status_code == 303
    expected = dict(theirs.items()) | {"Location": ours["Location"]}
    assert ours == expected
    assert theirs["Location"].replace(other.token, one.token) == ours["Location"]


def test_a_second_answer_waits_to_be_compared_with_the_first(
    invited: Invited,
    quick: Callable[..., tuple[str, dict[str, str]]],
    settled: Callable[[], int],
) -> None:
    quick(invited.link, LAST)
    assert quick(invited.link, LAST.replace("=9", "=3"))[0] == "303 See Other"
    assert answers_of(the_response()) == {"recommend": 9}
    settled()
    assert answers_of(the_response()) == {"recommend": 3}


def test_nobody_overtakes_what_they_said_before(
    client: Client,
    invited: Invited,
    quick: Callable[..., tuple[str, dict[str, str]]],
    settled: Callable[[], int],
) -> None:
    client.post(invited.link, "page=0&session=aaaaaaaaaaaaaaaaaaaa&q-recommend=3", FORM)
    quick(invited.link, LAST)
    settled()
    assert answers_of(the_response()) == {"recommend": 9}
    assert invited.disposition.name == "ANSWERED"


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("page=0&q-recommend=9", {}),  # there is a next page
        ("page=1&q-recommend=11", {}),
        ("page=1&q-recommend=9&language=de", {}),
        (LAST, {"HTTP_ORIGIN": "https://evil.example"}),
        (LAST, {"HTTP_HOST": "evil.example"}),
        (LAST, {"CONTENT_TYPE": "multipart/form-data; boundary=x"}),
        (LAST, {"CONTENT_LENGTH": "99999999999"}),
        (LAST, {"QUERY_STRING": "lang=de"}),
        (LAST, {"PATH_INFO": "/r/AAAAAAAAAAAAAAA"}),
    ],
)
def test_whatever_is_not_plain_is_left_to_the_pages(
    body: str,
    more: dict[str, str],
    invited: Invited,
    quick: Callable[..., tuple[str, dict[str, str]]],
) -> None:
    from promontory.program.answering.models import Intake

    assert quick(invited.link, body, **more)[0] == "left"
    assert not Intake.objects.exists()


def test_a_closed_wave_is_left_to_the_pages(
    survey: Any, quick: Callable[..., tuple[str, dict[str, str]]]
) -> None:
    from promontory.program.outreach.models import Wave

    one = invite(survey)
    assert quick(one.link, LAST)[0] == "303 See Other"
    Wave.objects.update(state="closed")
    other = invite(survey, email="b@example.org", state="closed")
    assert quick(one.link, LAST)[0] == quick(other.link, LAST)[0] == "left"


def test_an_app_is_answered_as_by_the_pages(
    client: Client, survey: Any, quick: Callable[..., tuple[str, dict[str, str]]]
) -> None:
    from promontory.program.answering.queries.invitations import app_token
    from promontory.program.outreach.models import Site

    origin = "https://shop.example"
    Site.objects.create(key="shop", name="Shop", secret=b"", origins=[origin], created_at=NOW)
    one, other = invite(survey), invite(survey, email="b@example.org")

    def body(asked: Invited, days: int = 1) -> str:
        given = {"recommend": 9}
        token = app_token(asked.invitation.pk, expires=timezone.now() + timedelta(days=days))
        return json.dumps({"site": "shop", "token": token, "answers": given, "id": "12345678"})

    status, ours = quick("/w/v1/answer", body(one), "text/plain", HTTP_ORIGIN=origin)
    theirs = client.post("/w/v1/answer", body(other), "text/plain", headers={"Origin": origin})
    assert (status, theirs.status_code) == ("200 OK", 200)
    assert ours == dict(theirs.items())
    assert one.disposition.name == "ANSWERED"
    elsewhere = {"HTTP_ORIGIN": "https://evil.example"}
    assert quick("/w/v1/answer", body(one), "text/plain", **elsewhere)[0] == "left"
    late = body(one, days=-1)
    assert quick("/w/v1/answer", late, "text/plain", HTTP_ORIGIN=origin)[0] == "left"


def test_an_anonymous_answer_is_nobodys(
    quick: Callable[..., tuple[str, dict[str, str]]], settled: Callable[..., int]
) -> None:
    one = invite(make_survey(promise="anonymous"))
    assert quick(one.link, LAST)[0] == "303 See Other"
    assert one.disposition.name == "SENT"
    settled(minutes=11)
    assert (the_response().contact, the_response().invitation) == (None, None)
    assert the_response().received_at.time().isoformat() == "00:00:00"
    assert one.disposition.name == "ANSWERED"


# With a whole server, killed.

_PREPARE = """
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import begin
from tests.program.answering.conftest import NOW, invite, make_survey
begin(organization="N", zone="UTC", name="B", email="b@b.example", password="a long password 77",
      by=SYSTEM, at=NOW)
survey = make_survey()
for n in range({people}):
    print(invite(survey, email=f"p{{n}}@example.org").token)
"""


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_server_loses_no_answer_that_it_acknowledged(installation: Installation) -> None:
    house = installation
    tokens = house.python(_PREPARE.format(people=400)).split()
    waiting = iter(tokens)
    acknowledged: list[str] = []
    for kill in range(4):
        port, server = _serve(house)
        enough = len(acknowledged) + 25 + 20 * kill
        threads = [
            threading.Thread(target=_answer, args=(port, waiting, acknowledged)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        house.wait(lambda enough=enough: len(acknowledged) >= enough, seconds=60)
        _kill(server)
        for thread in threads:
            thread.join()
    _, server = _serve(house)
    house.wait(lambda: house.rows("SELECT count(*) FROM answering_intake") == [(0,)])
    _kill(server)
    assert len(acknowledged) >= 100
    ids = house.python(
        "import sys\nfrom django.conf import settings\n"
        "from promontory.program.outreach import tokens\n"
        f"print(*[tokens.read(t, settings.TOKEN_KEY) for t in {acknowledged!r}])"
    )
    answered = {pk for (pk,) in house.rows("SELECT invitation_id FROM responses_response")}
    assert set(map(int, ids.split())) <= answered
    [(responses, entries, raw, disposed)] = house.rows(
        "SELECT (SELECT count(*) FROM responses_response), "
        "(SELECT count(*) FROM ledger_entry WHERE kind = 1), "
        "(SELECT count(*) FROM responses_rawrow), "
        "(SELECT count(*) FROM outreach_invitation WHERE disposition = 50)"
    )
    assert responses == len(answered) == entries == raw == disposed
    said = house.python(
        "from promontory.program.ledger import actions as ledger\nledger.seal()\n"
        "from promontory.program.ledger.verify import verify\nprint(verify().sentence())"
    )
    assert "internally consistent" in said


def _serve(house: Installation) -> tuple[int, subprocess.Popen[bytes]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "promontory.server.serve", "--port", str(port)]
    with (house.home / "words.log").open("ab") as words:
        server = subprocess.Popen(
            command, env=house.env, cwd=ROOT, stdout=words, stderr=words, start_new_session=True
        )
    house.processes.append(server)

    def is_up() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    house.wait(is_up, seconds=60)
    return port, server


def _kill(server: subprocess.Popen[bytes]) -> None:
    """End the supervisor and what it started, in one blow."""
    import os

    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    time.sleep(0.2)


def _answer(port: int, waiting: Iterator[str], acknowledged: list[str]) -> None:
    """Answer until the server is gone; what it acknowledged is remembered."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        for token in waiting:
            headers = {"Host": "localhost", "Content-Type": FORM}
            connection.request("POST", f"/r/{token}", LAST, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 303
            acknowledged.append(token)
    except (OSError, http.client.HTTPException):
        return
