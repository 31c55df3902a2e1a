"""What messages are read as, against labels given by hand and against CLDR's number words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.channels.sms.lexicon import languages
from promontory.channels.sms.score import (
    Ambiguous,
    NoScore,
    OutOfScale,
    Reading,
    Score,
    read_score,
)

HERE = Path(__file__).parent
VERDICTS = {Score: "score", OutOfScale: "out", Ambiguous: "unsure", NoScore: "none"}


def labelled() -> list[tuple[str, str, str, str]]:
    text = tomllib.loads((HERE / "messages.toml").read_text(encoding="utf-8"))["messages"]
    rows = []
    for line in text.strip("\n").splitlines():
        message, language, label, *rest = line.split(" | ")
        rows.append((message, language, label.strip(), rest[0] if rest else ""))
    return rows


def shown(reading: Reading) -> str:
    name = VERDICTS[type(reading)]
    return f"{name} {reading.value}" if isinstance(reading, Score) else name


@pytest.mark.parametrize(("message", "language", "label", "rest"), labelled())
def test_a_message_is_read_as_a_person_reads_it(
    message: str, language: str, label: str, rest: str
) -> None:
    reading = read_score(message, language=language)
    assert shown(reading) == label
    if isinstance(reading, Score) and rest != "?":
        assert reading.rest == rest
