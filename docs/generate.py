"""Writes the parts of the reference that the code itself knows: `python docs/generate.py`.

A page holds such a part between two comments, `<!-- generated: NAME -->` and `<!-- end -->`; what
stands between them is replaced, the rest of the page is left alone. With `--check` nothing is
written, and the exit code is 1 if a page is out of date.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
BLOCK = re.compile(r"<!-- generated: ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)
PARTS: dict[str, Callable[[], str]] = {}


def part(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Enter the maker of a part under the name by which pages ask for it."""

    def enter(make: Callable[[], str]) -> Callable[[], str]:
        PARTS[name] = make
        return make

    return enter


def pages(names: Mapping[str, Callable[[], str]] = PARTS) -> Iterator[tuple[Path, str, str]]:
    """Yield every page that asks for parts: its path, its text now, and what it should be."""
    for path in sorted(DOCS.rglob("*.md")):
        now = path.read_text(encoding="utf-8")
        should = BLOCK.sub(
            lambda found: f"<!-- generated: {found[1]} -->\n{names[found[1]]()}\n<!-- end -->", now
        )
        if BLOCK.search(now):
            yield path, now, should


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


@part("pages")
def all_pages() -> str:
    kinds = {
        "tutorial": "Learn",
        "how-to": "Do",
        "reference": "Look up",
        "explanation": "Understand",
    }
    lines = []
    for kind, heading in kinds.items():
        found = sorted((_title(path).casefold(), path) for path in (DOCS / kind).glob("*.md"))
        lines += [f"## {heading}", ""]
        lines += [f"- [{_title(path)}]({kind}/{path.name})" for _, path in found]
        lines += [""]
    return "\n".join(lines).strip()


def _title(page: Path) -> str:
    heads = (line for line in page.read_text(encoding="utf-8").splitlines() if line[:2] == "# ")
    return next(heads).removeprefix("# ").strip()


@part("commands")
def commands() -> str:
    from promontory.cli import parser

    return "\n\n".join(_commands(parser()))


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, below in action.choices.items():
                yield f"## `{below.prog}`\n\n{_sentence(helps[name])}"
                if rows := list(_options(below)):
                    yield table(("argument", "meaning"), rows)
                yield from _commands(below)


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        names = ", ".join(action.option_strings)
        value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
        said = (action.help or "").replace("%%", "%")
        if action.choices:
            said += f" ({', '.join(map(str, action.choices))})"
        yield f"`{f'{names} {value}'.strip()}`", said


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(("?", ".")) else f"{text}."


@part("settings")
def settings() -> str:
    text = (DOCS.parent / "src" / "promontory" / "server" / "settings.py").read_text()
    told = re.findall(r"^    (PROMONTORY_[A-Z_]+) +(.+)$", text, re.MULTILINE)
    return table(("variable", "meaning"), ((f"`{name}`", said) for name, said in told))


@part("metrics")
def metrics() -> str:
    from promontory.measurement import metrics as known

    def span(answers: Sequence[int]) -> str:
        return str(answers[0]) if len(answers) == 1 else f"{answers[0]}–{answers[-1]}"

    def groups(metric: Any) -> str:
        return ", ".join(f"{group.name} ({span(group.answers)})" for group in metric.groups)

    def points(metric: Any) -> str:
        if all(answer == worth for answer, worth in metric.points.items()):
            return "the answer itself"
        of = {
            level: [a for a in metric.answers if metric.points[a] == level]
            for level in metric.levels
        }
        return "; ".join(f"{span(answers)}: {level}" for level, answers in of.items()).replace(
            "-", "−"
        )

    rows = (
        (
            f"`{m.key}`", m.name, "{}–{}".format(*m.scale), points(m), groups(m),
            "{} to {}".format(*m.bounds).replace("-", "−"), str(m.code),
        )
        for m in known.registry.values()
    )  # fmt: skip
    head = ("key", "name", "scale", "points of an answer", "groups", "score lies in", "code")
    return table(head, rows)


@part("library")
def library() -> str:
    import promontory

    return "\n\n".join(_documented(promontory, [n for n in promontory.__all__ if n[0] != "_"]))


@part("measurement")
def measurement() -> str:
    from promontory import measurement

    parts = [n for n in measurement.__all__ if callable(getattr(measurement, n))]
    rows = ((f"`{name}`", _first(getattr(measurement, name))) for name in parts)
    return table(("name", "what it is"), rows)


