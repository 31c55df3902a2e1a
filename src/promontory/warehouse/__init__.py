"""The warehouse: signed rows in Parquet months, and the questions that count them.

A projection of the ledger that may be thrown away: `rebuild` makes it again. Nothing here
knows the program, a metric or a formula; integers go in, integers come out.

    facts = Facts(home / "warehouse")
    with facts.refresher() as refresher:
        refresher.append(batches, position=120, day_ends={19787: 120})
    engine = open_engine("duckdb://", facts)
    [cells] = ask(engine, [Question(answers=range(11), by=("month", attribute(3)))])
    tallied = cells.pivot()

`schema` names the columns, `facts` writes them, `engine` runs a query over them, `counts` asks,
`cube` answers at once what is asked most, `rowset` puts a seal on what is there.
"""

from promontory.warehouse.counts import ask
from promontory.warehouse.engine import Engine, open_engine
from promontory.warehouse.facts import Facts
from promontory.warehouse.question import Cells, ClusteredCells, Periods, Question
from promontory.warehouse.scan import Clear, In, Range
from promontory.warehouse.schema import attribute, facts_schema

__all__ = [
    "Cells",
    "Clear",
    "ClusteredCells",
    "Engine",
    "Facts",
    "In",
    "Periods",
    "Question",
    "Range",
    "ask",
    "attribute",
    "facts_schema",
    "open_engine",
]
