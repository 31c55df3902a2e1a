"""A turn of a call as TwiML or as VoiceXML 2.1; both say and hear the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from promontory.channels.ivr.flow import Line, Stage, Turn, said

LONGEST_REASON_S = 90
SILENCE_S = 4
VXML = "http://www.w3.org/2001/vxml"
SRGS = "http://www.w3.org/2001/06/grammar"


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: the language's tag, and the service's name of a voice if one is wanted."""

    language: str = "en-GB"
    name: str = ""


def twiml(turn: Turn, *, wording: Mapping[str, str], voice: Voice, next_url: str) -> str:
    """The turn in Twilio's language; `next_url` carries the state.

    Each key is gathered alone, so that it counts at once; a silence is reported like a key.
    """
    response = Element("Response")
    parent = response
    if turn.listens_s:
        parent = SubElement(
            response,
            "Gather",
            action=next_url,
            method="POST",
            input="dtmf",
            numDigits="1",
            finishOnKey="",
            timeout=str(turn.listens_s),
            actionOnEmptyResult="true",
        )
    _say(parent, said(turn.lines, wording), voice)
    if turn.records:
        SubElement(
            response,
            "Record",
            action=next_url,
            method="POST",
            maxLength=str(LONGEST_REASON_S),
            timeout=str(SILENCE_S),
            finishOnKey="#*",
            playBeep="true",
        )
        # Twilio goes on here if nothing was said.
        _say(response, said((Line.THANKS, Line.GOODBYE), wording), voice)
    if not turn.listens_s:
        SubElement(response, "Hangup")
    return _text(response)


def _say(parent: Element, texts: tuple[str, ...], voice: Voice) -> None:
    for text in texts:
        attributes = {"language": voice.language}
        if voice.name:
            attributes["voice"] = voice.name
        SubElement(parent, "Say", attributes).text = text


def voicexml(turn: Turn, *, wording: Mapping[str, str], voice: Voice, next_url: str) -> str:
    """The turn as a VoiceXML 2.1 document.

    Its grammar has "1" and "1 0", and no other number of two keys: a platform commits every other
    key at once and waits after 1 only, by itself. Read its keys as `Pressed(keys, whole=True)`.
    """
    root = Element("vxml", {"version": "2.1", "xmlns": VXML, "xml:lang": voice.language})
    SubElement(root, "property", name="inputmodes", value="dtmf")
    form = SubElement(root, "form", id="turn")
    texts = said(turn.lines, wording)
    if turn.listens_s:
        _field(form, turn, texts, next_url)
    elif turn.records:
        _record(form, texts, next_url)
    else:
        block = SubElement(form, "block")
        _prompts(block, texts)
        SubElement(block, "disconnect")
    return _text(root)


def _field(form: Element, turn: Turn, texts: tuple[str, ...], next_url: str) -> None:
    field = SubElement(form, "field", name="keys")
    SubElement(field, "property", name="interdigittimeout", value="3s")
    SubElement(field, "property", name="termtimeout", value="0s")
    SubElement(field, "property", name="termchar", value="")
    grammar = SubElement(
        field,
        "grammar",
        {
            "xmlns": SRGS,
            "version": "1.0",
            "mode": "dtmf",
            "root": "keys",
            "type": "application/srgs+xml",
        },
    )
    rule = SubElement(grammar, "rule", id="keys", scope="public")
    choices = SubElement(rule, "one-of")
    for keys in [*(str(digit) for digit in range(10)), "1 0", "*", "#"]:
        SubElement(choices, "item").text = keys
    _prompts(field, texts, timeout=f"{turn.listens_s}s")
    _submit(SubElement(field, "filled"), next_url, "keys")
    for silence in ("noinput", "nomatch"):
        handler = SubElement(field, silence)
        SubElement(handler, "assign", name="keys", expr="''" if silence == "noinput" else "'?'")
        _submit(handler, next_url, "keys")


def _record(form: Element, texts: tuple[str, ...], next_url: str) -> None:
    record = SubElement(
        form,
        "record",
        name="reason",
        beep="true",
        maxtime=f"{LONGEST_REASON_S}s",
        finalsilence=f"{SILENCE_S}s",
        dtmfterm="true",
        type="audio/x-wav",
    )
    _prompts(record, texts)
    filled = SubElement(record, "filled")
    SubElement(filled, "var", name="keys", expr="reason$.termchar")
    SubElement(filled, "var", name="seconds", expr="Math.round(reason$.duration / 1000)")
    _submit(filled, next_url, "reason keys seconds", enctype="multipart/form-data")
    silent = SubElement(record, "noinput")
    SubElement(silent, "var", name="keys", expr="''")
    _submit(silent, next_url, "keys")


def _prompts(parent: Element, texts: tuple[str, ...], timeout: str = "") -> None:
    for index, text in enumerate(texts):
        attributes = {"bargein": "true"}
        if timeout and index == len(texts) - 1:
            attributes["timeout"] = timeout
        SubElement(parent, "prompt", attributes).text = text


def _submit(parent: Element, url: str, names: str, *, enctype: str = "") -> None:
    attributes = {"next": url, "method": "post", "namelist": names}
    if enctype:
        attributes["enctype"] = enctype
    SubElement(parent, "submit", attributes)


def _text(root: Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def ends(turn: Turn) -> bool:
    """Whether the call is over with this turn."""
    return turn.state.stage is Stage.OVER
