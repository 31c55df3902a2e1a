"""What counting ten million facts costs, beside SQL written by hand.

    python benchmarks/warehouse_counts.py [--rows 10000000] [--pairs 15] [--write]

Product and peer take turns in one process, so that the machine's mood is shared; the figure is the
median of the pairs' ratios in user + system CPU. Both read the same Parquet files, as of a
position, and both end with scores and intervals or with the same sums for them. The peer is the
fastest of the ways we found to write that query in DuckDB's SQL. `--write` puts the table into
docs/reference/benchmarks.md.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from warehouse_data import FIRST_DAY, build

from promontory.measurement import NPS, jackknife, score_many
from promontory.warehouse import (
    Cells,
    ClusteredCells,
    Engine,
    Facts,
    In,
    Question,
    Range,
    ask,
    number_clusters,
    open_engine,
)
from promontory.warehouse.cubefile import build_cube

ANSWERS = tuple(range(11))
POINTS = dict(zip(NPS.answers, NPS.vector.astype(int).tolist(), strict=True))
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
BEGIN, END = "<!-- warehouse: begin -->", "<!-- warehouse: end -->"


def cpu() -> float:
    """Return the CPU seconds this process has used, user and system, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU and the wall-clock seconds of some work."""
    before, clock = cpu(), time.perf_counter()
    work()
    return cpu() - before, time.perf_counter() - clock


def scores(engine: Engine, question: Question) -> object:
    """Return the scores with intervals of every group of a question."""
    [cells] = ask(engine, [question])
    assert isinstance(cells, Cells)
    _, counts = cells.pivot()
    return score_many(counts)


def clustered_scores(engine: Engine, question: Question) -> object:
    """Return the scores of every group, their intervals allowing for repeated people."""
    [cells] = ask(engine, [question])
    assert isinstance(cells, ClusteredCells)
    groups, group, T, W, count = cells.pivot()
    return groups, jackknife(T, W, count, group, int(group.max(initial=-1)) + 1)


class Peer:
    """The same sums by hand: DuckDB over the same files, in three spellings."""

    def __init__(self, facts: Facts) -> None:
        self._session = duckdb.connect()
        self._files = f"read_parquet('{facts.folder}/*.parquet')"

    def by_answer(self, position: int) -> object:
        return self._fetch("answer, SUM(sign) AS n", position)

    def by_filter(self, position: int) -> object:
        sums = "SUM(sign) AS n, SUM(sign) FILTER (answer >= 9), SUM(sign) FILTER (answer <= 6)"
        return self._fetch(sums, position)

    def by_case(self, position: int) -> object:
        points = "CASE WHEN answer >= 9 THEN 100 WHEN answer >= 7 THEN 0 ELSE -100 END"
        sums = f"SUM(sign) AS n, SUM(sign * {points}), SUM(sign * {points} * {points})"
        return self._fetch(sums, position)

    def _fetch(self, sums: str, position: int) -> object:
        return self._session.sql(
            f"SELECT month, a1, a2, {sums} FROM {self._files}"
            f" WHERE position <= {position} AND mask = 0 AND answer >= 0 GROUP BY ALL"
        ).fetchnumpy()


def side_by_side(
    facts: Facts, engine: Engine, position: int, pairs: int
) -> tuple[str, float, float, float]:
    """Return the fastest peer, its CPU, ours, and the median of the pairs' ratios."""
    peer = Peer(facts)
    question = Question(ANSWERS, by=("month", "a1", "a2"), as_of=position)
    spellings = {"by answer": peer.by_answer, "filter": peer.by_filter, "case": peer.by_case}
    trials = {
        name: min(spent(lambda write=write: write(position))[0] for _ in range(4))
        for name, write in spellings.items()
    }
    fastest = min(trials, key=lambda name: trials[name])
    scores(engine, question)
    theirs, ours = [], []
    for _ in range(pairs):
        theirs.append(spent(lambda: spellings[fastest](position))[0])
        ours.append(spent(lambda: scores(engine, question))[0])
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return fastest, *(statistics.median(figures) for figures in (theirs, ours, ratios))


