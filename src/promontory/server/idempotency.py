"""Idempotency keys: the same write sent twice is done once and answered alike.

A client sends `Idempotency-Key: <anything of its own>` with a POST, PUT, PATCH or DELETE. The
answer is kept in the transaction of the write itself, so that a crash loses both or neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from promontory.program.organization.models import KeptAnswer

Handler = Callable[[HttpRequest], HttpResponse]
KEPT_FOR = timedelta(days=2)


class IdempotencyMiddleware:
    """Answers a repeated write under /api/ from memory."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method in {"GET", "HEAD", "OPTIONS"} or "/api/" not in request.path:
            return self.get_response(request)
        digest = _digest(request)
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        sender = f"{request.headers.get('Authorization', '')}|{session}|{key}"
        actor = hashlib.sha256(sender.encode()).digest()
        try:
            with transaction.atomic():
                return self._answer_once(request, actor, digest)
        except _Unkept as refused:
            return refused.response

    def _answer_once(self, request: HttpRequest, actor: bytes, digest: bytes) -> HttpResponse:
        at = timezone.now()
        KeptAnswer.objects.filter(created_at__lt=at - KEPT_FOR).delete()
        try:
            with transaction.atomic():
                kept = KeptAnswer.objects.create(actor=actor, request=digest, created_at=at)
        except IntegrityError:
            kept = KeptAnswer.objects.get(actor=actor)
            return _again(kept, digest)
        response = self.get_response(request)
        if response.status_code >= 500 or response.status_code in {401, 429} or response.streaming:
            raise _Unkept(response)
        kept.status, kept.body = response.status_code, response.content
        kept.content_type = response.get("Content-Type", "")
        kept.save()
        return response


class _Unkept(Exception):
    """Rolls back what a failed attempt left, so that it may be tried again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def _again(kept: KeptAnswer, digest: bytes) -> HttpResponse:
    if bytes(kept.request) != digest:
        return JsonResponse(
            {
                "type": "urn:promontory:problem:idempotency-key-reused",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "This idempotency key was used for another request.",
                "remedy": "Make a new key for every new request.",
            },
            status=422,
            content_type="application/problem+json",
        )
    response = HttpResponse(
        bytes(kept.body or b""), status=kept.status or 200, content_type=kept.content_type
    )
    response["Idempotent-Replayed"] = "true"
    return response


def _digest(request: HttpRequest) -> bytes:
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        # Not the body itself: its boundary differs at every attempt.
        for name, value in sorted(request.POST.items()):
            told.update(f"{name}={value}\n".encode())
        for name, file in sorted(request.FILES.items()):
            told.update(f"{name}:{file.name}:{file.size}\n".encode())
            for chunk in file.chunks():
                told.update(chunk)
            file.seek(0)
    else:
        told.update(request.body)
    return told.digest()
