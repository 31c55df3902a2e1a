"""A mail compiled once and filled for everybody: subject, text and HTML with their slots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from promontory.channels.email.slots import Pieces, one_line
from promontory.errors import BadInput

FOLDER = Path(__file__).parent / "templates"
SAFE_BREAK = re.compile(r"(?<=>)(?=</?(?:table|tbody|tr|td|div|p|meta|title|style|body)\b|<!--)")
LINE = 450
"""Lines of a mail may have 998 bytes (RFC 5322), and values are still to be filled in."""


NOTHING = Pieces(("",))


class Filled(NamedTuple):
    """One person's mail, before it has an address."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A mail with slots. `fill` escapes whatever it is given, for each place as that place needs.

    `greeting` and `unnamed` are two openings: the second is for people whose name is not known,
    or is nothing to greet anybody by.
    """

    subject: Pieces
    text: Pieces
    html: Pieces
    greeting: Pieces = NOTHING
    unnamed: Pieces = NOTHING

    @property
    def slots(self) -> frozenset[str]:
        """The names `fill` has to be given."""
        parts = (self.subject, self.text, self.html, self.greeting, self.unnamed)
        return frozenset().union(*(part.slots for part in parts)) - {"greeting"}

    def fill(self, values: Mapping[str, str]) -> Filled:
        """Return the mail with these values in its slots; every slot has to be given."""
        plain = {name: one_line(value) for name, value in values.items() if name != "comment"}
        if "comment" in values:
            plain["comment"] = values["comment"]
        if "name" in plain:
            plain["name"] = presentable(plain["name"])
        opening = self.greeting if plain.get("name", "-") else self.unnamed
        safe = {name: escape(value) for name, value in plain.items()}
        if "name" in safe:
            # A name in another script must not turn the sentence around it.
            safe["name"] = f"<bdi>{safe['name']}</bdi>"
        if "comment" in safe:
            safe["comment"] = safe["comment"].replace("\n", "<br>\n")
        missing = self.slots - plain.keys()
        if missing:
            raise BadInput(f"The mail has a slot “{min(missing)}” that nothing fills.")
        return Filled(
            one_line(self.subject.fill(plain)),
            self.text.fill({**plain, "greeting": opening.fill(plain)}),
            self.html.fill({**safe, "greeting": opening.fill(safe)}),
        )


LINKLIKE = re.compile(r"://|www\.|@|\.(com|net|org|ru|cn|xyz|top)\b", re.IGNORECASE)
LONGEST_NAME = 60


def presentable(name: str) -> str:
    """Return a name to greet somebody by, or nothing.

    Sign-up forms are filled by machines with advertisements for names; we do not mail them on.
    """
    return "" if len(name) > LONGEST_NAME or LINKLIKE.search(name) else name


@lru_cache(maxsize=16)
def source(name: str) -> str:
    """Return the text of one template file."""
    return (FOLDER / f"{name}.mjml").read_text(encoding="utf-8")


def put(template: str, values: Mapping[str, str]) -> str:
    """Return a template file with ready-made MJML or HTML in its `{{places}}`."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], source(template))


def to_html(mjml: str) -> str:
    """Compile MJML to HTML for mail: styles inlined, nothing fetched, lines short enough to send.

    mrml and css-inline cost milliseconds; this is done once a version and language, never a mail.
    """
    import css_inline
    import mrml

    compiled = mrml.to_html(_shielded(mjml), None, mrml.RenderOptions(fonts={}))
    if compiled.warnings:
        first = compiled.warnings[0]
        raise ValueError(f"the mail template does not compile: {first.kind} at {first.start}")
    inliner = css_inline.CSSInliner(
        keep_at_rules=True, load_remote_stylesheets=False, remove_inlined_selectors=True
    )
    # The first sheet is mrml's own, for Outlook, which reads it from the head as well: written
    # into every cell it would be a third of the mail.
    own = compiled.content.replace("<style", '<style data-css-inline="ignore"', 1)
    inlined = _unshielded(inliner.inline(own).replace(' data-css-inline="ignore"', ""))
    return _in_lines(_compact(inlined))


OUTLOOK_2003 = re.compile(r"<!--\[if lte mso 11\]>.*?<!\[endif\]-->", re.DOTALL)
STYLE = re.compile(r'(?<= style=")[^"]+|(?<=<style type="text/css">)[^<]+')
CSS_SPACE = re.compile(r"\s*([{};:,])\s*|\s+")


def _compact(html: str) -> str:
    """Leave out what no mail program of today reads, and the white space of style sheets."""
    without = OUTLOOK_2003.sub("", html)
    return STYLE.sub(
        lambda css: CSS_SPACE.sub(lambda space: space[1] or " ", css[0]).strip(" "), without
    )


DELICATE = re.compile(r"(?:[^\x00-\x7f]|&#?\w+;|\\)+")
SHIELDED = re.compile(r"xqx([0-9a-f]+)xqx")


def _shielded(mjml: str) -> str:
    """Hide what mrml would spoil: in attributes it writes characters as Rust shows them."""
    return DELICATE.sub(lambda found: f"xqx{found[0].encode().hex()}xqx", mjml)


def _unshielded(html: str) -> str:
    return SHIELDED.sub(lambda found: bytes.fromhex(found[1]).decode(), html)


def _in_lines(html: str) -> str:
    """Break lines between blocks, where white space is not seen."""
    lines, current = [], ""
    for line in html.split("\n"):
        for piece in SAFE_BREAK.split(line):
            if current and len(current) + len(piece) > LINE:
                lines.append(current)
                current = ""
            current += piece
        lines.append(current)
        current = ""
    return "\n".join(line for line in lines if line.strip())