def _documented(module: Any, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        thing = getattr(module, name)
        text = inspect.cleandoc(thing.__doc__ or "")
        text = re.sub(
            r"((?:^>>>.*\n?(?:^(?!>>>|\s*$).*\n?)*)+)", r"```pycon\n\1\n```", text, flags=re.M
        )
        if inspect.isfunction(thing):
            text = f"```text\n{name}{_signature(thing)}\n```\n\n{text}"
        elif name == "Options":
            text += f"\n\n```text\n{name}{_signature(thing)}\n```"
        yield f"## `{name}`\n\n{text}"


def _signature(thing: Any) -> str:
    """Return the signature, an argument a line, with the types as they are written."""
    lines, keyword = [], False
    signature = inspect.signature(thing)
    for name, argument in signature.parameters.items():
        if argument.kind is argument.KEYWORD_ONLY and not keyword:
            keyword = True
            lines.append("*")
        annotation = str(argument.annotation).replace("typing.", "")
        has_default = argument.default is not argument.empty
        default = repr(argument.default) if has_default else ""
        default = "{}" if default == "<factory>" else default
        lines.append(f"{name}: {annotation}" + (f" = {default}" if has_default else ""))
    returned = "" if inspect.isclass(thing) else f" -> {signature.return_annotation}"
    return "(\n" + "".join(f"    {line},\n" for line in lines) + f"){returned}"


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


@part("verdicts")
def verdicts() -> str:
    from promontory.tables.verdicts import Verdict

    return table(
        ("verdict", "the cell or row", "remedy", "what happens"),
        (
            (f"`{v.slug}`", v.sentence, v.remedy, "set apart" if v.refused else _taken(v.slug))
            for v in Verdict
        ),
    )


def _taken(slug: str) -> str:
    return {"ok": "counted", "skipped": "no answer, counted as skipped"}.get(slug, "passed over")


@part("import-reasons")
def import_reasons() -> str:
    from promontory.program.responses.rules.judging import SENTENCES

    rows = ((f"`{slug}`", sentence, remedy) for slug, (sentence, remedy) in SENTENCES.items())
    return table(("reason", "the row", "remedy"), rows)


@part("exclusions")
def exclusions() -> str:
    from promontory.program.responses.codes import Excluded

    rows = ((str(bit.value), f"`{(bit.name or '').lower()}`") for bit in Excluded)
    return table(("bit", "reason"), rows)


@part("roles")
def roles() -> str:
    from promontory.program.organization.access import ROLES, Can

    head = ("capability", *(f"{label} (`{key}`)" for key, (label, _) in ROLES.items()))
    rows = (
        (f"`{can}`", *("yes" if can in held else "" for _, held in ROLES.values())) for can in Can
    )
    return table(head, rows)


@part("entry-kinds")
def entry_kinds() -> str:
    from promontory.program.ledger.rules import Kind

    return table(
        ("kind", "records"), ((str(k.value), k.name.replace("_", " ").lower()) for k in Kind)
    )


@part("facts-columns")
def facts_columns() -> str:
    from promontory.warehouse import schema

    rows = re.findall(r"^(\| .+ \|)$", inspect.getdoc(schema) or "", re.MULTILINE)
    head, *rest = (line for line in rows if not set(line) <= set("| -"))
    return "\n".join([head, "| --- | --- | --- |", *rest])


@part("codes")
def codes() -> str:
    from promontory.program.surveys.codes import CHANNELS, METRIC_CODES

    def listed(known: Mapping[str, int]) -> str:
        return ", ".join(f"{code} `{name}`" for name, code in known.items())

    return f"Metric: 0 kept raw, {listed(METRIC_CODES)}.\n\nChannel: {listed(CHANNELS)}."


@part("charts")
def charts() -> str:
    from promontory import charts as known

    rows = ((f"`{kind}`", _first(make)) for kind, make in known.kinds.items())
    return table(("kind", "what it draws"), rows)


def main() -> int:
    """Write (or with --check only compare) every page, and return the exit code."""
    stale = [(path, should) for path, now, should in pages() if now != should]
    for path, should in stale:
        print(path.relative_to(DOCS.parent))
        if "--check" not in sys.argv:
            path.write_text(should, encoding="utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
