"""The warehouse: signed rows in Parquet months, and the questions that count them.

A projection of the ledger that may be thrown away: `rebuild` makes it again. Nothing here
knows the program, a metric or a formula; integers go in, integers come out.

    facts = Facts(home / "warehouse")
    facts.append(batches, position=120, day_ends={19787: 120})
    engine = open_engine("duckdb://", facts)
    [cells] = ask(engine, [Question(answers=tuple(range(11)), by=("month", attribute(3)))])
    groups, counts = cells.pivot()

`schema` names the columns, `facts` writes them, `upkeep` merges and erases, `engine` runs a query
over them, `counts` asks, `cube` answers at once what is asked most, `clusters` counts people and
accounts (`clusterfile` numbers them), `rowset` puts a seal on what is there, `rebuild` makes it all
again.
"""

from promontory.warehouse.clusterfile import number_clusters
from promontory.warehouse.counts import ask
from promontory.warehouse.cubefile import build_cube
from promontory.warehouse.engine import Engine, open_engine
from promontory.warehouse.facts import Facts
from promontory.warehouse.question import Cells, ClusteredCells, Periods, Question
from promontory.warehouse.rebuild import rebuild
from promontory.warehouse.rowset import row_set_hash, seal_months
from promontory.warehouse.scan import Clear, In, Range
from promontory.warehouse.schema import attribute, facts_schema
from promontory.warehouse.upkeep import compact, rewrite_months

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
    "build_cube",
    "compact",
    "facts_schema",
    "number_clusters",
    "open_engine",
    "rebuild",
    "rewrite_months",
    "row_set_hash",
    "seal_months",
]
