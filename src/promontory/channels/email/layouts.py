"""The mails we send: an invitation with its scale (a reminder is one too), and a letter.

    template = invitation(texts, language="ar", direction="rtl", scale=Scale(0, 10, low, high))
    subject, text, html = template.fill({"name": "Amal", "answer_url": …, …})

Texts come translated and may hold slots: `{name}`, `{brand}` …. What is known when compiling goes
into `values`; the rest is filled mail by mail. No picture, no remote font and no tracking pixel:
nothing is fetched when a mail is opened, and nobody learns that it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from promontory.channels.email.slots import PLACE, Pieces, mark, slot
from promontory.channels.email.template import MailTemplate, put, to_html

T = TypeVar("T", bound="Texts")
ONE_ROW = 6
"""As many scores fit side by side on a phone 320 px wide, each 44 px or more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The scores offered in the mail and what the ends are called."""

    low: int
    high: int
    low_label: str
    high_label: str


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What every mail says around its middle; empty lines are left out."""

    subject: str
    preheader: str = ""
    brand: str = ""
    promise: str = ""
    """What is promised to who answers."""
    why: str = ""
    """Why you get this mail."""
    sender_line: str = ""
    """Who we are and where: a postal address is asked for by law in many places."""
    opt_out: str = ""
    """Text of the link to `{opt_out_url}`; left out, there is no such link."""
    preferences: str = ""
    """Text of the link to `{preferences_url}`."""

    def known(self: T, values: Mapping[str, str]) -> T:
        """Return the texts with those slots filled that are the same for everybody."""

        def filled(text: str) -> str:
            return PLACE.sub(lambda found: values.get(found[1], found[0]), text)

        texts = {
            each.name: filled(getattr(self, each.name))
            for each in fields(self)
            if isinstance(getattr(self, each.name), str)
        }
        return replace(self, **texts)


@dataclass(frozen=True, kw_only=True)
class InvitationTexts(Texts):
    """What an invitation or a reminder says."""

    greeting: str
    unnamed_greeting: str
    body: str
    question: str
    button: str
    """Text of the link to `{answer_url}`, where the scale is not in the mail and in plain text."""


@dataclass(frozen=True, kw_only=True)
class LetterTexts(Texts):
    """What a notice to staff or a plain message says."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value; a value may be a slot, such as `{comment}`."""
    buttons: tuple[tuple[str, str], ...] = ()
    """Text and slot of the address: ("I called", "called_url")."""

    def known(self, values: Mapping[str, str]) -> LetterTexts:
        texts = super().known(values)

        def filled(text: str) -> str:
            return PLACE.sub(lambda found: values.get(found[1], found[0]), text)

        return replace(
            texts,
            paragraphs=tuple(filled(text) for text in self.paragraphs),
            facts=tuple((filled(label), filled(value)) for label, value in self.facts),
            buttons=tuple((filled(text), address) for text, address in self.buttons),
        )


def invitation(
    texts: InvitationTexts,
    *,
    language: str,
    direction: str,
    scale: Scale | None,
    values: Mapping[str, str] | None = None,
) -> MailTemplate:
    """Compile an invitation or reminder; without a scale it has one link instead of scores.

    Slots: `answer_url` (a score is added as `?score=9`), `opt_out_url`, `preferences_url`, and
    those of the texts.
    """
    texts = texts.known(values or {})
    answers = _scores(scale, direction) if scale else _button(texts.button, "answer_url")
    html = _compiled(
        "invitation",
        texts,
        language,
        direction,
        greeting=slot("greeting"),
        body=mark(texts.body),
        question=mark(texts.question),
        answers=answers,
    )
    asked = [texts.question]
    if scale:
        asked += [f"{scale.low} – {scale.low_label}", f"{scale.high} – {scale.high_label}"]
    plain = ["{greeting}", texts.body, "\n".join(asked), f"{texts.button}:\n{{answer_url}}"]
    return MailTemplate(
        subject=Pieces.of_text(texts.subject),
        text=_text(texts, plain),
        html=Pieces.of_html(html),
        greeting=Pieces.of_text(texts.greeting),
        unnamed=Pieces.of_text(texts.unnamed_greeting),
    )