def from_facts(facts: Facts, engine: Engine, position: int) -> list[tuple[str, float, float]]:
    """Return the CPU seconds of questions no cube answers: the first time, then the median of 5."""
    asked: dict[str, Question] = {
        "week × region × channel": Question(ANSWERS, by=("week", "a2", "channel"), as_of=position),
        "one unit, 90 days, by segment": Question(
            ANSWERS,
            by=("a1",),
            where=(In("unit", (2,)), Range("day", FIRST_DAY + 300, FIRST_DAY + 389)),
            as_of=position,
        ),
        "whole, by person": Question(ANSWERS, cluster="person", points=POINTS, as_of=position),
        "whole, by account": Question(ANSWERS, cluster="account", points=POINTS, as_of=position),
        "segment, by person": Question(
            ANSWERS, by=("a1",), cluster="person", points=POINTS, as_of=position
        ),
        "month, by person": Question(
            ANSWERS, by=("month",), cluster="person", points=POINTS, as_of=position
        ),
        "month × segment, by account": Question(
            ANSWERS, by=("month", "a1"), cluster="account", points=POINTS, as_of=position
        ),
        "month × segment × region, by person": Question(
            ANSWERS, by=("month", "a1", "a2"), cluster="person", points=POINTS, as_of=position
        ),
    }
    figures = []
    for name, question in asked.items():
        work = clustered_scores if question.cluster else scores
        runs = [spent(lambda q=question, work=work: work(engine, q))[0] for _ in range(6)]
        figures.append((name, runs[0], statistics.median(runs[1:])))
    return figures


def from_cube(facts: Facts, engine: Engine) -> list[tuple[str, float, float]]:
    """Return the CPU seconds of slices: the first of its kind, and the median after it."""
    asked = {
        "month": Question(ANSWERS, by=("month",)),
        "month × segment × region": Question(ANSWERS, by=("month", "a1", "a2")),
        "quarter × region, one channel": Question(
            ANSWERS, by=("quarter", "a2"), where=(In("channel", (1,)),)
        ),
        "segment × channel × unit": Question(ANSWERS, by=("a1", "channel", "unit")),
        "week × segment": Question(ANSWERS, by=("week", "a1")),
        "day": Question(ANSWERS, by=("day",)),
        "90 days by region": Question(
            ANSWERS, by=("a2",), where=(Range("day", FIRST_DAY + 300, FIRST_DAY + 389),)
        ),
        "day × region, one segment": Question(ANSWERS, by=("day", "a2"), where=(In("a1", (2,)),)),
    }
    ask(engine, [Question(ANSWERS)])  # opens the cube
    figures = []
    for name, question in asked.items():
        runs = [spent(lambda q=question: ask(engine, [q]))[0] for _ in range(12)]
        figures.append((name, runs[0], statistics.median(runs[1:])))
    return figures


def report(rows: int, pairs: int, root: Path) -> str:
    """Run everything and return it as a page's section."""
    facts = build(root, rows)
    engine = open_engine("duckdb://", facts)
    end = facts.manifest().position
    lines = [
        f"Median CPU seconds (user + system) over {rows:,} facts, two cores; the peer is the",
        "fastest of three spellings of the same sums in DuckDB's SQL over the same files.",
        "",
        f"| scores, intervals, 5,760 groups; median of {pairs} pairs | peer | product | ratio |",
        "|---|---|---|---|",
    ]
    for name, position in (
        ("as of nine tenths of the ledger", end * 9 // 10),
        ("as of its end", end),
    ):
        fastest, theirs, ours, ratio = side_by_side(facts, engine, position, pairs)
        lines.append(f"| {name} (peer: {fastest}) | {theirs:.3f} | {ours:.3f} | **{ratio:.2f}** |")
    number_clusters(facts)  # as is done whenever the warehouse is tended
    lines += ["", "| from the facts | first, CPU s | then, CPU s |", "|---|---|---|"]
    lines += [
        f"| {name} | {first:.2f} | {then:.2f} |"
        for name, first, then in from_facts(facts, engine, end)
    ]
    build_cube(facts, ["a1", "a2"])
    lines += [
        "",
        "| from the day cube | first of its kind, CPU ms | then, CPU ms |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {first * 1e3:.1f} | {then * 1e3:.1f} |"
        for name, first, then in from_cube(facts, engine)
    ]
    lines += [
        "",
        "When the warehouse is tended (nightly, and after an import) people and accounts are",
        "numbered, and the cube is rolled up by day over each column and each two of them. What",
        "came since is counted by the question itself. Beyond the bars: a first question by day",
        "over three columns or more, none of them filtered, reads the whole cube (more than 20",
        "ms), as does one by day that is weighted; clustered questions that are weighted are left",
        "to the engine. A first figure is one sample, on a machine shared with others: its first",
        "reading of a mapped roll-up or making of one by month lies between 9 and 23 ms.",
    ]
    return "\n".join(lines)


def write_section(text: str) -> None:
    """Put the section between its marks on the page of benchmarks."""
    page = PAGE.read_text() if PAGE.exists() else "# Benchmarks\n"
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n## The warehouse\n\n{BEGIN}\n{END}\n"
    head, rest = page.split(BEGIN)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        section = report(given.rows, given.pairs, Path(folder))
    print(section)
    if given.write:
        write_section(section)
