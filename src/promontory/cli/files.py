"""The commands that need only a file: score, compare, explain, plan."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promontory.library import Options

_READS = (
    "Reads CSV, TSV, XLSX, XLS, ODS, Parquet, Arrow, JSONL and JSON, by content and not by name."
)
_COLUMNS = "Columns are recognised by name and content; what was taken for what is printed."
_METRICS = "nps (0–10), csat (1–5), ces (1–7), yes_no (0–1), rating (1–5), mean (with --scale)"
NOTHING = 3
# A bar is worth its line only on a file that takes longer than a moment.
_LONG_FILE_BYTES = 20_000_000


def register(subparsers: Any) -> None:
    """Add these commands to the command line."""
    score = _command(subparsers, "score", "a file's score, with its interval and by group")
    score.add_argument("file", metavar="FILE", help="the file of answers")
    score.add_argument(
        "--by", action="append", default=[], metavar="COLUMN",
        help="group by this column; may be repeated. Also day, month, quarter, year of the answer",
    )  # fmt: skip
    score.add_argument("--method", default="rocks-t", choices=_METHODS, help="the interval")
    score.add_argument("--population", type=int, help="apply the finite-population correction")
    score.add_argument(
        "--period", help="count this period only: 2026, 2026-Q1, 2026-03, 2026-01..2026-03"
    )
    _reading(score)
    score.set_defaults(run=run_score)

    compare = _command(subparsers, "compare", "is the difference real?")
    compare.add_argument("files", metavar="FILE", nargs="+", help="two files, or one")
    compare.add_argument("--by", metavar="COLUMN", help="compare the groups of one file")
    _periods(compare)
    _reading(compare)
    compare.set_defaults(run=run_compare)

    explain = _command(
        subparsers, "explain", "why did the score move: within segments or by the mix?"
    )
    explain.add_argument("files", metavar="FILE", nargs="+", help="two files, or one with periods")
    explain.add_argument(
        "--by", action="append", required=True, metavar="COLUMN", help="the segments; repeatable"
    )
    _periods(explain)
    _reading(explain)
    explain.set_defaults(run=run_explain)

    plan = _command(subparsers, "plan", "how many answers are needed?")
    plan.add_argument("file", metavar="FILE", nargs="?", help="typical answers, for their spread")
    aim = plan.add_mutually_exclusive_group(required=True)
    aim.add_argument("--half-width", type=float, metavar="POINTS", help="an interval of ± so much")
    aim.add_argument("--detect", type=float, metavar="POINTS", help="find a change of so much")
    aim.add_argument("--answers", type=int, metavar="N", help="what would N answers a group show?")
    plan.add_argument("--power", type=float, default=0.8, help="probability of finding it (0.8)")
    plan.add_argument("--design-effect", type=float, default=1.0, help="for weights and clusters")
    plan.add_argument("--population", type=int, help="apply the finite-population correction")
    plan.add_argument("--response-rate", type=float, help="adds the invitations (0.2 for 20 %%)")
    plan.add_argument("--metric", default="nps", help=_METRICS)
    plan.add_argument("--level", type=float, default=0.95, help="confidence level (0.95)")
    plan.add_argument("--json", action="store_true", help="print plain values as JSON")
    plan.set_defaults(run=run_plan)


_METHODS = ("rocks-t", "rocks", "score", "jeffreys")


def _command(subparsers: Any, name: str, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=about, description=f"{about[0].upper()}{about[1:]}. {_READS} {_COLUMNS}",
        epilog="exit codes: 0 done, 1 refused with the remedy, 2 wrong usage, 3 nothing to count",
    )  # fmt: skip
    return parser


def _periods(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--before", metavar="PERIOD", help="the earlier period of one file: 2026-01"
    )
    parser.add_argument(
        "--after", metavar="PERIOD", help="the later period of one file, such as 2026-02"
    )


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metric", default="nps", help=_METRICS)
    parser.add_argument("--score-column", metavar="COLUMN", help="the column of the answers")
    parser.add_argument(
        "--column", action="append", default=[], metavar="ROLE=COLUMN",
        help="say what a column is: score, at (answered at), person, account, comment …",
    )  # fmt: skip
    parser.add_argument("--cluster", metavar="COLUMN", help="whose answers depend on each other")
    parser.add_argument(
        "--weights", metavar="COLUMN", help="how many customers an answer stands for"
    )
    parser.add_argument(
        "--scale", metavar="LOW-HIGH", help="the scale that was asked, such as 0-10"
    )
    parser.add_argument(
        "--where", action="append", default=[], metavar="COLUMN=VALUE",
        help="count only these rows: region=North,South or channel!=phone; may be repeated",
    )  # fmt: skip
    parser.add_argument("--zone", help="the clock of times that name none, such as Europe/Paris")
    parser.add_argument("--dates", choices=("dmy", "mdy", "ymd"), help="the order in dates")
    parser.add_argument("--numbers", choices=("excel", "epoch-s", "epoch-ms"),
                        help="what dates written as bare numbers count")  # fmt: skip
    parser.add_argument("--sheet", help="the sheet of a workbook, by name or number")
    parser.add_argument("--encoding", help="the encoding of a text file, such as cp1252")
    parser.add_argument("--delimiter", help="what separates the cells of a text file")
    parser.add_argument("--level", type=float, default=0.95, help="confidence level (0.95)")
    parser.add_argument(
        "--strict", action="store_true", help="refuse the file if any row cannot be counted"
    )
    parser.add_argument("--json", action="store_true", help="print plain values as JSON")


def run_score(args: argparse.Namespace) -> int:
    """Score a file."""
    from promontory.library import score

    result = score(
        args.file, by=args.by or None, weights=args.weights, cluster=args.cluster,
        metric=args.metric, level=args.level, method=args.method, population=args.population,
        options=_options(args, args.period),
    )  # fmt: skip
    _print(result, args.json)
    return NOTHING if result.estimate.empty else 0


def run_compare(args: argparse.Namespace) -> int:
    """Compare two files, two periods, or the groups of a file."""
    from promontory.library import compare

    first, second = _two(args.files)
    result = compare(
        first, second, by=args.by, before=args.before, after=args.after, weights=args.weights,
        cluster=args.cluster, metric=args.metric, level=args.level, options=_options(args),
    )  # fmt: skip
    _print(result, args.json)
    return NOTHING if any(estimate.empty for estimate in result.scores.values()) else 0


def run_explain(args: argparse.Namespace) -> int:
    """Explain a change between two files or two periods."""
    from promontory.library import explain_change

    first, second = _two(args.files)
    periods = (args.before, args.after) if args.before and args.after else None
    result = explain_change(
        first, second, by=args.by, periods=periods, weights=args.weights, cluster=args.cluster,
        metric=args.metric, level=args.level, options=_options(args),
    )  # fmt: skip
    _print(result, args.json)
    return 0


def run_plan(args: argparse.Namespace) -> int:
    """Plan a number of answers."""
    from promontory.library import plan

    result = plan(
        half_width=args.half_width, detect=args.detect, answers=args.answers, expected=args.file,
        metric=args.metric, level=args.level, power=args.power, design_effect=args.design_effect,
        population=args.population, response_rate=args.response_rate,
    )  # fmt: skip
    _print(result, args.json)
    return 0


def _two(files: list[str]) -> tuple[str, str | None]:
    from promontory.errors import BadInput

    if len(files) > 2:
        raise BadInput("More than two files were given.", remedy="Compare two at a time.")
    return files[0], files[1] if len(files) == 2 else None


def _options(args: argparse.Namespace, period: str | None = None) -> Options:
    from promontory.errors import BadInput
    from promontory.library import Options
    from promontory.library.periods import parse
    from promontory.library.request import parse_where
    from promontory.tables.values import Scale

    columns = {}
    for text in args.column:
        role, equals, name = text.partition("=")
        if not equals:
            raise BadInput(f"“{text}” names no column.", remedy="Write it as score=NAME.")
        columns[role.strip()] = name.strip()
    if args.score_column:
        columns["score"] = args.score_column
    try:
        scale = Scale.parse(args.scale) if args.scale else None
    except ValueError as error:
        raise BadInput(str(error)) from error
    return Options(
        columns=columns, scale=scale, zone=args.zone, order=args.dates, numbers=args.numbers,
        where=parse_where(args.where), period=parse(period) if period else None,
        encoding=args.encoding, delimiter=_delimiter(args.delimiter), sheet=args.sheet,
        errors="refuse" if args.strict else "count", progress=_progress(),
    )  # fmt: skip


def _delimiter(text: str | None) -> str | None:
    from promontory.errors import BadInput

    if text is None:
        return None
    found = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(found) != 1:
        raise BadInput(f"“{text}” is no delimiter.", remedy="Give one character, or “tab”.")
    return found


def _progress() -> Any:
    """A bar on the error stream for long files, if somebody watches."""
    from promontory.cli.progress import bar

    if not sys.stderr.isatty():
        return None
    draw = bar("Reading")

    def report(done: int, total: int | None) -> None:
        if (total or done) >= _LONG_FILE_BYTES:
            draw(done, total or 0, "")

    return report


def _print(result: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print(result)
