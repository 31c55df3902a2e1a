"""Idempotency keys: the same write sent twice is done once and answered alike.

A client sends `Idempotency-Key: <anything of its own>` with a POST, PUT, PATCH or DELETE. The
answer is kept in the transaction of the write itself, so that a crash loses both or neither. It is
kept under a key made of the sender's own secret, which is not kept: nobody else can open it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from promontory.program.ledger.vault import open_bytes, seal_bytes
from promontory.program.organization import queries as organization
from promontory.program.organization.models import KeptAnswer
from promontory.server import problems

Handler = Callable[[HttpRequest], HttpResponse]
KEPT_FOR = timedelta(days=2)
LONGEST_KEY = 200
_SAFE = {"GET", "HEAD", "OPTIONS"}
_KEPT_REFUSALS = {404, 409, 422}
"""Refusals that would come again; any other may be gone by the next attempt."""
_HEADERS = ("ETag", "Location", "Cache-Control")


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who sends under which key: `digest` finds what was kept, `seal` opens it."""

    digest: bytes
    seal: bytes


class IdempotencyMiddleware:
    """Answers a repeated write under /api/ from memory."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method in _SAFE or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not 0 < len(key) <= LONGEST_KEY:
            return problems.problem(
                422,
                "bad-input",
                f"An idempotency key has 1 to {LONGEST_KEY} characters.",
                remedy="Send a random one, such as a UUID.",
                field="Idempotency-Key",
            )
        at = timezone.now()
        sender = _sender(request, key, at=at)
        if sender is None:  # a stranger, or a key that was revoked: the API says so itself
            return self.get_response(request)
        digest = _digest(request)
        try:
            with transaction.atomic():
                return self._answer_once(request, sender, digest, at)
        except _Unkept as refused:
            return refused.response

    def _answer_once(
        self, request: HttpRequest, sender: _Sender, digest: bytes, at: datetime
    ) -> HttpResponse:
        KeptAnswer.objects.filter(created_at__lt=at - KEPT_FOR).delete()
        try:
            with transaction.atomic():
                # On PostgreSQL a second sender waits here until the first has its answer.
                kept = KeptAnswer.objects.create(actor=sender.digest, request=digest, created_at=at)
        except IntegrityError:
            return _again(KeptAnswer.objects.get(actor=sender.digest), sender, digest)
        response = self.get_response(request)
        code = response.status_code
        if response.streaming or (code >= 300 and code not in _KEPT_REFUSALS):
            raise _Unkept(response)
        kept.status, kept.content_type = code, response.get("Content-Type", "")
        kept.body = _sealed(response, sender)
        kept.save()
        return response


class _Unkept(Exception):
    """Rolls back what a failed attempt left, so that it may be tried again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def _sender(request: HttpRequest, key: str, *, at: datetime) -> _Sender | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and organization.viewer_of_key(token, at=at) is not None:
        secret = f"key {token}"
    elif request.user.is_authenticated and request.session.session_key:
        secret = f"session {request.session.session_key}"
    else:
        return None

    def derived(purpose: bytes) -> bytes:
        return hmac.new(secret.encode(), purpose + key.encode(), "sha256").digest()

    return _Sender(derived(b"who\0"), derived(b"seal\0"))


def _sealed(response: HttpResponse, sender: _Sender) -> bytes:
    headers = {name: response[name] for name in _HEADERS if name in response}
    return seal_bytes(sender.seal, json.dumps(headers).encode() + b"\n" + response.content, b"kept")


def _again(kept: KeptAnswer, sender: _Sender, digest: bytes) -> HttpResponse:
    if not hmac.compare_digest(bytes(kept.request), digest):
        return problems.problem(
            422,
            "idempotency-key-reused",
            "This idempotency key was used for another request.",
            remedy="Make a new key for every new request.",
            field="Idempotency-Key",
        )
    headers, _, body = open_bytes(sender.seal, bytes(kept.body or b""), b"kept").partition(b"\n")
    response = HttpResponse(body, status=kept.status or 200)
    if kept.content_type:
        response["Content-Type"] = kept.content_type
    else:
        del response["Content-Type"]
    for name, value in json.loads(headers).items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _digest(request: HttpRequest) -> bytes:
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    # What a write depends on beside its body: sent with another If-Match it is another request.
    told.update(f"{request.headers.get('If-Match', '')}\n".encode())
    if request.content_type == "multipart/form-data":
        # Not the body itself: its boundary differs at every attempt.
        for name, values in sorted(request.POST.lists()):
            told.update(json.dumps([name, values]).encode())
        for name, file in sorted(request.FILES.items()):
            assert isinstance(file, UploadedFile)
            told.update(json.dumps([name, file.name, file.size]).encode())
            for chunk in file.chunks():
                told.update(chunk)
            file.seek(0)
    else:
        told.update(request.body)
    return told.digest()
