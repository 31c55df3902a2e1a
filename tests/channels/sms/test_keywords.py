"""STOP, HELP and START: what is taken for one, what is not, and that each has a source."""

from __future__ import annotations

import pytest

from promontory.channels.sms.keywords import Entry, Keyword, entries, keyword_in
from promontory.channels.sms.lexicon import languages, words_of

SOURCES = {
    "fcc", "ctia", "twilio", "aws", "aws-ca", "telnyx", "bronto", "brevo", "word",
}  # fmt: skip

STOPS = """STOP|stop|Stop.|stop!|STOP!!!|"stop"| stop |S​top|please stop|Stop please|pls stop
STOP texting me|stop sending me these messages|Stop messaging me please|I want to stop
can you stop|STOPALL|STOP ALL|stop it|Stop wasting my time|UNSUBSCRIBE|unsubscribe me
please unsubscribe|Cancel|cancel please|END|end.|Quit|opt out|opt-out|OPTOUT|Opt me out
please opt out|REVOKE|remove me|2. Stop|Hi, stop|Terrible service. STOP|0 STOP.
leave me alone|don't text me|Dont contact me|ARRET|Arrêt|ARRÊT !|arrêtez svp|désabonner
STOPP|Bitte stopp|keine sms mehr stopp|abmelden|BAJA|baja|PARAR|alto|Alto.|cancelar
por favor baja|sair|PARE|basta|disiscrivi|afmelden|Uitschrijven|avsluta|afmeld|lopeta
hætta|wypisz|odhlásit|ODHLASIT|leiratkozás|dezabonare|отписаться|СТОП|стоп!
стоп пожалуйста|στοπ|ΔΙΑΓΡΑΦΗ|iptal|İPTAL|odjava|atsisakyti|lõpeta|توقف
إلغاء الاشتراك|الغاء|הסר|הסר בבקשה|لغو|لغو11|रोकें|বন্ধ করুন|நிறுத்து|หยุด|ยกเลิก|dừng
DỪNG LẠI|berhenti|退订|退訂|TD|停止|配信停止|수신거부|수신 거부"""

ANSWERS = """9|don't stop, you are great 10|Don't stop|never stop|the bus stop|bus stop|non-stop
nonstop fun|I could not stop smiling 10|stop by the shop was great 10|please don't stop
please do not stop|The driver did not stop at my house|at the end it was fine
the end was bad|week end|cancel my order|I had to cancel twice|quit smoking
They removed my number|great until the end|yes|no|YES 10|start was slow
I need help with my bill|helpful staff|no help at all|info was wrong|alta calidad
de baja calidad no|todo alto nivel|fin de semana|Ende gut alles gut|endlich|uit de kunst
basta così poco per essere felici|son derece iyi|10 non stop|great stopover|unstoppable
9 thanks"""


def split(text: str) -> list[str]:
    return [message for line in text.splitlines() for message in line.split("|")]


@pytest.mark.parametrize("message", split(STOPS))
def test_whoever_says_stop_is_heard(message: str) -> None:
    assert keyword_in(message) is Keyword.STOP


@pytest.mark.parametrize("message", split(ANSWERS))
def test_an_answer_with_such_a_word_in_it_stays_an_answer(message: str) -> None:
    assert keyword_in(message) is None


@pytest.mark.parametrize(
    "message",
    ["HELP", "help!", "Help please", "INFO", "Aide", "Hilfe", "ayuda", "помощь", "ヘルプ"],
)
def test_help_is_heard(message: str) -> None:
    assert keyword_in(message) is Keyword.HELP


@pytest.mark.parametrize("message", ["START", "Start.", "unstop", "UNSTOP please", "старт", "開始"])
def test_start_is_heard(message: str) -> None:
    assert keyword_in(message) is Keyword.START


def test_yes_starts_again_only_after_a_stop() -> None:
    assert keyword_in("YES") is None
    assert keyword_in("YES", opted_out=True) is Keyword.START


def test_every_word_has_a_known_source_and_is_heard() -> None:
    wrong: list[Entry] = []
    for entry in entries():
        heard = keyword_in(entry.word.upper(), language=entry.language, opted_out=True)
        if heard is not entry.keyword or not set(entry.sources) <= SOURCES:
            wrong.append(entry)
    assert wrong == []


def test_every_language_has_a_word_to_stop() -> None:
    having = {entry.language for entry in entries() if entry.keyword is Keyword.STOP}
    assert set(languages()) - having == set()


def test_no_word_that_stops_everywhere_is_an_answer_in_another_language() -> None:
    stopping = {
        word
        for language in languages()
        for word in (*words_of(language).numbers, *words_of(language).vocabulary)
        if keyword_in(word) is Keyword.STOP
    }
    assert stopping == set()


@pytest.mark.parametrize(
    ("word", "language", "other"),
    [("seis", "fi", "es"), ("fine", "it", "en"), ("Ende", "de", "en")],
)
def test_a_word_with_two_meanings_stops_in_its_own_language(
    word: str, language: str, other: str
) -> None:
    assert keyword_in(word, language=language) is Keyword.STOP
    assert keyword_in(word, language=other) is None
