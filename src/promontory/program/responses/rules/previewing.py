"""What a whole file would become: verdicts counted, doubts collected, in flat memory.

Per row two numbers of 64 bits are kept (the id's and the person's hash); all else is bounded.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.responses.rules.judging import Judged, Reason, attribute_text, explain
from promontory.program.responses.rules.kept import NOT_ANSWERED, content_key, source_key
from promontory.program.responses.rules.mapping import Mapping

MOST_VALUES = 5_000
"""An attribute with more distinct values is not a dimension: nothing could be sliced by it."""
SAMPLES = 200
_SAMPLES_A_REASON = 20
_LABELS_SHOWN = 50


class Ask(Protocol):
    """What the owner of the database answers."""

    def contacts(self, indexes: Sequence[bytes]) -> dict[bytes, Any]: ...
    def stored(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]: ...
    def twins(self, keys: Sequence[int]) -> set[int]: ...


@dataclass(slots=True)
class Previewer:
    """Collects the judged batches of one pass; `result` says what was found."""

    mapping: Mapping
    survey: int
    sha256: str
    index_key: bytes
    is_anonymous: bool
    has_stored: bool
    ask: Ask
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)
    distinct: dict[str, Counter[str]] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)
    spread: dict[str, Counter[int]] = field(default_factory=dict)
    days: tuple[int, int] | None = None
    last_row: int = 1
    _ids: array[int] = field(default_factory=lambda: array("Q"))
    _id_rows: array[int] = field(default_factory=lambda: array("q"))
    _contents: array[int] = field(default_factory=lambda: array("Q"))
    _people: array[int] = field(default_factory=lambda: array("Q"))
    _strangers: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, judged: Judged) -> None:
        """Take in one batch."""
        self.last_row = judged.rows[-1]
        self.counts["rows"] += len(judged)
        self.counts["blank"] += len(judged.blank)
        for what, count in judged.notes.items():
            self.counts[f"note: {what}"] += count
        for place, reasons in judged.reasons.items():
            self._refuse(judged.rows[place], reasons)
        good = [
            place
            for place in range(len(judged))
            if place not in judged.reasons and place not in judged.blank
        ]
        if not good:
            return
        self.counts["good"] += len(good)
        chosen = np.array(good)
        days = judged.day[chosen]
        first, last = int(days.min()), int(days.max())
        self.days = (
            (min(first, self.days[0]), max(last, self.days[1])) if self.days else (first, last)
        )
        for column, (value, ok) in zip(self.mapping.answers, judged.answers, strict=True):
            there = value[chosen][ok[chosen]]
            values, times = np.unique(there, return_counts=True)
            spread = self.spread.setdefault(column.name, Counter())
            spread.update(dict(zip(values.tolist(), times.tolist(), strict=True)))
            self.counts[f"skipped: {column.name}"] += len(good) - len(there)
        self._count_values(judged, good)
        self._count_identities(judged, good)

    def _refuse(self, row: int, reasons: list[Reason]) -> None:
        self.counts["rejected"] += 1
        fresh = False
        for slug in {reason.slug for reason in reasons}:
            fresh |= self.reasons[slug] < _SAMPLES_A_REASON
            self.reasons[slug] += 1
        if fresh and len(self.samples) < SAMPLES:
            said = [[*reason, explain(reason)] for reason in reasons]
            self.samples.append({"row": row, "reasons": said})

    def _count_values(self, judged: Judged, good: list[int]) -> None:
        for column in self.mapping.attributes:
            if column.name in self.crowded:
                continue
            labels = judged.texts[attribute_text(column)]
            seen = self.distinct.setdefault(column.name, Counter())
            seen.update(Counter(labels[place] or "" for place in good))
            if len(seen) > MOST_VALUES + 1:
                self.crowded.add(column.name)

    def _count_identities(self, judged: Judged, good: list[int]) -> None:
        key, ids = self.index_key, judged.texts.get("id")
        if ids is not None:
            self.counts["without id"] += sum(ids[place] is None for place in good)
        keys: dict[bytes, int] = {}
        for place in good:
            given = ids[place] if ids is not None else None
            row = judged.rows[place]
            if given is not None:
                made = source_key(key, self.survey, "id", given)
                self._ids.append(int.from_bytes(made[:8], "big"))
                self._id_rows.append(row)
                keys[made] = place
            elif self.has_stored:
                keys[source_key(key, self.survey, "row", self.sha256, str(row))] = place
        who = self._count_people(judged, good)
        stored = self.ask.stored(list(keys)) if self.has_stored else {}
        self.counts["already stored"] += len(stored)
        self._count_twins(judged, good, who, {keys[made] for made in stored}, ids is not None)

    def _count_people(self, judged: Judged, good: list[int]) -> dict[int, bytes]:
        if self.is_anonymous:
            return {}
        kinds = [kind for kind in IDENTIFIERS if kind in judged.texts]
        memo: dict[tuple[str, str], bytes | None] = {}
        who: dict[int, bytes] = {}
        for place in good:
            for kind in kinds:
                value = judged.texts[kind][place]
                if value is None:
                    continue
                if (kind, value) not in memo:
                    memo[kind, value] = blind_index(kind, value, self.index_key)
                if (index := memo[kind, value]) is not None:
                    who[place] = index
                    break
        people = set(who.values())
        known = self.ask.contacts(list(people))
        self._people.extend({_number(index) for index in people})
        self._strangers.extend({_number(index) for index in people - known.keys()})
        self.counts["without person"] += len(good) - len(who) if kinds else 0
        return who

    def _count_twins(
        self,
        judged: Judged,
        good: list[int],
        who: dict[int, bytes],
        stored: set[int],
        has_ids: bool,
    ) -> None:
        # With ids, only what is stored already can be an unnoticed duplicate.
        if has_ids and not self.has_stored:
            return
        from promontory.program.responses.rules.packing import as_database_text

        when = as_database_text(judged.at)
        answers = [(value.tolist(), ok.tolist()) for value, ok in judged.answers]
        comments = judged.texts.get("comment")
        made = []
        for place in good:
            given = [value[place] if ok[place] else NOT_ANSWERED for value, ok in answers]
            comment = (comments[place] or "") if comments else ""
            named = who.get(place, b"").hex()
            content = content_key(self.index_key, self.survey, when[place], given, comment, named)
            if place not in stored:
                made.append(content)
        if not has_ids:
            self._contents.extend(made)
        if self.has_stored:
            found = self.ask.twins(list(set(made)))
            self.counts["possible duplicates"] += sum(content in found for content in made)

    def result(self) -> dict[str, Any]:
        """Return what the file would become, as plain JSON values."""
        duplicates, examples = _repeated(self._ids, self._id_rows)
        self.counts["duplicate ids"] = duplicates
        self.reasons["duplicate-id"] += duplicates
        inside, _ = _repeated(self._contents, None)
        self.counts["same content in the file"] = inside
        counts = dict(self.counts)
        counts["people"] = _distinct(self._people)
        counts["new contacts"] = _distinct(self._strangers)
        stored = counts.get("good", 0) - duplicates - counts.get("already stored", 0)
        counts["would be stored"] = max(0, stored)
        return {
            "counts": counts,
            "reasons": {slug: n for slug, n in self.reasons.most_common() if n},
            "samples": self.samples,
            "duplicate rows": examples,
            "days": list(self.days) if self.days else None,
            "last row": self.last_row,
            "answers": {
                name: {str(value): n for value, n in sorted(spread.items())}
                for name, spread in self.spread.items()
            },
            "attributes": {
                column.name: self._attribute(column.name) for column in self.mapping.attributes
            },
        }

    def _attribute(self, name: str) -> dict[str, Any]:
        seen = self.distinct.get(name, Counter())
        return {
            "distinct": len([label for label in seen if label]),
            "crowded": name in self.crowded,
            "missing": seen[""],
            "values": [[label, n] for label, n in seen.most_common(_LABELS_SHOWN + 1) if label],
        }


def _number(index: bytes) -> int:
    return int.from_bytes(index[:8], "big")


def _distinct(numbers: array[int]) -> int:
    return len(np.unique(np.frombuffer(numbers, np.uint64))) if numbers else 0


def _repeated(numbers: array[int], rows: array[int] | None) -> tuple[int, list[int]]:
    """How many numbers repeat an earlier one, and the first rows that do."""
    if not numbers:
        return 0, []
    values = np.frombuffer(numbers, np.uint64)
    order = np.argsort(values, kind="stable")
    again = order[1:][values[order][1:] == values[order][:-1]]
    if rows is None:
        return len(again), []
    found = np.sort(np.frombuffer(rows, np.int64)[again])
    return len(again), found[:SAMPLES].tolist()
