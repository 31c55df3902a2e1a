"""What texts and calls through Twilio share: the account, calling it, and its signature.

Signature: HMAC-SHA1 by the auth token over the full address and the sorted form fields; for a JSON
body over the address alone, which then carries the body's SHA-256 as `bodySHA256`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from promontory.channels.contract import Callback, Fault, Forged, Means, NotSent
from promontory.http import CallFailed


class Account(Protocol):
    """The settings of an account, whatever it is used for."""

    @property
    def account_sid(self) -> str: ...
    @property
    def auth_token(self) -> str: ...
    @property
    def api(self) -> str: ...


_RECIPIENT = {
    "21211": "The number is not valid.",
    "21214": "The number cannot be reached.",
    "21217": "The number is not valid.",
    "21610": "The customer has opted out with a STOP word.",
    "21614": "The number takes no texts: it is not a mobile one.",
    "13223": "The number is not valid.",
    "13224": "The number is not valid.",
}
_ACCOUNT = {"20003", "20404", "21408", "21212", "21606", "21659", "21660", "21210", "13227"}
"""Wrong credentials, a sender that is not ours, a country that is not enabled: every message."""
OPTED_OUT = "21610"
"""The code of a refusal because of an opt-out at Twilio itself."""


def post(account: Account, means: Means, resource: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Create a message or a call and return what Twilio says of it; raises `NotSent`."""
    url = f"{account.api.rstrip('/')}/2010-04-01/Accounts/{account.account_sid}/{resource}.json"
    try:
        answer = means.http.call(
            "POST", url, form=form, auth=(account.account_sid, account.auth_token)
        )
    except CallFailed as failure:
        raise _refusal(failure) from failure
    try:
        made: dict[str, Any] = answer.json()
        str(made["sid"])
    except (CallFailed, KeyError, TypeError) as error:
        # It took the message (2xx): an unreadable receipt is no licence to repeat it.
        raise NotSent(
            "Twilio took the message and gave no receipt.", permanent=True, ambiguous=True
        ) from error
    return made


def _refusal(failure: CallFailed) -> NotSent:
    code = ""
    if failure.answer is not None:
        try:
            code = str(failure.answer.json().get("code", ""))
        except (CallFailed, AttributeError):
            code = ""
    if code in _RECIPIENT:
        return NotSent(_RECIPIENT[code], permanent=True, fault=Fault.RECIPIENT, code=code)
    fault = Fault.SERVICE if code in _ACCOUNT else None
    return NotSent.after(failure, fault=fault, code=code)


def verify(account: Account, callback: Callback) -> None:
    """Raise `Forged` unless the callback was signed with the account's token."""
    given = callback.header("x-twilio-signature")
    address = urlsplit(callback.url)
    body_hash = parse_qs(address.query).get("bodySHA256", [""])[0]
    fields = {} if body_hash else callback.form
    if body_hash:
        actual = hashlib.sha256(callback.body).hexdigest()
        if not hmac.compare_digest(actual, body_hash):
            raise _forged()
    expected = [
        signature(account.auth_token, url, fields) for url in _with_and_without_port(address)
    ]
    if not any(hmac.compare_digest(given.encode(), each.encode()) for each in expected):
        raise _forged()


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """The signature Twilio puts into X-Twilio-Signature."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    mac = hmac.new(token.encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def _with_and_without_port(address: Any) -> tuple[str, str]:
    """Twilio signs the address with its port or without, it does not say which."""
    host = address.netloc.rpartition(":")[0] if address.port else address.netloc
    port = address.port or (443 if address.scheme == "https" else 80)
    return (
        urlunsplit(address._replace(netloc=host)),
        urlunsplit(address._replace(netloc=f"{host}:{port}")),
    )


def _forged() -> Forged:
    return Forged("This callback is not signed by Twilio.", remedy="Nothing was recorded.")


def with_reference(url: str, reference: str) -> str:
    """An address that brings our reference back, should the report overtake the receipt."""
    address = urlsplit(url)
    query = f"{address.query}&" if address.query else ""
    return urlunsplit(address._replace(query=query + urlencode({"ref": reference})))


def reference_in(url: str) -> str:
    """Our reference in the address a callback came to."""
    return parse_qs(urlsplit(url).query).get("ref", [""])[0]
