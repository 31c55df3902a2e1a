"""Print how well the intervals cover, as a page: `python -m benchmarks.coverage [--write]`.

With --write the page replaces docs/reference/coverage.md. Takes about a minute of one core.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.coverage import enumeration, simulation

from promontory.measurement import CSAT, METHODS, NPS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "coverage.md"
INNER = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def percent(share: float) -> str:
    """Return a share as a percentage of one decimal."""
    return f"{100 * share:.1f} %"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines] + [""]


def one_score() -> list[str]:
    """Return the coverage of one score by method, over every sample."""
    lines = ["## One score (every sample, every whole-percent population)", ""]
    rows = []
    for n in (5, 10, 20, 25, 30, 40, 50):
        whole = enumeration.one_score(n, shares=enumeration.WHOLE_PERCENTS)
        nobody = enumeration.one_score(n, shares=enumeration.WITH_NOBODY)
        share = enumeration.one_score(n, CSAT, shares=enumeration.WITH_NOBODY)
        others = [enumeration.one_score(n, method=m).worst for m in METHODS[1:]]
        figures = [whole.worst, whole.mean, nobody.worst, *others, share.worst]
        rows.append([str(n), *map(percent, figures)])
    head = ["n", "rocks-t, worst", "mean", "worst, groups of 0.5 % or nobody too"]
    lines += table([*head, *METHODS[1:], "a share, nobody too"], rows)
    lines += [
        "The promise of 92.1 % from n = 20 holds where both ends are at least one percent; where",
        "a group is rarer it falls as low as the fourth column says. Methods other than the",
        "default, and the levels below: worst over a coarser grid with half-percent corners.",
        "",
    ]
    lines += table(
        ["level", *(f"n = {n}" for n in (5, 20, 50))],
        [
            [
                percent(level),
                *(percent(enumeration.one_score(n, level=level).worst) for n in (5, 20, 50)),
            ]
            for level in (0.9, 0.95, 0.99)
        ],
    )
    return lines


def two_scores() -> list[str]:
    """Return the coverage and false alarms of a difference."""
    lines = ["## A difference (every pair of samples)", ""]
    rows = []
    for before, after in ((5, 5), (10, 10), (10, 20), (10, 30), (20, 20), (20, 40)):
        inner = enumeration.difference(before, after, shares=INNER)
        corners = enumeration.difference(before, after)
        share = enumeration.difference(before, after, CSAT)
        figures = [inner.worst, corners.worst, corners.type_one, share.worst, share.type_one]
        rows.append([f"{before} v {after}", *map(percent, figures)])
    head = ["n", "worst, groups of 5 % and more", "worst, corners too", "type I"]
    lines += table([*head, "a share, worst", "a share, type I"], rows)
    return lines


def simulated() -> list[str]:
    """Return the coverage of what cannot be enumerated."""
    lines = ["## Weights, accounts, means (simulated, 4,000 runs each: ± 0.7)", ""]
    rows = [
        [
            str(n),
            *(
                percent(
                    min(simulation.weighted(n, s, m, runs=4000, seed=n) for m in simulation.MIXES)
                )
                for s in (0.3, 0.6, 1.0)
            ),
        ]
        for n in (20, 50, 200)
    ]
    lines += table(["n", "weights, σ 0.3", "σ 0.6", "σ 1.0"], rows)
    rows = [
        [str(g), *(percent(simulation.accounts(g, 5, a, runs=4000, seed=g)) for a in (0, 0.1, 0.4))]
        for g in (8, 15, 30, 100)
    ]
    lines += table(["accounts", "ICC 0", "ICC 0.1", "ICC 0.4"], rows)
    rows = [
        [str(n), percent(simulation.means(n, runs=4000, seed=n, populations=40))]
        for n in (5, 10, 20, 50, 200)
    ]
    return lines + table(["n", "mean of 1–7, worst of 40 populations"], rows)


def main(arguments: list[str]) -> int:
    """Print the page, and keep it if asked."""
    lines = [
        "# How often the intervals hold what they promise",
        "",
        "Nominal 95 % unless said. Made by `python -m benchmarks.coverage --write`; the tests in",
        "`tests/measurement/test_coverage.py` hold the floors. Corners: half a percent of a group.",
        f"Metric: {NPS.name} unless said.",
        "",
        *one_score(),
        *two_scores(),
        *simulated(),
    ]
    page = "\n".join(lines).rstrip() + "\n"
    print(page)
    if "--write" in arguments:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
