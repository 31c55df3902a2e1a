"""A process that refreshes a warehouse for ever, to be killed: its folder and a seed."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from promontory.warehouse import Facts
from promontory.warehouse.clusterfile import number_clusters
from promontory.warehouse.cubefile import build_cube
from promontory.warehouse.rowset import seal_months
from promontory.warehouse.upkeep import compact, rewrite_months
from tests.warehouse.sample import Row, batch, entry


def row(position: int) -> Row:
    """Return the one row of a position: always the same."""
    return entry(
        position,
        day=20_000 + position * 7 % 90,
        answer=position % 11,
        person=position % 40,
        a1=position % 3,
        a2=position % 5,
    )


def rows(first: int, last: int) -> list[Row]:
    return [row(position) for position in range(first, last + 1)]


def refresh(facts: Facts, rng: random.Random) -> None:
    """Do one of the things a refresher does, each from wherever the warehouse stands."""
    at = facts.manifest().position
    what = rng.randrange(10)
    if what < 5:
        upto = at + rng.randrange(1, 400)
        # From a little before: what is already there must not come twice.
        facts.append([batch(rows(max(1, at - 50), upto))], upto, {upto: upto})
    elif what < 7:
        compact(facts)
    elif what == 7:
        number_clusters(facts)
        build_cube(facts, ["a1"])
    elif what == 8:
        facts.replace_all([batch(rows(1, at))] if at else [], at)
    else:
        seal_months(facts)
        rewrite_months(facts, range(1, at // 10), ["a2"])


if __name__ == "__main__":
    warehouse, dice = Facts(Path(sys.argv[1])), random.Random(int(sys.argv[2]))
    print("ready", flush=True)
    while True:
        refresh(warehouse, dice)
