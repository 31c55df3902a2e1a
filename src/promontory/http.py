"""How anything calls out: one client with time limits, bounded retries and no way inward.

    caller = Caller()
    answer = caller.call("POST", "https://api.example/messages", form={"To": "+44…"})
    answer.json()

Whatever goes wrong raises `CallFailed`, whose flags say what may be done about it. A name that
leads into our own network is refused unless the installation allowed it: the addresses a name
resolves to are judged, and the connection goes to the very address that was judged, so that a
name which changes its mind in between (DNS rebinding) gains nothing. Redirects are not followed
and proxies of the environment are not used: both would lead around that judgement.
"""

from __future__ import annotations

import ipaddress
import json as jsonlib
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import Any

import httpcore2
import httpx2

from promontory.errors import PromontoryError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do the same when done twice (RFC 9110, 9.2.2)."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
PERHAPS_DONE = frozenset({408, 500, 502, 504})
"""Answers after which nobody can say whether the request had its effect."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Return the body read as JSON; raises `CallFailed` if it is none."""
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            raise CallFailed("The answer is not JSON.", permanent=True, answer=self) from None


class CallFailed(PromontoryError):
    """A call outward did not succeed.

    `permanent`: the same call will fail again. `ambiguous`: it may have had its effect all the
    same. `retry_after`: seconds the other side asked us to wait. `answer`: what it said, if it
    said anything.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        ambiguous: bool = False,
        retry_after: float | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.answer = answer

    @property
    def status(self) -> int | None:
        return self.answer.status if self.answer else None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much and how often; seconds and bytes."""

    connect: float = 5.0
    read: float = 15.0
    """The longest silence."""
    total: float = 30.0
    """The longest an answer may take to arrive whole, silent or not."""
    body: int = 5_000_000
    attempts: int = 3
    backoff: float = 0.5
    longest_wait: float = 10.0
    """A longer wait asked for by the other side is the caller's to plan, not ours to sleep."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses a name stands for at this moment."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard(httpcore2.SyncBackend):
    """Connects only to addresses outside our own network, or allowed by name or network."""

    def __init__(self, allow: Iterable[str], resolve: Resolve) -> None:
        self._names = {entry.lower() for entry in allow}
        self._networks = [net for entry in allow if (net := _network(entry))]
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, judge, and connect to what was judged."""
        failure: Exception | None = None
        for address in self.permitted(host, port):
            try:
                return super().connect_tcp(
                    address, port, timeout, local_address, socket_options or []
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as caught:
                failure = caught
        raise failure or httpcore2.ConnectError(f"{host} has no address")

    def permitted(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name, or refuse it if any of them lies inside."""
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(f"{host} is not known: {error}") from error
        if host.lower() in self._names:
            return addresses
        inside = [a for a in addresses if not self._is_outside(ipaddress.ip_address(a))]
        if inside:
            raise CallFailed(
                f"{host} leads to {inside[0]}, which is inside our own network. Nothing was sent. "
                "Whoever runs the installation can allow it.",
                permanent=True,
            )
        return addresses

    def _is_outside(self, address: Address) -> bool:
        real = _unwrapped(address)
        if any(real in network for network in self._networks):
            return True
        # Not every Python calls these private: ::127.0.0.1, fec0::/10, 64:ff9b:1::/48.
        odd = real.is_multicast or real.is_reserved or real in _PROTOCOLS or real in _SITES
        return real.is_global and not odd


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
_SITES = ipaddress.IPv6Network("fec0::/10")


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one carries inside, by whichever of four ways."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


class _Stream(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Transport(httpx2.BaseTransport):
    """httpx2's requests over a connection pool that only the guard connects."""

    def __init__(self, guard: Guard) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=20,
            keepalive_expiry=30,
            network_backend=guard,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(response.status, headers=response.headers, stream=_Stream(response))

    def close(self) -> None:
        self._pool.close()


@dataclass(frozen=True)
class Caller:
    """Calls outward. Safe to share among threads; connections are kept and used again."""

    allow: frozenset[str] = frozenset()
    """Names and networks ("10.2.0.0/16") inside our own network that may be called."""
    limits: Limits = field(default_factory=Limits)
    resolve: Resolve = resolve
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def _client(self) -> httpx2.Client:
        return httpx2.Client(
            transport=_Transport(Guard(self.allow, self.resolve)),
            timeout=httpx2.Timeout(self.limits.read, connect=self.limits.connect),
            headers={"User-Agent": "Promontory", "Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        auth: tuple[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """Make the call and return a 2xx answer; anything else raises `CallFailed`.

        A passing failure is tried again only where doing so twice does no harm: GET, PUT … or
        what the caller calls `repeatable` (it carries an idempotency key, say).
        """
        request = self._request(
            method, url, headers=headers, params=query, json=json, data=form, content=content
        )
        attempts = self.limits.attempts
        if not (method.upper() in REPEATABLE if repeatable is None else repeatable):
            attempts = 1
        for attempt in range(1, attempts + 1):
            try:
                return self._once(request, auth)
            except CallFailed as failure:
                wait = self._wait(failure, attempt)
                if attempt == attempts or wait is None:
                    raise
                self.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _request(self, method: str, url: str, **content: Any) -> httpx2.Request:
        try:
            request = self._client.build_request(method.upper(), url, **content)
        except (httpx2.InvalidURL, ValueError) as error:
            raise CallFailed(f"“{url}” is not an address: {error}.", permanent=True) from error
        if request.url.scheme not in {"http", "https"} or not request.url.host:
            raise CallFailed(f"“{url}” is not a web address.", permanent=True)
        if request.url.userinfo:
            raise CallFailed("A password does not belong into an address.", permanent=True)
        return request

    def _wait(self, failure: CallFailed, attempt: int) -> float | None:
        """Return the seconds until the next attempt, or None if there should be none."""
        if failure.permanent:
            return None
        if failure.retry_after is not None:
            fits = failure.retry_after <= self.limits.longest_wait
            return failure.retry_after if fits else None
        # Spread, so that all who failed together do not come back together.
        return self.limits.backoff * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311

    def _once(self, request: httpx2.Request, auth: tuple[str, str] | None) -> Answer:
        host = request.url.host
        deadline = time.monotonic() + self.limits.total
        try:
            response = self._client.send(request, auth=auth, stream=True)
            try:
                answer = Answer(
                    response.status_code, dict(response.headers), self._body(response, deadline)
                )
            finally:
                response.close()
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout) as error:
            raise CallFailed(f"{host} could not be reached: {error}", permanent=False) from error
        except httpcore2.TimeoutException as error:
            detail = f"{host} did not answer in {self.limits.read:g} seconds."
            raise CallFailed(detail, permanent=False, ambiguous=True) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            detail = f"{host} broke off: {error}"
            raise CallFailed(detail, permanent=False, ambiguous=True) from error
        if not 200 <= answer.status < 300:
            raise _refused(host, answer)
        return answer

    def _body(self, response: httpx2.Response, deadline: float) -> bytes:
        """Read the body, but no more and no longer than the limits allow."""
        if response.headers.get("content-encoding", "identity") != "identity":
            # We asked for none: a small compressed body may unfold into a very large one.
            raise self._too_much("It answered with a compressed body that nobody asked for.")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self.limits.body:
                raise self._too_much(f"The answer is longer than {self.limits.body:,} bytes.")
            if time.monotonic() > deadline:
                detail = f"The answer was not complete after {self.limits.total:g} seconds."
                raise CallFailed(detail, permanent=False, ambiguous=True)
        return bytes(body)

    @staticmethod
    def _too_much(detail: str) -> CallFailed:
        return CallFailed(detail, permanent=True, ambiguous=True)


def _refused(host: str, answer: Answer) -> CallFailed:
    if 300 <= answer.status < 400:
        to = answer.headers.get("location", "elsewhere")
        detail = f"{host} redirects to {to}. Redirects are not followed: give the final address."
        return CallFailed(detail, permanent=True, answer=answer)
    passing = answer.status in PASSING
    return CallFailed(
        f"{host} answered {answer.status}: {answer.text[:300].strip()}",
        permanent=not passing,
        ambiguous=answer.status in PERHAPS_DONE,
        retry_after=retry_after(answer.headers) if passing else None,
        answer=answer,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return the seconds a Retry-After header asks for (RFC 9110, 10.2.3), if it has one."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until: datetime = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    seconds = (until - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds)


@lru_cache(maxsize=8)
def shared(allow: frozenset[str] = frozenset()) -> Caller:
    """Return the one caller of this process with those allowances."""
    return Caller(allow=allow)
