"""The shipped texts: every language has every text, in its script, with every name in it."""

from __future__ import annotations

import re
import unicodedata

import pytest

from promontory.channels.sms.segments import segments
from promontory.program.surveys.rules import texts
from promontory.program.surveys.rules.wording import findings_of_language

LANGUAGES = texts.languages()
ASKED_FOR = [
    "en", "de", "fr", "es", "pt-PT", "pt-BR", "it", "nl", "sv", "da", "nb", "fi",
    "is", "pl", "cs", "sk", "hu", "ro", "bg", "el", "tr", "ru", "uk", "hr",
    "sr", "sl", "lt", "lv", "et", "ca", "ar", "he", "fa", "ur", "hi", "bn",
    "ta", "th", "vi", "id", "ms", "fil", "zh-Hans", "zh-Hant", "ja", "ko", "sw",
]  # fmt: skip
every = pytest.mark.parametrize("code", list(LANGUAGES))


def said(code: str, register: str = texts.DEFAULT) -> dict[str, str]:
    language = LANGUAGES[code]
    return {key: language.shipped(key, register) or "" for key in texts.keys_of(language)}


def test_the_languages_that_were_asked_for_are_there() -> None:
    assert set(ASKED_FOR) - set(LANGUAGES) == set()


@every
def test_every_language_has_every_text_and_no_other(code: str) -> None:
    language = LANGUAGES[code]
    there = {key for key in language.texts if not key.startswith(texts.FORM)}
    assert there == set(texts.all_keys())
    assert set(language.informal) <= set(texts.all_keys())


@every
def test_every_text_fills_in_the_names_that_the_english_one_does(code: str) -> None:
    for register in (texts.DEFAULT, texts.INFORMAL):
        wrong = [
            key
            for key, text in said(code, register).items()
            if not key.startswith(texts.FORM)
            and texts.placeholders(text) != texts.placeholders(texts.english(key))
        ]
        assert wrong == []


@every
def test_every_form_of_the_brand_that_a_text_uses_is_given(code: str) -> None:
    language = LANGUAGES[code]
    given = {key.removeprefix(texts.FORM) for key in language.texts if key.startswith(texts.FORM)}
    said = [*language.texts.values(), *language.informal.values()]
    assert {form for text in said for form in texts.forms_used(text)} == given


@every
def test_nothing_is_found_in_what_we_ship(code: str) -> None:
    language = LANGUAGES[code]
    registers = (texts.DEFAULT, texts.INFORMAL) if language.has_registers else (texts.DEFAULT,)
    for register in registers:
        assert findings_of_language(language, said(code, register)) == []


@every
def test_a_language_runs_as_its_letters_do(code: str) -> None:
    language = LANGUAGES[code]
    letters = [char for char in said(code)["promise.anonymous"] if char.isalpha()]
    runs = {unicodedata.bidirectional(char) for char in letters}
    assert runs == {"AL"} if language.script == "Arab" else runs <= {"L", "R"}
    assert (language.direction == "rtl") == bool(runs & {"AL", "R"})


@every
def test_an_informal_text_says_something_else_than_the_formal(code: str) -> None:
    language = LANGUAGES[code]
    assert [k for k, text in language.informal.items() if text == language.texts[k]] == []
    assert bool(language.informal) == language.has_registers


@every
def test_a_text_message_takes_three_parts_at_most(code: str) -> None:
    for register in (texts.DEFAULT, texts.INFORMAL):
        for key, text in said(code, register).items():
            if key.startswith("sms."):
                full = texts.filled(text, {"brand": "Promontory Coffees", "contact": "+4420794600"})
                assert segments(full).count <= 3, (key, full)


@every
def test_stop_can_be_read_wherever_a_text_message_asks(code: str) -> None:
    assert "STOP" in said(code)["sms.ask"]
    assert "STOP" in said(code)["sms.help"]


def test_the_english_ends_of_every_scale_are_the_outermost() -> None:
    english = said("en")
    assert english["recommend.low"] == "Not at all likely"
    assert english["recommend.high"] == "Extremely likely"
    assert [key for key, text in english.items() if re.search(r"\bvery\b", text, re.I)] == []


def test_only_english_comes_reviewed() -> None:
    assert [code for code, language in LANGUAGES.items() if language.is_reviewed] == ["en"]


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("PT-br", "pt-BR"),
        ("pt", "pt-PT"),
        ("pt-AO", "pt-PT"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("tl", "fil"),
        ("iw", "he"),
        ("sr-Cyrl-RS", "sr"),
        ("sr-Latn-RS", "sr-Latn"),
        ("cy", None),
        ("", None),
    ],
)
def test_a_tag_leads_to_the_nearest_language(tag: str, shown: str | None) -> None:
    assert texts.nearest(tag) == shown


def test_a_form_of_the_brand_is_written_out() -> None:
    forms = {"brand.accusative": "firmę {brand}"}
    text = "Poleci Pan {brand:accusative} od {brand:genitive}, {name}?"
    assert texts.with_forms(text, forms) == "Poleci Pan firmę {brand} od {brand}, {name}?"