def letter(
    texts: LetterTexts,
    *,
    language: str,
    direction: str,
    values: Mapping[str, str] | None = None,
) -> MailTemplate:
    """Compile a notice or a plain message. Slots: those of the texts and of the buttons."""
    texts = texts.known(values or {})
    body = [f"<p>{mark(each)}</p>" for each in texts.paragraphs]
    html = _compiled(
        "letter",
        texts,
        language,
        direction,
        heading=mark(texts.heading),
        body="".join(body) + _facts(texts.facts),
        actions=" ".join(_button(text, address) for text, address in texts.buttons),
    )
    plain = [texts.heading, *texts.paragraphs]
    plain += ["\n".join(f"{label}: {value}" for label, value in texts.facts)]
    plain += [f"{text}:\n{{{address}}}" for text, address in texts.buttons]
    return MailTemplate(
        subject=Pieces.of_text(texts.subject),
        text=_text(texts, plain),
        html=Pieces.of_html(html),
    )


def _compiled(layout: str, texts: Texts, language: str, direction: str, **parts: str) -> str:
    common = {
        "language": mark(language),
        "direction": direction,
        "start": "right" if direction == "rtl" else "left",
        "brand": mark(texts.brand),
        "title": mark(_title(texts)),
        "preheader": mark(texts.preheader),
        "lines": "<br>".join(_footer_lines(texts)),
    }
    common["style"] = put("style", common)
    common["footer"] = put("footer", common)
    return to_html(put(layout, {**common, **parts}))


def _title(texts: Texts) -> str:
    """Return what the mail is called in <title> and to screen readers: the same for everybody."""
    candidates = (texts.subject, getattr(texts, "question", ""), texts.brand)
    return next((text for text in candidates if text and not PLACE.search(text)), "")


def _footer_lines(texts: Texts) -> list[str]:
    lines = [mark(line) for line in (texts.promise, texts.why, texts.sender_line) if line]
    links = [
        f'<a class="plain" href="{slot(address)}">{mark(text)}</a>'
        for text, address in _links(texts)
    ]
    return lines + ([" · ".join(links)] if links else [])


def _links(texts: Texts) -> list[tuple[str, str]]:
    pairs = [(texts.preferences, "preferences_url"), (texts.opt_out, "opt_out_url")]
    return [(text, address) for text, address in pairs if text]


def _text(texts: Texts, blocks: Sequence[str]) -> Pieces:
    about = [line for line in (texts.promise, texts.why, texts.sender_line) if line]
    links = [f"{text}: {{{address}}}" for text, address in _links(texts)]
    footer = ["-- ", *about, *links] if about or links else []
    shown = [*blocks, "\n".join(footer)]
    shown = [block for block in shown if block]
    return Pieces.of_text("\n\n".join(shown) + "\n")


def _scores(scale: Scale, direction: str) -> str:
    """Return the scores as plain links, all alike, in tables that stand side by side or below."""
    scores = range(scale.low, scale.high + 1)
    rows = [scores] if len(scores) <= ONE_ROW else [scores[:ONE_ROW], scores[ONE_ROW:]]
    tables = "<!--[if mso]></td><td><![endif]-->".join(_row(row, direction) for row in rows)
    ends = ((scale.low, scale.low_label, "start"), (scale.high, scale.high_label, "end"))
    start, end = ("right", "left") if direction == "rtl" else ("left", "right")
    anchors = "".join(
        f'<td align="{start if side == "start" else end}">{value} – {mark(label)}</td>'
        for value, label, side in ends
    )
    return (
        '<div class="scale"><!--[if mso]><table role="presentation"><tr><td><![endif]-->'
        f"{tables}<!--[if mso]></td></tr></table><![endif]--></div>"
        f'<table class="anchors" role="presentation"><tr>{anchors}</tr></table>'
    )


def _row(scores: range, direction: str) -> str:
    address = slot("answer_url")
    cells = "".join(
        f'<td><a class="score" href="{address}?score={score}">{score}</a></td>' for score in scores
    )
    return f'<table class="row" role="presentation" dir="{direction}"><tr>{cells}</tr></table>'


def _button(text: str, address: str) -> str:
    return f'<a class="go" href="{slot(address)}">{mark(text)}</a>'


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td class="label">{mark(label)}</td><td>{mark(value)}</td></tr>'
        for label, value in facts
    )
    return f'<table class="facts" role="presentation">{rows}</table>' if facts else ""
