"""Calls outward against a real server: what is tried again, for how long, and what is given up."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest

from promontory.http import Caller, CallFailed, Limits, retry_after
from tests.http.conftest import Handler, Outside, hang_up, slowly

INSIDE = frozenset({"127.0.0.1"})


def caller(naps: list[float] | None = None, **limits: float) -> Caller:
    sleep = (lambda _: None) if naps is None else naps.append
    return Caller(allow=INSIDE, limits=Limits(**limits), sleep=sleep)  # type: ignore[arg-type]


def failure(*args: object, by: Caller, **kwargs: object) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        by.call(*args, **kwargs)  # type: ignore[arg-type]
    return caught.value


def test_an_answer_comes_back_whole(outside: Outside) -> None:
    outside.says(lambda h: h.reply(201, b'{"sid": "SM1"}', X_Request="7"))

    answer = caller().call("POST", outside.url("/send"), form={"To": "+441", "Body": "a&b"})

    assert (answer.status, answer.json(), answer.headers["x-request"]) == (201, {"sid": "SM1"}, "7")
    assert outside.seen == [("POST", "/send", b"To=%2B441&Body=a%26b")]


def test_a_password_travels_as_basic_authentication(outside: Outside) -> None:
    outside.says(lambda h: h.reply(200, (h.headers["Authorization"] or "").encode()))
    assert caller().call("GET", outside.url(), auth=("u", "p")).text == "Basic dTpw"


def test_a_busy_server_is_asked_again_when_it_said(outside: Outside) -> None:
    naps: list[float] = []
    outside.says(lambda h: h.reply(429, Retry_After="2"), lambda h: h.reply(200))

    assert caller(naps).call("GET", outside.url()).status == 200
    assert naps == [2.0]


def test_a_long_wait_is_handed_to_who_can_plan_it(outside: Outside) -> None:
    naps: list[float] = []
    outside.says(lambda h: h.reply(429, Retry_After="3600"))

    failed = failure("GET", outside.url(), by=caller(naps))

    assert (failed.permanent, failed.ambiguous, failed.retry_after) == (False, False, 3600.0)
    assert (naps, len(outside.seen)) == ([], 1)


def test_a_server_that_stays_broken_is_given_up(outside: Outside) -> None:
    naps: list[float] = []
    outside.says(lambda h: h.reply(500, b"oops"))

    failed = failure("GET", outside.url(), by=caller(naps))

    assert (failed.permanent, failed.status, len(outside.seen)) == (False, 500, 3)
    assert naps[0] < naps[1] * 3
    assert str(failed) == "127.0.0.1 answered 500: oops"


def test_what_may_have_been_done_is_not_done_again(outside: Outside) -> None:
    outside.says(lambda h: h.reply(500))

    failed = failure("POST", outside.url(), by=caller())

    assert (failed.ambiguous, len(outside.seen)) == (True, 1)


def test_a_post_is_repeated_where_that_was_said_to_be_harmless(outside: Outside) -> None:
    outside.says(lambda h: h.reply(503), lambda h: h.reply(200))
    assert caller().call("POST", outside.url(), repeatable=True).status == 200


def test_a_refusal_is_permanent_and_asked_once(outside: Outside) -> None:
    outside.says(lambda h: h.reply(400, b'{"code": 21211}'))

    failed = failure("GET", outside.url(), by=caller())

    assert (failed.permanent, failed.ambiguous, len(outside.seen)) == (True, False, 1)
    assert failed.answer is not None and failed.answer.json() == {"code": 21211}


def test_silence_is_ambiguous(outside: Outside) -> None:
    outside.says(slowly(1))
    failed = failure("POST", outside.url(), by=caller(read=0.1))
    assert (failed.permanent, failed.ambiguous) == (False, True)


def test_a_connection_broken_off_is_ambiguous(outside: Outside) -> None:
    outside.says(hang_up)
    failed = failure("POST", outside.url(), by=caller())
    assert (failed.permanent, failed.ambiguous) == (False, True)


def test_nobody_there_is_passing_and_certainly_not_done() -> None:
    failed = failure("POST", "http://127.0.0.1:1/", by=caller())
    assert (failed.permanent, failed.ambiguous) == (False, False)


def test_a_body_without_end_is_cut(outside: Outside) -> None:
    outside.says(lambda h: h.reply(200, b"x" * 2_000_000))
    failed = failure("GET", outside.url(), by=caller(body=100_000))
    assert str(failed) == "The answer is longer than 100,000 bytes."


def test_a_compressed_body_that_nobody_asked_for_is_not_unfolded(outside: Outside) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    outside.says(lambda h: h.reply(200, bomb, Content_Encoding="gzip"))
    assert failure("GET", outside.url(), by=caller()).permanent


def test_a_body_that_drips_is_given_up(outside: Outside) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b".")
                handler.wfile.flush()
                time.sleep(0.02)
        except OSError:
            handler.close_connection = True

    outside.says(drip)
    failed = failure("POST", outside.url(), by=caller(total=0.2))
    assert (failed.ambiguous, str(failed)) == (
        True,
        "The answer was not complete after 0.2 seconds.",
    )


def test_an_answer_that_is_no_json_says_so(outside: Outside) -> None:
    outside.says(lambda h: h.reply(200, b"<html>"))
    with pytest.raises(CallFailed, match="not JSON"):
        caller().call("GET", outside.url()).json()


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "//example.org", "http://", "nonsense"]
)
def test_only_web_addresses_are_called(url: str) -> None:
    assert failure("GET", url, by=caller()).permanent


def test_a_password_in_an_address_is_refused(outside: Outside) -> None:
    assert failure("GET", f"http://u:p@127.0.0.1:{outside.port}/", by=caller()).permanent
    assert outside.seen == []


NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 04 May 2026 12:01:00 GMT", 60.0),
        ("Mon, 04 May 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, now=NOON) == seconds
