"""Programs that call the API, each with the key of somebody in one role."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from promontory.program.organization import actions, queries
from promontory.program.organization.access import Can
from promontory.program.organization.models import Membership, OrgUnit, User

API = "/api/v1"


def person_of(role: str, unit: OrgUnit | None = None) -> User:
    """Return somebody in this role, made now."""
    name = f"{role}-of-{unit.key}" if unit else role
    person, _ = User.objects.get_or_create(
        email=f"{name}@example.org", defaults={"name": name, "created_at": timezone.now()}
    )
    Membership.objects.get_or_create(user=person, role=role, unit=unit)
    return person


def secret_of(role: str, unit: OrgUnit | None = None, scopes: list[Can] | None = None) -> str:
    """Return the secret of a key of somebody in this role, with every scope they have."""
    asking = queries.viewer_of(person_of(role, unit))
    wanted = sorted(asking.can) if scopes is None else scopes
    return actions.make_key(name=role, scopes=wanted, by=asking, at=timezone.now())[1]


class Caller:
    """A program: `get`, `post` … below /api/v1, with JSON both ways."""

    def __init__(self, secret: str = "", **options: Any) -> None:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.client = Client(headers=headers, **options)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(API + path, headers=headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body)
        kind = headers.pop("kind", "application/json")
        return self.client.generic(method, API + path, content, content_type=kind, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def upload(
        self,
        content: bytes,
        name: str = "answers.csv",
        survey: str = "",
        path: str = "/imports",
    ) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        data = {"file": SimpleUploadedFile(name, content)} | ({"survey": survey} if survey else {})
        return self.client.post(f"{API}{path}", data)


def caller(role: str, unit: OrgUnit | None = None, scopes: list[Can] | None = None) -> Caller:
    """Return a program with the key of somebody in this role."""
    return Caller(secret_of(role, unit, scopes))


def problem(answer: Any) -> tuple[int, str]:
    """Return status and kind of a refusal, which must be a problem document."""
    assert answer["Content-Type"] == "application/problem+json", answer.content[:200]
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["detail"]
    return answer.status_code, told["type"].rsplit(":", 1)[-1]
