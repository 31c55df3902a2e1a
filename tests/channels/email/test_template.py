"""Mails compiled once and filled for everybody."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import pytest

from promontory.channels.email.layouts import (
    InvitationTexts,
    LetterTexts,
    Scale,
    invitation,
    letter,
)
from promontory.channels.email.template import MailTemplate, presentable
from promontory.errors import BadInput

ENGLISH = InvitationTexts(
    subject="{name}, would you recommend {brand}?",
    preheader="One question.",
    brand="{brand}",
    greeting="Hello {name},",
    unnamed_greeting="Hello,",
    body="Thank you for your order.",
    question="How likely are you to recommend {brand}?",
    button="Answer",
    promise="Your answer is confidential.",
    why="You bought something.",
    sender_line="Acme Ltd, London",
    opt_out="No more surveys",
    preferences="Choose how we ask",
)
SCALE = Scale(0, 10, "Not at all likely", "Extremely likely")
BRAND = {"brand": "Acme & <Co>"}
SLOTS = {
    "name": "Amal",
    "answer_url": "https://ask.example/r/tok",
    "opt_out_url": "https://ask.example/u/tok",
    "preferences_url": "https://ask.example/p/tok",
}


@pytest.fixture(scope="module")
def english() -> MailTemplate:
    return invitation(ENGLISH, language="en", direction="ltr", scale=SCALE, values=BRAND)


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', html)


def test_every_score_is_one_plain_link_and_all_look_alike(english: MailTemplate) -> None:
    html = english.fill(SLOTS).html
    scores = [link for link in links(html) if "?score=" in link]
    assert scores == [f"https://ask.example/r/tok?score={score}" for score in range(11)]
    looks = set(re.findall(r'<a class="score" href="[^"]*" style="([^"]*)"', html))
    assert len(looks) == 1  # no colour and no face for any of them
    assert html.index("0 – Not at all likely") < html.index("10 – Extremely likely")


def test_nothing_is_fetched_when_a_mail_is_opened(english: MailTemplate) -> None:
    html = english.fill(SLOTS).html
    addresses = set(re.findall(r"https?://[^\"'\s)]+", html)) - set(links(html))
    assert addresses == {"http://www.w3.org/1999/xhtml"}
    for fetching in ("<img", "<script", "<link", "@import", "url(", "<iframe"):
        assert fetching not in html


def test_a_name_cannot_break_out(english: MailTemplate) -> None:
    filled = english.fill({**SLOTS, "name": '<script>alert("1")</script>\r\nBcc: x'})
    assert "<script" not in filled.html
    assert "&lt;script&gt;" in filled.html
    assert "\n" not in filled.subject
    assert "\r" not in filled.subject


def test_a_slot_in_a_name_is_not_filled(english: MailTemplate) -> None:
    filled = english.fill({**SLOTS, "name": "{opt_out_url}"})
    assert "Hello {opt_out_url}," in filled.text
    assert "<bdi>{opt_out_url}</bdi>" in filled.html


def test_an_address_cannot_break_out_of_its_attribute(english: MailTemplate) -> None:
    html = english.fill({**SLOTS, "answer_url": 'x" onclick="y'}).html
    assert 'onclick="' not in html


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Amal", "Amal"),
        ("Jean-Pierre O'Brien", "Jean-Pierre O'Brien"),
        ("أمل", "أمل"),
        ("Win $1000 at https://evil.example", ""),
        ("www.evil.example", ""),
        ("cheap-pills.com", ""),
        ("x" * 61, ""),
    ],
)
def test_an_advertisement_is_no_name(english: MailTemplate, name: str, greeted: str) -> None:
    assert presentable(name) == greeted
    text = english.fill({**SLOTS, "name": name}).text
    assert text.startswith(f"Hello {greeted}," if greeted else "Hello,\n")


def test_the_text_part_says_the_same(english: MailTemplate) -> None:
    text = english.fill(SLOTS).text
    for said in (
        "Hello Amal,",
        "How likely are you to recommend Acme & <Co>?",
        "0 – Not at all likely",
        "10 – Extremely likely",
        "https://ask.example/r/tok",
        "Your answer is confidential.",
        "Acme Ltd, London",
        "No more surveys: https://ask.example/u/tok",
        "Choose how we ask: https://ask.example/p/tok",
    ):
        assert said in text


def test_a_brand_is_escaped_in_html_and_left_alone_in_text(english: MailTemplate) -> None:
    filled = english.fill(SLOTS)
    assert filled.subject == "Amal, would you recommend Acme & <Co>?"
    assert "Acme &amp; &lt;Co&gt;" in filled.html
    assert "Acme & <Co>" not in filled.html


def test_what_is_not_filled_is_named(english: MailTemplate) -> None:
    assert english.slots == frozenset(SLOTS)
    with pytest.raises(BadInput, match="slot “answer_url”"):
        english.fill({k: v for k, v in SLOTS.items() if k != "answer_url"})


def test_right_to_left() -> None:
    texts = replace(ENGLISH, question="ما مدى احتمال أن توصي بنا؟")
    html = invitation(texts, language="ar", direction="rtl", scale=SCALE, values=BRAND).fill(SLOTS)
    assert '<html lang="ar" dir="rtl"' in html.html
    assert 'dir="rtl"' in html.html.split('class="row"')[1]
    assert "text-align:right" in html.html


@pytest.mark.parametrize(("low", "high", "rows"), [(0, 10, 2), (1, 5, 1), (1, 7, 2)])
def test_a_scale_fits_on_a_phone(low: int, high: int, rows: int) -> None:
    scale = Scale(low, high, "a", "b")
    html = invitation(ENGLISH, language="en", direction="ltr", scale=scale, values=BRAND)
    tables = re.findall(r'<table class="row".*?</table>', html.fill(SLOTS).html, re.DOTALL)
    counts = [table.count('class="score"') for table in tables]
    assert (len(counts), sum(counts)) == (rows, high - low + 1)
    assert max(counts) * 48 <= 320 - 2 * 16


def test_without_a_scale_there_is_one_link() -> None:
    template = invitation(ENGLISH, language="en", direction="ltr", scale=None, values=BRAND)
    filled = template.fill(SLOTS)
    assert links(filled.html)[0] == "https://ask.example/r/tok"
    assert "score=" not in filled.html


def test_lines_are_short_enough_to_be_sent(english: MailTemplate) -> None:
    filled = english.fill({**SLOTS, "name": "N" * 60, "answer_url": "https://x/" + "t" * 60})
    assert max(len(line.encode()) for line in filled.html.split("\n")) <= 998


@pytest.mark.parametrize(
    "brand", ['The "Best" & Co', "a\\b", "आपकी सेवा", "Zoë’s", "&amp;", "👩‍👩‍👧"]
)
def test_whatever_a_brand_is_called_it_arrives(brand: str) -> None:
    texts = replace(ENGLISH, subject="{brand}")
    template = invitation(
        texts, language="en", direction="ltr", scale=SCALE, values={"brand": brand}
    )
    filled = template.fill(SLOTS)
    assert filled.subject == brand
    assert filled.html.count(escape(brand)) >= 3
    assert f'aria-label="{escape(brand)}"' in filled.html
    assert "xqx" not in filled.html


def test_a_notice_to_staff() -> None:
    texts = LetterTexts(
        subject="{customer} gave {score}",
        heading="{customer} gave {score} of 10",
        paragraphs=("Somebody should call.",),
        facts=(("Customer", "{customer}"), ("Said", "{comment}")),
        buttons=(("I called", "called_url"),),
        why="You look after this customer.",
    )
    filled = letter(texts, language="en", direction="ltr").fill(
        {
            "customer": "Nord & Söhne",
            "score": "2",
            "comment": "Late.\nTwice. <img src=x>",
            "called_url": "https://ask.example/called/1",
        }
    )
    assert filled.subject == "Nord & Söhne gave 2"
    assert links(filled.html) == ["https://ask.example/called/1"]
    assert "Late.<br>\nTwice. &lt;img src=x&gt;" in filled.html
    assert "Said: Late.\nTwice. <img src=x>" in filled.text
    assert "I called:\nhttps://ask.example/called/1" in filled.text
