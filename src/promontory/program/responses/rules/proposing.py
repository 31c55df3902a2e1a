"""What a file's columns seem to be, and why; and which questions only a person can answer."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Any

from promontory.errors import BadInput, Place
from promontory.program.responses.rules.mapping import SCALES, Mapping, slug
from promontory.tables import Table, recognise
from promontory.tables.recognition import Recognition
from promontory.tables.values import Scale, ScaleReading, read_scale

SET_APART = ("row", "reasons")
"""The columns before the customer's own in a download of rows set apart."""
_SAMPLE_ROWS = 20_000
_SAMPLES_SHOWN = 5
_METRICS_BY_NAME = {
    "csat": ("csat", "satisf", "zufried"),
    "ces": ("ces", "effort", "aufwand", "easy"),
}
_PERSON = {"email": "email", "phone": "phone", "name": "name"}


def propose(table: Table, file_name: str) -> dict[str, Any]:
    """Return the proposal: every column with role, why and samples, and the open questions."""
    sample = table.sample(_SAMPLE_ROWS)
    found = recognise(table.columns, sample)
    columns = [_column(name, found, sample.column(name).to_pylist()) for name in table.columns]
    _pass_over_our_own(columns)
    _only_one_of_each(columns)
    questions = [
        {
            "slug": question.slug,
            "text": question.text,
            "choices": list(question.choices),
            "column": question.column,
            "needed": question.needed or question.slug in ("zone", "order", "numbers", "scale"),
        }
        for question in found.questions
    ]
    asked = {question["column"] for question in questions if question["slug"] == "scale"}
    questions += [
        _scale_question(column)
        for column in columns
        if column.get("no zero") and column["name"] not in asked
    ]
    if not any(column["role"] == "at" for column in columns):
        questions.append(
            {
                "slug": "day",
                "text": "No column says when it was answered. Of which day are these answers?",
                "choices": [],
                "column": "",
                "needed": True,
            }
        )
    instants = found.instants
    return {
        "file": file_name,
        "format": table.format,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "rows hint": table.rows_hint,
        "notes": list(table.notes),
        "columns": columns,
        "questions": questions,
        "order": instants.rule.order if instants else None,
        "numbers": instants.rule.numbers if instants else None,
        "zone": None,
    }


def ready_mapping(mapping: Mapping, proposal: AnyMapping[str, Any]) -> None:
    """Refuse a mapping that passes over a question which must be answered first."""
    asked = {
        (question["slug"], question["column"]): question["text"]
        for question in proposal["questions"]
    }
    for column in mapping.answers:
        if ("scale", column.name) in asked and not column.is_scale_said:
            raise BadInput(
                asked["scale", column.name],
                remedy="Declare the scale; 1–10 is kept raw, outside the score, never rescaled.",
                place=Place(field=column.name),
            )
    at = mapping.named("at")
    for name, said, words in (
        ("zone", mapping.instants.zone, "Say which clock its times were read from."),
        ("order", mapping.instants.order, "Say whether the day or the month comes first."),
        ("numbers", mapping.instants.numbers, "Say what its numbers count."),
    ):
        if at is not None and (name, at) in asked and not said:
            raise BadInput(asked[name, at], remedy=words, place=Place(field=at))


def suggested(proposal: AnyMapping[str, Any]) -> dict[str, Any]:
    """Return the proposal as a mapping to start from; what is open stays open."""
    asked = {q["column"] for q in proposal["questions"] if q["slug"] == "scale"}
    columns = []
    for column in proposal["columns"]:
        kept = ["name", "role", "metric", "question", "dimension", "label", "declared"]
        kept += ["scale"] if column["name"] not in asked else []
        columns.append({key: column[key] for key in kept if key in column})
    return {
        "columns": columns,
        "order": proposal["order"],
        "numbers": proposal["numbers"],
        "zone": proposal["zone"],
        "fixed_day": None,
        "partial": "commented",
        "sheet": proposal["sheet"],
    }


def _column(name: str, found: Recognition, cells: list[Any]) -> dict[str, Any]:
    filled = [str(cell) for cell in cells if cell is not None and str(cell).strip()]
    said: dict[str, Any] = {
        "name": name,
        "role": "ignore",
        "why": "nothing was recognised",
        "samples": [text[:80] for text in dict.fromkeys(filled)][:_SAMPLES_SHOWN],
        "filled": len(filled),
        "sampled": len(cells),
    }
    role = next((t.role for t in found.roles.values() if t.column == name), None)
    why = found.roles[role].why if role else ""
    reading = _reading(cells)
    if name in found.personal:
        said |= {"role": _PERSON[found.personal[name]], "why": "personal detail, by its cells"}
    elif role == "score":
        said |= _answer(name, "nps", reading) | {"why": why}
    elif role == "person":
        said |= {"role": "customer", "why": why}
    elif role in ("id", "at", "account", "comment", "language", "channel", "weight"):
        said |= {"role": role, "why": why}
    elif (metric := _metric_by_name(name)) and reading is not None and reading.scale is not None:
        said |= _answer(name, metric, reading) | {"why": f"by its name; {reading.why}"}
    elif name in found.attributes:
        said |= {"role": "attribute", "dimension": slug(name), "label": name[:100]}
        said |= {"declared": False, "why": "few values, many rows to each"}
    return said


def _answer(name: str, metric: str, reading: ScaleReading | None) -> dict[str, Any]:
    scale = reading.scale if reading else None
    said: dict[str, Any] = {"role": "answer", "metric": metric, "question": slug(name)}
    if metric == "nps":
        said["question"] = "recommend"
    if scale is not None and scale != SCALES[metric]:
        said |= {"metric": "", "question": slug(name)}
    said["scale"] = _text(scale or SCALES[metric])
    if reading is not None and reading.question:
        said["no zero"] = True
        said["question text"] = reading.question
        said["choices"] = [_text(choice) for choice in reading.choices]
    return said


def _reading(cells: list[Any]) -> ScaleReading | None:
    counts: dict[Any, int] = {}
    for cell in cells:
        counts[cell] = counts.get(cell, 0) + 1
    return read_scale(counts) if len(counts) <= 2_000 else None


def _metric_by_name(name: str) -> str | None:
    plain = slug(name)
    for metric, words in _METRICS_BY_NAME.items():
        if any(plain == word or (len(word) > 4 and word in plain) for word in words):
            return metric
    return None


def _scale_question(column: dict[str, Any]) -> dict[str, Any]:
    return {
        "slug": "scale",
        "text": column["question text"],
        "choices": column["choices"],
        "column": column["name"],
        "needed": True,
    }


def _pass_over_our_own(columns: list[dict[str, Any]]) -> None:
    """Leave out the two columns that we put before rows set apart, when they come back mended."""
    if [column["name"] for column in columns[:2]] == list(SET_APART):
        for column in columns[:2]:
            column |= {"role": "ignore", "why": "added when these rows were set apart"}


def _only_one_of_each(columns: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for column in columns:
        mark = column["role"] if column["role"] != "answer" else "answer:" + column["metric"]
        if column["role"] in ("attribute", "ignore") or mark == "answer:":
            continue
        if mark in seen:
            column |= {"role": "ignore", "why": "another column is taken for this already"}
        seen.add(mark)


def _text(scale: Scale) -> str:
    return f"{scale.low}-{scale.high}"
