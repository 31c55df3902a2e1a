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
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.responses.rules.judging import Judged, Reason, attribute_text, explain
from promontory.program.responses.rules.kept import NOT_ANSWERED, content_key, source_key
from promontory.program.responses.rules.mapping import Mapping
from promontory.program.responses.rules.tuples import as_database_text

MOST_VALUES = 5_000
"""An attribute with more distinct values is not a dimension: nothing could be sliced by it."""
SAMPLES = 200
_SAMPLES_A_REASON = 20
_REMEMBERED = 200_000
_64_BITS = 2**64 - 1
_LABELS_SHOWN = 50


class Ask(Protocol):
    """What the owner of the database answers."""

    def contacts(self, kind: str, indexes: Sequence[bytes]) -> dict[bytes, Any]: ...
    def stored(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]: ...
    def twins(self, contents: Sequence[tuple[str, int]]) -> set[int]: ...


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
    _seen: set[bytes] = field(default_factory=set)
    _memo: dict[tuple[str, str], bytes | None] = field(default_factory=dict)

    def add(self, judged: Judged) -> None:
        """Take in one batch."""
        self.last_row = judged.rows[-1]
        self.counts["rows"] += len(judged)
        self.counts["blank"] += len(judged.blank)
        for what, count in judged.notes.items():
            self.counts[f"note: {what}"] += count
        for place, reasons in judged.reasons.items():
            self._refuse(judged.rows[place], reasons)
        chosen = judged.good()
        if not chosen.size:
            return
        self.counts["good"] += len(chosen)
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
            self.counts[f"skipped: {column.name}"] += len(chosen) - len(there)
        self._count_values(judged, chosen)
        self._count_identities(judged, chosen.tolist())

    def _refuse(self, row: int, reasons: list[Reason]) -> None:
        self.counts["rejected"] += 1
        fresh = False
        for slug in {reason.slug for reason in reasons}:
            fresh |= self.reasons[slug] < _SAMPLES_A_REASON
            self.reasons[slug] += 1
        if fresh and len(self.samples) < SAMPLES:
            said = [[*reason, explain(reason)] for reason in reasons]
            self.samples.append({"row": row, "reasons": said})

    def _count_values(self, judged: Judged, good: npt.NDArray[np.intp]) -> None:
        for column in self.mapping.attributes:
            if column.name in self.crowded:
                continue
            labels = judged.said[attribute_text(column)].take(pa.array(good))
            seen = self.distinct.setdefault(column.name, Counter())
            for found in pc.value_counts(labels).to_pylist():
                seen[found["values"] or ""] += found["counts"]
            if len(seen) > MOST_VALUES + 1:
                self.crowded.add(column.name)

    def _count_identities(self, judged: Judged, good: list[int]) -> None:
        ids = judged.text("id")
        keys: dict[bytes, int] = {}
        if ids is not None:
            given = [(ids[place], judged.rows[place]) for place in good if ids[place] is not None]
            self.counts["without id"] += len(good) - len(given)
            # Python's own hash is keyed by the process and long enough to tell ids apart.
            self._ids.extend([hash(one) & _64_BITS for one, _ in given])
            self._id_rows.extend([row for _, row in given])
        if self.has_stored:
            keys = {self._source_key(ids, judged.rows, place): place for place in good}
        who = self._count_people(judged, good)
        stored = self.ask.stored(list(keys))
        self.counts["already stored"] += len(stored)
        self._count_twins(judged, good, who, {keys[made] for made in stored}, ids is not None)

    def _source_key(self, ids: list[str | None] | None, rows: list[int], place: int) -> bytes:
        given = ids[place] if ids is not None else None
        if given is not None:
            return source_key(self.index_key, self.survey, "id", given)
        return source_key(self.index_key, self.survey, "row", self.sha256, str(rows[place]))

    def _count_people(self, judged: Judged, good: list[int]) -> dict[int, bytes]:
        if self.is_anonymous:
            return {}
        who: dict[int, bytes] = {}
        left = good
        for kind in IDENTIFIERS:
            values = judged.text(kind)
            if values is None:
                continue
            indexes = self._indexes(kind, values, left)
            fresh = set(indexes.values()) - self._seen
            self._look_up(kind, fresh)
            who |= indexes
            left = [place for place in left if place not in who]
        if any(kind in judged.said for kind in IDENTIFIERS):
            self.counts["without person"] += len(left)
        return who

    def _indexes(self, kind: str, values: list[str | None], places: list[int]) -> dict[int, bytes]:
        memo = self._memo
        if len(memo) > _REMEMBERED:
            memo.clear()
        found = {}
        for place in places:
            value = values[place]
            if value is None:
                continue
            index = memo.get((kind, value), b"")
            if index == b"":
                index = memo[kind, value] = blind_index(kind, value, self.index_key)
            if index is not None:
                found[place] = index
        return found

    def _look_up(self, kind: str, fresh: set[bytes]) -> None:
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()  # those that come again are counted once all the same, by number
        known = self.ask.contacts(kind, list(fresh))
        self._people.extend([_number(index) for index in fresh])
        self._strangers.extend([_number(index) for index in fresh - known.keys()])
        self._seen |= fresh

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
        when = as_database_text(judged.at)
        answers = [np.where(there, value, NOT_ANSWERED).tolist() for value, there in judged.answers]
        comments = judged.text("comment")
        made = []
        for place in good:
            given = tuple(value[place] for value in answers)
            comment = comments[place] if comments else None
            content = content_key(
                self.index_key, self.survey, when[place], given, comment, who.get(place)
            )
            if place not in stored:
                made.append((when[place], content))
        if not has_ids:
            self._contents.extend([content for _, content in made])
        if self.has_stored:
            found = self.ask.twins(list(set(made)))
            self.counts["possible duplicates"] += sum(content in found for _, content in made)

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
