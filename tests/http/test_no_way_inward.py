"""A name that leads inside is refused, however it is written and whatever it says next time."""

from __future__ import annotations

import pytest

from promontory.http import Caller, CallFailed
from tests.http.conftest import Outside


def refused(caller: Caller, url: str) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        caller.call("GET", url)
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.9",
        "192.168.1.1",
        "100.64.0.1",  # carrier-grade NAT
        "169.254.169.254",  # the clouds' metadata
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",  # 169.254.169.254 through NAT64
        "2002:7f00:1::",  # 127.0.0.1 through 6to4
        "::127.0.0.1",
        "fec0::1",
        "64:ff9b:1::a00:1",  # 10.0.0.1 through a NAT64 of our own
        "192.0.0.8",
    ],
)
def test_an_address_inside_is_refused(address: str) -> None:
    caller = Caller(resolve=lambda host, port: [address])
    failed = refused(caller, "http://innocent.example/")
    assert failed.permanent
    assert "inside our own network" in str(failed)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]"]
)
def test_our_own_machine_is_refused_in_every_spelling(outside: Outside, host: str) -> None:
    failed = refused(Caller(), outside.url(host=host))
    assert failed.permanent or "is not known" in str(failed)
    assert outside.seen == []


def test_a_name_is_refused_if_any_of_its_addresses_is_inside() -> None:
    caller = Caller(resolve=lambda host, port: ["93.184.215.14", "10.0.0.1"])
    assert "10.0.0.1" in str(refused(caller, "http://both.example/"))


def test_a_redirect_inward_is_not_followed(outside: Outside) -> None:
    outside.says(lambda h: h.reply(302, Location=outside.url("/metadata", host="localhost")))
    caller = Caller(allow=frozenset({"127.0.0.1"}))

    failed = refused(caller, outside.url("/start"))

    assert failed.permanent
    assert "Redirects are not followed" in str(failed)
    assert [path for _, path, _ in outside.seen] == ["/start"]


def test_the_connection_goes_to_the_address_that_was_judged(outside: Outside) -> None:
    """DNS rebinding: the first answer is harmless, every later one leads inside."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        # 192.0.2.0/24 is nobody's (RFC 5737); allowed here by network, so that it is judged fit.
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    from promontory.http import Limits

    caller = Caller(
        allow=frozenset({"192.0.2.0/24"}),
        resolve=rebinding,
        limits=Limits(connect=0.2, attempts=1),
    )
    failed = refused(caller, outside.url(host="rebinds.example"))

    assert not failed.permanent  # nobody at 192.0.2.1; it was that one we tried
    assert asked == ["rebinds.example"]
    assert "inside our own network" in str(refused(caller, outside.url(host="rebinds.example")))
    assert outside.seen == []


@pytest.mark.parametrize("allowed", ["crm.internal", "127.0.0.0/8", "127.0.0.1"])
def test_the_installation_may_allow_a_name_or_a_network(outside: Outside, allowed: str) -> None:
    caller = Caller(allow=frozenset({allowed}), resolve=lambda host, port: ["127.0.0.1"])
    assert caller.call("GET", outside.url(host="crm.internal")).status == 200


def test_an_allowance_opens_no_other_door(outside: Outside) -> None:
    caller = Caller(allow=frozenset({"10.0.0.0/8"}), resolve=lambda host, port: ["127.0.0.1"])
    assert refused(caller, outside.url(host="crm.internal")).permanent


def test_proxies_of_the_environment_are_not_used(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    caller = Caller(allow=frozenset({"127.0.0.1"}))
    assert caller.call("GET", outside.url()).status == 200
