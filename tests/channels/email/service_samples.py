"""What each mail service answers and reports, in the shapes that anymail and they publish.

`bounce` is a bounce that will never change, `soft` one that may, `signed` makes a call as the
service would.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from promontory.channels.contract import Callback

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
URL = "https://ask.acme.example/in/email/key/events"
TO = "amal@example.org"
BASIC = "hook:secret"
REF = {"promontory_reference": "ref-1"}

Sign = Callable[[Any], Callback]


def call(body: bytes, kind: str = "application/json", **headers: str) -> Callback:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Callback("POST", URL, AT, {"content-type": kind, **named}, body)


def basic(event: Any, password: str = BASIC) -> Callback:
    secret = base64.b64encode(password.encode()).decode()
    return call(json.dumps(event).encode(), authorization=f"Basic {secret}")


def hmac_in(header: str) -> Sign:
    def sign(event: Any) -> Callback:
        body = json.dumps(event).encode()
        return call(body, **{header: hmac.new(b"secret", body, hashlib.sha256).hexdigest()})

    return sign


def mailgun(event: Any) -> Callback:
    signature = hmac.new(b"secret", b"1777887000tok", hashlib.sha256).hexdigest()
    block = {"timestamp": "1777887000", "token": "tok", "signature": signature}
    return call(json.dumps({"signature": block, "event-data": event}).encode())


def mandrill(event: Any) -> Callback:
    form = {"mandrill_events": json.dumps([event])}
    signed = URL + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.new(b"secret", signed.encode(), hashlib.sha1).digest())
    return call(
        urlencode(form).encode(),
        "application/x-www-form-urlencoded",
        x_mandrill_signature=signature.decode(),
    )


@lru_cache
def postal_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@lru_cache
def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any) -> str:
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "".join(pem.decode().splitlines()[1:-1])


def postal(event: Any) -> Callback:
    body = json.dumps(event).encode()
    signature = postal_key().sign(body, padding.PKCS1v15(), hashes.SHA1())
    return call(body, x_postal_signature=base64.b64encode(signature).decode())


def sendgrid(event: Any) -> Callback:
    body = json.dumps([event]).encode()
    signature = sendgrid_key().sign(b"1777887000" + body, ec.ECDSA(hashes.SHA256()))
    return call(
        body,
        x_twilio_email_event_webhook_signature=base64.b64encode(signature).decode(),
        x_twilio_email_event_webhook_timestamp="1777887000",
    )


RESEND_SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()


def resend(event: Any) -> Callback:
    from standardwebhooks import Webhook

    body = json.dumps(event)
    now = datetime.now(UTC)  # a signature older than five minutes is refused
    signature = Webhook(RESEND_SECRET).sign("msg_1", now, body)
    return call(
        body.encode(),
        svix_id="msg_1",
        svix_timestamp=str(int(now.timestamp())),
        svix_signature=signature,
    )


def sparkpost(event: Any) -> Callback:
    return basic([{"msys": {"message_event": event}}])


def unisender(event: Any) -> Callback:
    inner = {"event_name": "transactional_email_status", "event_data": event}
    body = json.dumps({"auth": "key", "events_by_user": [{"user_id": 1, "events": [inner]}]})
    return call(body.replace('"key"', f'"{hashlib.md5(body.encode()).hexdigest()}"').encode())


@dataclass(frozen=True)
class Sample:
    accepted: Any
    """The API's answer to a mail it takes; bytes or JSON."""
    signed: Sign
    bounce: Any
    soft: Any
    secret: str = BASIC
    more: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


def mailersend_event(kind: str, reason: str) -> Any:
    return {
        "type": f"activity.{kind}",
        "data": {
            "object": "activity",
            "id": "ev1",
            "type": kind,
            "created_at": "2026-05-04T09:30:00.000000Z",
            "email": {"message": {"id": "m1"}, "recipient": {"email": TO}},
            "morph": {"object": "recipient_bounce", "reason": reason},
        },
    }


def mailgun_event(severity: str, code: int, message: str) -> Any:
    return {
        "event": "failed",
        "severity": severity,
        "reason": "bounce",
        "timestamp": 1777887000.5,
        "recipient": TO,
        "message": {"headers": {"message-id": "m1@acme.example"}},
        "delivery-status": {"code": code, "message": message},
        "user-variables": REF,
    }


