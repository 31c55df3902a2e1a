"""A turn as TwiML, held against the official library, and as VoiceXML, against its rules."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from twilio.twiml.voice_response import VoiceResponse

from promontory.channels.ivr.flow import (
    Answered,
    Event,
    Line,
    Pressed,
    Recorded,
    Turn,
    answer,
    step,
)
from promontory.channels.ivr.markup import SRGS, VXML, Voice, ends, twiml, voicexml

NEXT = "https://ask.acme.example/in/ivr/k/step?ref=7&state=q.1.0..1.ab"
VOICE = Voice("de-DE", "Polly.Vicki")
WORDING = {line.value: f"<{line.name}> & “ä”" for line in Line if line is not Line.PROMISE}
SILENCE = Pressed("")


def after(*events: Event, machine: bool = False) -> Turn:
    turn = answer(Answered(machine))
    for event in events:
        turn = step(turn.state, event)
    return turn


TURNS = {
    "question": after(),
    "after one": after(Pressed("1")),
    "again": after(Pressed("1"), Pressed("5")),
    "reason": after(Pressed("9")),
    "thanks": after(Pressed("9"), Recorded("https://api.example/RE1", 3)),
    "refused": after(Pressed("*")),
    "nobody": after(SILENCE, SILENCE),
    "machine": after(machine=True),
}


def official(turn: Turn) -> str:
    """The turn as the official library writes it."""
    response = VoiceResponse()
    parent = response
    if turn.listens_s:
        parent = response.gather(
            action=NEXT,
            method="POST",
            input="dtmf",
            num_digits=1,
            finish_on_key="",
            timeout=turn.listens_s,
            action_on_empty_result=True,
        )
    lines = [WORDING[line] for line in turn.lines if line in WORDING]
    for text in lines:
        parent.say(text, language="de-DE", voice="Polly.Vicki")
    if turn.records:
        response.record(
            action=NEXT, method="POST", max_length=90, timeout=4, finish_on_key="#*", play_beep=True
        )
        for line in (Line.THANKS, Line.GOODBYE):
            response.say(WORDING[line], language="de-DE", voice="Polly.Vicki")
    if not turn.listens_s:
        response.hangup()
    return str(response)


def shape(element: Element) -> tuple[object, ...]:
    children = tuple(shape(child) for child in element)
    return (element.tag, sorted(element.attrib.items()), (element.text or "").strip(), children)


@pytest.mark.parametrize("name", TURNS)
def test_the_official_library_writes_the_same_document(name: str) -> None:
    ours = twiml(TURNS[name], wording=WORDING, voice=VOICE, next_url=NEXT)
    assert shape(fromstring(ours)) == shape(fromstring(official(TURNS[name])))


def test_a_voice_nobody_named_is_left_to_the_service() -> None:
    ours = twiml(TURNS["thanks"], wording=WORDING, voice=Voice("en-GB"), next_url=NEXT)
    assert fromstring(ours).find("Say").attrib == {"language": "en-GB"}  # type: ignore[union-attr]


# Which elements may stand in which, from the tables of VoiceXML 2.0 and 2.1 (W3C), as far as used.
CHILDREN = {
    "vxml": {"property", "form"},
    "form": {"field", "record", "block"},
    "field": {"property", "grammar", "prompt", "filled", "noinput", "nomatch"},
    "record": {"prompt", "filled", "noinput"},
    "block": {"prompt", "disconnect"},
    "filled": {"submit", "var"},
    "noinput": {"assign", "var", "submit"},
    "nomatch": {"assign", "submit"},
    "grammar": {"rule"},
    "rule": {"one-of"},
    "one-of": {"item"},
}
REQUIRED = {
    "vxml": {"version"},
    "property": {"name", "value"},
    "submit": {"next", "namelist"},
    "assign": {"name", "expr"},
    "grammar": {"version", "mode", "root"},
    "rule": {"id"},
}


@pytest.mark.parametrize("name", TURNS)
def test_voicexml_is_well_formed_and_every_element_stands_where_it_may(name: str) -> None:
    root = fromstring(voicexml(TURNS[name], wording=WORDING, voice=VOICE, next_url=NEXT))
    assert (root.tag, root.get("version")) == (f"{{{VXML}}}vxml", "2.1")
    for parent in root.iter():
        space, _, tag = parent.tag.rpartition("}")
        expected = SRGS if tag in {"grammar", "rule", "one-of", "item"} else VXML
        assert space == "{" + expected
        assert REQUIRED.get(tag, set()) <= parent.attrib.keys()
        assert {child.tag.rpartition("}")[2] for child in parent} <= CHILDREN.get(tag, set())


@pytest.mark.parametrize("name", TURNS)
def test_both_languages_say_the_same(name: str) -> None:
    spoken = fromstring(twiml(TURNS[name], wording=WORDING, voice=VOICE, next_url=NEXT))
    written = fromstring(voicexml(TURNS[name], wording=WORDING, voice=VOICE, next_url=NEXT))
    said = [say.text for say in spoken.iter("Say")]
    if TURNS[name].records:
        said = said[:1]
    assert said == [prompt.text for prompt in written.iter(f"{{{VXML}}}prompt")]


def test_the_grammar_has_eleven_scores_two_keys_and_ten_as_its_only_pair() -> None:
    root = fromstring(voicexml(TURNS["question"], wording=WORDING, voice=VOICE, next_url=NEXT))
    items = [item.text or "" for item in root.iter(f"{{{SRGS}}}item")]
    assert sorted(items) == sorted([*"0123456789", "1 0", "*", "#"])


def test_a_call_ends_where_it_hangs_up() -> None:
    assert [name for name, turn in TURNS.items() if ends(turn)] == [
        "thanks",
        "refused",
        "nobody",
        "machine",
    ]
