"""What messages are read as, against labels given by hand and against CLDR's number words."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.channels.sms.keywords import keyword_in
from promontory.channels.sms.lexicon import languages, words_of
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


def labelled(name: str = "messages.toml") -> list[tuple[str, str, str, str]]:
    text = tomllib.loads((HERE / name).read_text(encoding="utf-8"))["messages"]
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


def test_of_messages_never_seen_before_no_wrong_score_is_left() -> None:
    wrong = {
        message: shown(reading)
        for message, language, label, _ in labelled("held_out.toml")
        if isinstance(reading := read_score(message, language=language), Score)
        and shown(reading) != label
    }
    assert wrong == {}


def test_the_published_precision_and_recall_are_those_of_the_first_run() -> None:
    first = tomllib.loads((HERE / "held_out.toml").read_text(encoding="utf-8"))["first"]
    rows = labelled("held_out.toml")
    read = {message: first.get(message, label) for message, _, label, _ in rows}
    asserted = {message for message, label in read.items() if label.startswith("score")}
    due = {message for message, _, label, _ in rows if label.startswith("score")}
    right = {m for m, _, label, _ in rows if m in asserted and read[m] == label}
    assert (len(rows), len(asserted), len(due), len(right)) == (92, 44, 45, 42)


CLDR = tomllib.loads((HERE / "cldr_numbers.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", languages())
def test_number_words_agree_with_cldr(language: str) -> None:
    """CLDR's spelling of every number is read so, unless it is listed as meaning something else."""
    spelt = CLDR.get(language)
    if spelt is None:
        assert language in CLDR["without"]["languages"]
        return
    wrong = {
        word: shown(read_score(word, language=language))
        for value, words in enumerate(spelt["numbers"])
        for word in words.split()
        if word not in spelt.get("otherwise", [])
        and read_score(word, language=language) != Score(value)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", languages())
def test_every_language_reads_every_number_it_writes(language: str) -> None:
    read = set(words_of(language).numbers.values())
    assert read == set(range(11)) - set(CLDR["unread"].get(language, []))


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", *languages()]))
def test_anything_at_all_is_read_without_an_error_and_within_the_scale(
    text: str, language: str
) -> None:
    reading = read_score(text, language=language)
    assert not isinstance(reading, Score) or 0 <= reading.value <= 10


@settings(deadline=None)
@given(st.integers(11, 999), st.sampled_from(["{}", "{} great service", "I'd say {}", "{}/10"]))
def test_beyond_the_scale_is_never_clipped(value: int, said: str) -> None:
    assert isinstance(read_score(said.format(value), language="en"), OutOfScale)


DIGITS = [
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "०१२३४५६७८९",
    "০১২৩৪৫৬৭৮৯",
    "๐๑๒๓๔๕๖๗๘๙",
    "０１２３４５６７８９",
    "௦௧௨௩௪௫௬௭௮௯",
    "૦૧૨૩૪૫૬૭૮૯",
    "၀၁၂၃၄၅၆၇၈၉",
    "០១២៣៤៥៦៧៨៩",
]


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("value", range(11))
def test_every_scripts_digits_are_read(digits: str, value: int) -> None:
    written = "".join(digits[int(digit)] for digit in str(value))
    assert read_score(written) == Score(value)
    assert isinstance(read_score(digits[1] * 2), OutOfScale)


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("5/5", 5), ("0", None), ("7", None)])
def test_another_scale_has_its_own_bounds(text: str, value: int | None) -> None:
    reading = read_score(text, language="en", low=1, high=5)
    assert reading == (Score(value) if value is not None else OutOfScale(text))


@pytest.mark.parametrize(
    "piece", ["9 or ", "stop ", "a@", "@.", "“", "1 ", "很", "十", "-", "9.", "(("]
)
def test_a_message_made_to_be_slow_is_read_in_time(piece: str) -> None:
    started = time.process_time()
    read_score(piece * 20_000, language="zh-Hans")
    keyword_in(piece * 20_000)
    assert time.process_time() - started < 1
