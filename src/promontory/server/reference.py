"""The API's reference as a page, printed: `python -m promontory.server.reference`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

_HEAD = """\
# The API, operation by operation

Made from the OpenAPI document, which an installation serves at `/api/v1/openapi.json`:
`python -m promontory.server.reference > docs/reference/api.md`. How to begin is told in
[Use the API](../how-to/use-the-api.md).

Every operation may also answer 400, 401, 403, 404, 409, 422 or 429, and one with a body 413 or
415, always with a [problem](#problem). Every write takes an `Idempotency-Key`.
"""
_COMMON = {"Idempotency-Key"}


def page(document: dict[str, Any]) -> str:
    """Return the reference of an OpenAPI document as Markdown."""
    from promontory.server.openapi import operations  # needs Django, which `main` sets up first

    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, method, operation in operations(document):
        by_tag.setdefault(operation["tags"][0], []).append((path, method, operation))
    lines = [_HEAD]
    for tag, found in by_tag.items():
        lines.append(f"## {tag.capitalize()}\n")
        for path, method, operation in found:
            lines += _operation(path, method, operation)
    lines.append("## Shapes\n")
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _shape(name, schema)
    return "\n".join(lines).rstrip() + "\n"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {operation['summary']}\n"
    yield f"`{method.upper()} {path}` (`{operation['operationId']}`)\n"
    if operation.get("description"):
        yield f"{operation['description']}\n"
    parameters = [p for p in operation["parameters"] if p["name"] not in _COMMON]
    if parameters:
        yield "| parameter | in | kind | meaning |"
        yield "| --- | --- | --- | --- |"
        for each in parameters:
            name = "f.KEY" if each["name"] == "filters" else each["name"]
            meaning = _cell(each.get("description", ""))
            yield f"| `{name}` | {each['in']} | {_kind(each['schema'])} | {meaning} |"
        yield ""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body, `{kind}`: {_kind(content['schema'])}\n"
    for status, answer in operation["responses"].items():
        if int(status) < 400:
            kinds = [f"`{k}` {_kind(c['schema'])}" for k, c in answer.get("content", {}).items()]
            yield f"Answers {status}: {', '.join(kinds) or 'without a body'}.\n"


def _shape(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    if "enum" in schema:
        yield f"{_kind(schema)}\n"
    required = set(schema.get("required", ()))
    if schema.get("properties"):
        yield "| field | kind | meaning |"
        yield "| --- | --- | --- |"
        for field, each in schema["properties"].items():
            told = [each.get("description", "")]
            told += ["required"] if field in required and name.endswith("In") else []
            told += [f"default `{json.dumps(each['default'])}`"] if "default" in each else []
            meaning = _cell("; ".join(part for part in told if part))
            yield f"| `{field}` | {_kind(each)} | {meaning} |"
        yield ""


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{value}`" if value else "empty" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if schema.get("type") == "object" or "additionalProperties" in schema:
        values = schema.get("additionalProperties")
        return f"object of {_kind(values)}" if isinstance(values, dict) else "object"
    kind = schema.get("format") or schema.get("type", "anything")
    return f"{kind}{_bounds(schema)}"


def _bounds(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and high < 2**31:
        return f" {low}–{high}"
    if schema.get("maxLength"):
        return f" of at most {schema['maxLength']:,} characters"
    return ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promontory.server.settings")
    import django

    django.setup()
    from promontory.server.api import api

    document = api.get_openapi_schema(path_prefix="api/v1/")
    sys.stdout.write(page(json.loads(json.dumps(document, default=str))))


if __name__ == "__main__":
    main()
