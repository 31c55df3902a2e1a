"""What the ledger keeps of answers becomes signed rows, word by word."""

from __future__ import annotations

import json

from promontory.program.ledger.rules import Kind, canonical
from promontory.program.responses.rules.facts import facts
from promontory.program.responses.rules.kept import kept

NAMES = ("position", "sign", "day", "response", "survey", "metric", "answer", "channel",
         "language", "unit", "d", "g", "person", "account", "mask")  # fmt: skip


def said(response, answers, **more):
    return kept(response=response, survey=2, version=3, answers=answers, day=-4, **more)


def rows(batch):
    return [tuple(row.values()) for row in batch.to_pylist()]


def test_an_answer_adds_a_row_for_each_question_with_its_codes():
    full = said(
        9, [[1, 10], [2, -1]], channel=5, language=6, unit=7, weight=8, cell=11,
        person=2**63 - 1, account=2**62, mask=4, stratum={"12": 13},
    )  # fmt: skip
    bare = said(10, [[1, 0]])
    entries = [(1, int(Kind.ANSWER), canonical(each)) for each in (full, bare)]
    batch = facts(entries, {9: '{"3":5,"12":99}', 10: '{"3":6}'})
    # By number, not by text; the stratum of the entry rules over what stands on the response.
    assert batch.schema.names == [*NAMES, "a3", "a12"]
    start = (1, 1, -4, 9, 2)
    rest = (5, 6, 7, 8, 11, 2**63 - 1, 2**62, 4, 5, 13)
    assert rows(batch) == [
        (*start, 1, 10, *rest),
        (*start, 2, -1, *rest),
        (1, 1, -4, 10, 2, 1, 0, 0, 0, 0, 1_000_000, 0, 0, 0, 0, 6, 0),
    ]


def test_a_change_takes_back_what_stood_and_adds_what_stands():
    change = {"old": said(9, [[1, 3]]), "new": said(9, [[1, 4]], mask=2), "reason": 2}
    batch = facts([(5, int(Kind.EXCLUSION), json.dumps(change))], {})
    assert [(r["sign"], r["answer"], r["mask"]) for r in batch.to_pylist()] == [
        (-1, 3, 0),
        (1, 4, 2),
    ]


def test_entries_without_answers_make_no_rows():
    none = [(1, int(Kind.ANSWER), canonical(said(9, []))), (2, int(Kind.ERASURE), "{}")]
    for entries in ([], none, none[1:]):
        batch = facts(entries, {9: '{"3":5}'})
        assert batch.num_rows == 0
        assert batch.schema.names[:15] == list(NAMES)
