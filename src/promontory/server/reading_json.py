"""What a request body may hold: JSON as RFC 8259 has it, and only texts that can be stored."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from promontory.errors import BadInput, Place, Refusal

DEEPEST = 40


class NotJson(Refusal):
    """The body is of another content type than JSON."""

    status = 415
    slug = "not-json"


class Malformed(Refusal):
    """The body is not JSON, though it says so."""

    status = 400
    slug = "malformed-json"


class StrictParser(Parser):
    """Reads bodies and forms; refuses what other readers would take each in their own way."""

    def parse_body(self, request: HttpRequest) -> Any:
        kind = request.content_type or ""
        if kind != "application/json" and not kind.endswith("+json"):
            raise NotJson(
                f"This takes JSON, not “{kind or 'nothing said'}”.",
                remedy="Send Content-Type: application/json.",
            )
        return read(request.body)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        if isinstance(data, QueryDict):
            for name in data:
                for value in data.getlist(name):
                    check_text(str(name), "the name of a parameter")
                    check_text(str(value), str(name))
        return super().parse_querydict(data, list_fields, request)


def read(body: bytes) -> Any:
    """Return what a JSON document says; refuse NaN, repeated names and texts nobody can store."""
    try:
        found = json.loads(
            body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_each_once
        )
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.", remedy="Send JSON in UTF-8.") from None
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, json.JSONDecodeError) else "it nests too deep"
        raise Malformed(f"The body is not JSON: {said}.") from None
    _check(found, "", 0)
    return found


def check_text(text: str, field: str) -> None:
    """Refuse a text with a NUL or half a character in it."""
    if "\0" in text or any("\ud800" <= ch <= "\udfff" for ch in text):
        raise BadInput(
            "This text holds a NUL or half a character, which cannot be stored.",
            remedy="Take it out.",
            place=Place(field=field),
        )


def _no_number(text: str) -> NoReturn:
    raise Malformed(f"{text} is not a number in JSON.", remedy="Send null, or leave it out.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(f"An object has the name “{twice[:100]}” twice.", remedy="Send it once.")
    return found


def _check(value: Any, field: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Malformed("The body nests too deep.")
    if isinstance(value, str):
        check_text(value, field)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise BadInput("This number is too large.", place=Place(field=field))
    elif isinstance(value, dict):
        for name, each in value.items():
            check_text(name, field)
            _check(each, f"{field}.{name}".strip("."), depth + 1)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            _check(each, f"{field}.{number}".strip("."), depth + 1)