SAMPLES = {
    "brevo": Sample(
        {"messageId": "<m1@smtp-relay>"},
        basic,
        {
            "event": "hard_bounce",
            "email": TO,
            "ts_epoch": 1777887000000,
            "message-id": "<m1@smtp-relay>",
            "X-Mailin-custom": json.dumps(REF),
            "reason": "550 no such user",
        },
        {"event": "soft_bounce", "email": TO, "reason": "552 mailbox full"},
        status=201,
    ),
    "mailersend": Sample(
        b"",
        hmac_in("signature"),
        mailersend_event("hard_bounced", "Host or domain name not found"),
        mailersend_event("soft_bounced", "Mailbox full"),
        secret="secret",
        headers={"X-Message-Id": "m1", "Content-Type": "text/html"},
        status=202,
    ),
    "mailgun": Sample(
        {"id": "<m1@acme.example>", "message": "Queued. Thank you."},
        mailgun,
        mailgun_event("permanent", 550, "5.1.1 No such user"),
        mailgun_event("permanent", 552, "5.2.2 Mailbox full"),
        secret="secret",
    ),
    "mailjet": Sample(
        {
            "Messages": [
                {
                    "Status": "success",
                    "To": [{"Email": TO, "MessageUUID": "u", "MessageID": 7, "MessageHref": ""}],
                }
            ]
        },
        basic,
        {
            "event": "bounce",
            "time": 1777887000,
            "MessageID": 7,
            "email": TO,
            "hard_bounce": True,
            "error": "user unknown",
            "Payload": json.dumps(REF),
        },
        {
            "event": "bounce",
            "email": TO,
            "time": 1,
            "hard_bounce": False,
            "error": "quota exceeded",
        },
        more={"secret_key": "s"},
    ),
    "mailtrap": Sample(
        {"success": True, "message_ids": ["m1"]},
        lambda event: hmac_in("mailtrap-signature")({"events": [event]}),
        {
            "event": "bounce",
            "timestamp": 1777887000,
            "message_id": "m1",
            "email": TO,
            "event_id": "ev1",
            "custom_variables": REF,
            "response": "550 5.1.1",
        },
        {"event": "soft bounce", "timestamp": 1, "message_id": "m1", "email": TO},
        secret="secret",
    ),
    "mandrill": Sample(
        [{"email": TO, "status": "sent", "_id": "m1"}],
        mandrill,
        {
            "event": "hard_bounce",
            "_id": "m1",
            "ts": 1777887000,
            "msg": {"email": TO, "_id": "m1", "metadata": REF, "bounce_description": "bad_mailbox"},
        },
        {"event": "soft_bounce", "_id": "m1", "ts": 1, "msg": {"email": TO, "metadata": {}}},
        secret="secret",
    ),
    "postal": Sample(
        {
            "status": "success",
            "data": {"message_id": "m", "messages": {TO: {"id": 1503, "token": "t"}}},
        },
        postal,
        {
            "event": "MessageBounced",
            "timestamp": 1777887000,
            "uuid": "ev1",
            "payload": {
                "original_message": {"id": 1503, "to": TO, "direction": "outgoing"},
                "bounce": {"id": 1, "subject": "failure"},
                "details": "550 5.1.1 no such user",
            },
        },
        {
            "event": "MessageDelayed",
            "timestamp": 1,
            "uuid": "ev2",
            "payload": {"status": "SoftFail", "message": {"id": 1503, "to": TO}},
        },
    ),
    "postmark": Sample(
        {"ErrorCode": 0, "Message": "OK", "MessageID": "m1", "To": TO, "SubmittedAt": "x"},
        basic,
        {
            "RecordType": "Bounce",
            "ID": 42,
            "Type": "HardBounce",
            "Email": TO,
            "BouncedAt": "2026-05-04T09:30:00Z",
            "MessageID": "m1",
            "Metadata": REF,
            "Details": "550 no such user",
        },
        {"RecordType": "Bounce", "ID": 43, "Type": "SoftBounce", "Email": TO},
    ),
    "resend": Sample(
        {"id": "m1"},
        resend,
        {
            "type": "email.bounced",
            "created_at": "2026-05-04T09:30:00.000Z",
            "data": {
                "email_id": "m1",
                "to": [TO],
                "bounce": {"message": "a hard bounce message", "type": "Permanent"},
                "headers": [{"name": "X-Metadata", "value": json.dumps(REF)}],
            },
        },
        {
            "type": "email.bounced",
            "created_at": "2026-05-04T09:30:00.000Z",
            "data": {
                "email_id": "m1",
                "to": [TO],
                "bounce": {"message": "the inbox was full", "type": "Transient"},
            },
        },
        secret=RESEND_SECRET,
    ),
    "sendgrid": Sample(
        b"",
        sendgrid,
        {
            "event": "bounce",
            "type": "bounce",
            "email": TO,
            "timestamp": 1777887000,
            "sg_event_id": "ev1",
            "anymail_id": "m1",
            "reason": "550 5.1.1 no such user",
            **REF,
        },
        {"event": "bounce", "type": "blocked", "email": TO, "timestamp": 1, "reason": "550 5.1.1"},
        status=202,
    ),
    "sparkpost": Sample(
        {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "m1"}},
        sparkpost,
        {
            "type": "bounce",
            "bounce_class": "10",
            "timestamp": "1777887000",
            "transmission_id": "m1",
            "event_id": "ev1",
            "raw_rcpt_to": TO,
            "rcpt_meta": REF,
            "raw_reason": "550 5.1.1 no such user",
        },
        {"type": "bounce", "bounce_class": "22", "timestamp": "1", "raw_rcpt_to": TO},
    ),
    "unisender_go": Sample(
        {"status": "success", "job_id": "m1", "emails": [TO]},
        unisender,
        {
            "job_id": "m1",
            "status": "hard_bounced",
            "email": TO,
            "event_time": "2026-05-04 09:30:00",
            "metadata": REF,
            "delivery_info": {"delivery_status": "err_user_unknown"},
        },
        {
            "job_id": "m1",
            "status": "soft_bounced",
            "email": TO,
            "event_time": "2026-05-04 09:30:00",
            "delivery_info": {"delivery_status": "err_mailbox_full"},
        },
        secret="",
    ),
}


def secret_of(name: str) -> str:
    keys: dict[str, Callable[[], Any]] = {"postal": postal_key, "sendgrid": sendgrid_key}
    return public(keys[name]()) if name in keys else SAMPLES[name].secret
