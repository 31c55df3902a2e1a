"""One judged batch, row by row, as the tuples that are inserted."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from promontory.program.ledger.rules import Kind, NewEntry, prepared_rows
from promontory.program.ledger.vault import NONCE_BYTES
from promontory.program.responses.rules.judging import Judged, Reason, attribute_text
from promontory.program.responses.rules.kept import (
    NOT_ANSWERED,
    UNIT_WEIGHT,
    compact,
    content_key,
    kept_text,
    personal,
)
from promontory.program.responses.rules.slices import Slice
from promontory.program.surveys.codes import CHANNEL_LABELS, CHANNELS

if TYPE_CHECKING:
    from promontory.program.responses.rules.packing import Packer

_CHANNEL_CODES = {
    **{name.replace("_", " "): code for name, code in CHANNELS.items()},
    **{label.casefold(): CHANNELS[name] for name, label in CHANNEL_LABELS.items()},
}


class Tuples:
    """A batch with everything looked up; `slice` makes the tuples of some of its rows."""

    def __init__(
        self,
        packer: Packer,
        judged: Judged,
        keys: list[bytes],
        stored: Mapping[bytes, tuple[int, int]],
        indexes: list[tuple[bytes | None, ...]],
    ) -> None:
        self.packer, self.judged, self.keys, self.indexes = packer, judged, keys, indexes
        self.stored = dict(stored)
        plan, size = packer.plan, len(judged)
        none: list[Any] = [None] * size
        self.cells = judged.cells()
        self.when = as_database_text(judged.at)
        self.days = judged.day.tolist()
        weight = judged.weight
        self.weights = [UNIT_WEIGHT] * size if weight is None else weight.tolist()
        values = [np.where(there, value, NOT_ANSWERED).tolist() for value, there in judged.answers]
        self.answers = list(zip(*values, strict=True))
        self.metrics = [column.code for column in plan.mapping.answers]
        self.comments = judged.text("comment") or none
        self.ids = judged.text("id") or none
        names = judged.text("account")
        self.accounts = packer.accounts(names) if names is not None else none
        languages = judged.text("language") or none
        self.languages = [text and text.replace("_", "-").casefold()[:16] for text in languages]
        self.language_codes = (
            packer.codes(plan.language, self.languages) if plan.language else [0] * size
        )
        self.channels, unknown_channels = _channels(judged.text("channel") or none)
        self.units, unknown_units = _units(judged.text("unit") or none, plan.units)
        self.details = {
            kind: texts
            for kind in (*packer.identifiers, "name")
            if not plan.is_anonymous and (texts := judged.text(kind)) is not None
        }
        self.notes = {
            **judged.notes,
            "unknown channel": unknown_channels,
            "unknown unit": unknown_units,
        }
        declared: list[tuple[str, list[int]]] = []
        undeclared: list[tuple[str, list[int]]] = []
        for column in plan.mapping.attributes:
            dimension = plan.dimensions[column.name]
            codes = packer.codes(dimension, judged.text(attribute_text(column)) or none)
            (declared if column.declared else undeclared).append((str(dimension), codes))
        self.strata = _objects(declared, size)
        self.undeclared = _objects(undeclared, size)
        self.attributes = _objects(declared + undeclared, size)
        self.nonces = os.urandom(NONCE_BYTES * size)

    def slice(self, start: int, end: int) -> Slice:
        """Return the rows from `start` to before `end` as a slice."""
        judged, plan = self.judged, self.packer.plan
        made = Slice(last_row=judged.rows[end - 1], size=end - start)
        if start == 0:
            for what, count in self.notes.items():
                made.count(f"note: {what}", count)
        entries: list[NewEntry] = []
        ids: list[int] = []
        for place in range(start, end):
            if place in judged.blank:
                made.count("blank")
            elif reasons := judged.reasons.get(place):
                self._reject(place, reasons, made)
            else:
                self._take(place, made, entries, ids)
        made.count("stored", len(ids))
        made.entries = prepared_rows(entries, ids, at=plan.at)
        return made

    def _reject(self, place: int, reasons: Sequence[Reason], made: Slice) -> None:
        row = self.judged.rows[place]
        raw = self.judged.raws.get(place)
        text = raw if raw is not None else compact(self.cells[place])
        nonce = self._nonce(place)
        sealed = self.packer.keeper.sealer.seal(text.encode(), b"rejected %d" % row, nonce)
        # What stood there is in the sealed row, and nowhere else.
        said = compact([(reason.slug, reason.column, "") for reason in reasons])
        made.rejected.append((self.packer.plan.source, row, said, sealed))
        made.count("rejected")
        for slug in {reason.slug for reason in reasons}:
            made.count(f"reason: {slug}")

    def _nonce(self, place: int) -> bytes:
        return self.nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]

    def _take(self, place: int, made: Slice, entries: list[NewEntry], ids: list[int]) -> None:
        plan, row, key = self.packer.plan, self.judged.rows[place], self.keys[place]
        comment, answers, day = self.comments[place], self.answers[place], self.days[place]
        when, indexes = self.when[place], self.indexes[place]
        who = indexes[0] if len(indexes) == 1 else next(filter(None, indexes), None)
        twin = content_key(plan.index_key, plan.survey, when, answers, comment, who)
        response = plan.first_response + row
        if (there := self.stored.get(key)) is not None:
            self._again(place, there, twin, made)
            return
        self.stored[key] = (response, twin)
        owner = self.packer.keeper
        if indexes:
            owner = self.packer.owner(indexes, row, partial(self._details, place), made)
        account_id, account_cluster = self.accounts[place] or (None, 0)
        unit, channel = self.units[place], self.channels[place]
        language = self.languages[place] or ""
        made.responses.append(
            (
                response,
                plan.survey,
                plan.version,
                plan.source,
                row,
                "" if plan.is_anonymous else self.ids[place] or "",
                owner.contact,
                account_id,
                unit or None,
                when,
                day,
                self.packer.at_text,
                channel,
                language,
                self.attributes[place],
                0,
                key,
                twin,
            )
        )
        for question, value in zip(plan.questions, answers, strict=True):
            if value != NOT_ANSWERED:
                made.answers.append((response, question, value))
        if comment is not None:
            made.verbatims.append((response, comment, language))
        raw = compact(self.cells[place])
        sealed = owner.sealer.seal(raw.encode(), b"raw %d" % response, self._nonce(place))
        made.raws.append((response, sealed))
        kept = kept_text(
            response,
            plan.survey,
            plan.version,
            list(zip(self.metrics, answers, strict=True)),
            day,
            channel,
            self.language_codes[place],
            unit,
            self.weights[place],
            owner.cluster,
            account_cluster,
            self.strata[place],
        )
        committed = owner.sealer.commitment(
            personal(
                contact=owner.contact,
                raw=raw,
                verbatim=comment,
                undeclared=self.undeclared[place],
            )
        )
        entries.append(
            NewEntry(
                Kind.ANSWER, plan.by, kept, response, plan.source, owner.person, day, committed
            )
        )
        ids.append(plan.first_entry + row)

    def _again(self, place: int, there: tuple[int, int], twin: int, made: Slice) -> None:
        """Count a row whose source key is stored: from elsewhere, or from a row further up."""
        plan = self.packer.plan
        if plan.first_response <= there[0] < plan.first_response + self.judged.rows[place]:
            column = plan.mapping.named("id") or ""
            self._reject(place, [Reason("duplicate-id", column, "")], made)
            return
        made.count("already stored")
        made.count("already stored, but different", int(there[1] != twin))

    def _details(self, place: int) -> dict[str, str]:
        found = {kind: texts[place] for kind, texts in self.details.items()}
        return {kind: text for kind, text in found.items() if text is not None}


def as_database_text(at: npt.NDArray[np.int64]) -> list[str]:
    """Instants as Django writes them on SQLite: a blank for the T, no fraction when it is zero."""
    if not (at % 1_000_000).any():
        words = np.datetime_as_string((at // 1_000_000).astype("datetime64[s]"))
        return [word.replace("T", " ") for word in words.tolist()]
    words = np.datetime_as_string(at.astype("datetime64[us]"))
    return [word.replace("T", " ").removesuffix(".000000") for word in words.tolist()]


def _objects(columns: list[tuple[str, list[int]]], size: int) -> list[str]:
    """The canonical JSON object {dimension: code} of each row; code 0 is left out."""
    # Keys in the order of their texts, as `compact` sorts them.
    ordered = sorted(columns)
    parts = [[f'"{name}":{code}' if code else "" for code in codes] for name, codes in ordered]
    if not parts:
        return ["{}"] * size
    return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)]


def _channels(names: list[str | None]) -> tuple[list[int], int]:
    codes, unknown = [], 0
    for name in names:
        found: int | None = 0
        if name is not None:
            plain = name.casefold()
            found = _CHANNEL_CODES.get(plain.replace("_", " ").replace("-", " "))
            found = _CHANNEL_CODES.get(plain) if found is None else found
            unknown += found is None
        codes.append(found or 0)
    return codes, unknown


def _units(names: list[str | None], units: Mapping[str, int]) -> tuple[list[int], int]:
    codes = [0 if name is None else units.get(name.casefold(), 0) for name in names]
    unknown = sum(name is not None and not code for name, code in zip(names, codes, strict=True))
    return codes, unknown
