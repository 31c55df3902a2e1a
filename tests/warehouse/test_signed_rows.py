"""As of any position, Σ sign is what a recount of the entries up to it says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promontory.warehouse import Facts, Question, ask, open_engine
from promontory.warehouse.cubefile import build_cube
from promontory.warehouse.upkeep import compact
from tests.warehouse.sample import NPS, Row, batch, entry, exclusion, found

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(-1, 10), st.integers(20_000, 20_070)),
        st.tuples(st.just("exclude"), st.integers(0, 40), st.integers(1, 7)),
        st.tuples(st.just("refresh")),
        st.tuples(st.just("compact")),
        st.tuples(st.just("cube")),
    ),
    min_size=1,
    max_size=30,
)


class Ledger:
    """A ledger as a plain list: what each response says, and its mask at each position."""

    def __init__(self) -> None:
        self.position = 0
        self.rows: list[Row] = []
        self.history: list[dict[int, Row]] = [{}]

    def answer(self, answer: int, day: int) -> None:
        self.position += 1
        row = entry(self.position, answer=answer, day=day, a1=answer % 3)
        self.rows.append(row)
        self.history.append({**self.history[-1], row["response"]: row})

    def exclude(self, which: int, mask: int) -> None:
        now = self.history[-1]
        if not now:
            return
        row = now[sorted(now)[which % len(now)]]
        self.position += 1
        self.rows += exclusion(self.position, row, mask)
        after = {**row, "mask": mask, "position": self.position}
        self.history.append({**now, row["response"]: after})

    def tally(self, position: int) -> dict[tuple[int, ...], int]:
        counted: dict[tuple[int, ...], int] = {}
        for row in self.history[position].values():
            if row["mask"] == 0 and row["answer"] >= 0:
                key = (row["a1"], row["answer"])
                counted[key] = counted.get(key, 0) + 1
        return counted


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_as_of_any_position_equals_a_recount(steps: list[tuple[Any, ...]]) -> None:
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as folder:
        facts = Facts(Path(folder))
        for kind, *how in [*steps, ("refresh",)]:
            if kind == "answer":
                ledger.answer(*how)
            elif kind == "exclude":
                ledger.exclude(*how)
            elif kind == "refresh":
                facts.append([batch(ledger.rows)] if ledger.rows else [], ledger.position)
            elif kind == "compact":
                compact(facts)
            else:
                build_cube(facts, ["a1"])
        positions = range(ledger.position + 1)
        questions = [Question(NPS, by=("a1",), as_of=position) for position in positions]
        engine = open_engine("duckdb://?threads=1", facts)
        for position, cells in zip(positions, ask(engine, questions), strict=True):
            assert found(cells.table) == ledger.tally(position)
        engine.close()
