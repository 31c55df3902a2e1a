"""The rules of the house that a reader cannot be trusted to keep in mind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "promontory"
CONTEXTS = (
    "ledger", "organization", "customers", "surveys", "outreach", "responses", "scores",
    "answering", "followup",
)  # fmt: skip
LAYERS = {
    # What a context is made of, from the ground up; a module may import those before it.
    "access": 0, "codes": 0, "tokens": 0, "events": 0, "rules": 0,
    "models": 1,
    "queries": 2,
    "actions": 3,
    "checks": 4, "forms": 4, "doors": 4,
    "views": 5, "api": 5, "tasks": 5, "panels": 5,
    "urls": 6,
    "apps": 7,
}  # fmt: skip
DOORS = {"views", "api", "tasks", "panels"}
FILLED_FROM_ABOVE = "promontory.program.customers.panels"
"""No door, but the registry of what the contexts above show on a customer's page."""


def modules(folder: Path = SOURCE) -> Iterator[Path]:
    yield from sorted(p for p in folder.rglob("*.py") if "migrations" not in p.parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def room(path: Path, context: Path) -> str:
    return path.relative_to(context).parts[0].removesuffix(".py")


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_imports_its_own_rooms_downward(name: str) -> None:
    context = SOURCE / "program" / name
    wrong = []
    for path in modules(context):
        mine = LAYERS.get(room(path, context))
        if mine is None:
            continue
        for imported in imports(path):
            parts = imported.split(".")
            if parts[:3] == ["promontory", "program", name] and len(parts) > 3:
                theirs = LAYERS.get(parts[3], 0)
                if theirs > mine:
                    wrong.append(f"{path.relative_to(SOURCE)} imports {imported}")
    assert wrong == []


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_never_imports_anothers_rules_forms_or_doors(name: str) -> None:
    context = SOURCE / "program" / name
    wrong = []
    for path in modules(context):
        for imported in imports(path):
            parts = imported.split(".")
            if parts[:2] != ["promontory", "program"] or len(parts) < 4 or parts[2] == name:
                continue
            if imported.startswith(FILLED_FROM_ABOVE):
                continue
            if parts[3] in {"forms", "urls"} | DOORS or (
                parts[3] == "rules" and parts[2] != "ledger"
            ):
                wrong.append(f"{path.relative_to(SOURCE)} imports {imported}")
    assert wrong == []


def test_rules_are_pure() -> None:
    wrong = []
    for name in CONTEXTS:
        context = SOURCE / "program" / name
        for path in modules(context):
            if room(path, context) in {"rules", "access", "codes"}:
                wrong += [f"{path}: {i}" for i in imports(path) if i.split(".")[0] == "django"]
    assert wrong == []


def test_nobody_below_a_door_reads_the_clock() -> None:
    clock = re.compile(r"timezone\.now\(|datetime\.now\(|date\.today\(|datetime\.utcnow\(")
    wrong = []
    for folder in ("program", "measurement", "warehouse", "charts", "tables", "library"):
        for path in modules(SOURCE / folder):
            parts = set(path.relative_to(SOURCE).with_suffix("").parts)
            if parts & (DOORS | {"doors"}):
                continue
            wrong += [
                f"{path.relative_to(SOURCE)}:{number}"
                for number, line in enumerate(path.read_text().splitlines(), 1)
                if clock.search(line)
            ]
    assert wrong == []


def test_only_actions_write() -> None:
    writes = re.compile(
        r"\.objects\.(create|bulk_create|get_or_create|update_or_create)\(|\.save\("
    )
    wrong = []
    for name in CONTEXTS:
        context = SOURCE / "program" / name
        for path in modules(context):
            if room(path, context) in {"queries", "rules", "views", "api", "tasks", "forms"}:
                wrong += [
                    str(path) for line in path.read_text().splitlines() if writes.search(line)
                ]
    assert wrong == []


def test_every_action_says_by_and_at() -> None:
    wrong = []
    for name in ("organization", "surveys", "responses", "scores"):
        actions = SOURCE / "program" / name / "actions"
        entry = actions / "__init__.py" if actions.is_dir() else actions.with_suffix(".py")
        public = _public(entry)
        for path in modules(actions) if actions.is_dir() else [entry]:
            for node in ast.parse(path.read_text()).body:
                if not isinstance(node, ast.FunctionDef) or node.name not in public:
                    continue
                keywords = {argument.arg for argument in node.args.kwonlyargs}
                is_job = not keywords & {"by"} and node.name in UNATTENDED
                if not is_job and not {"by", "at"} <= keywords:
                    wrong.append(f"{name}.{node.name}")
    assert wrong == []


UNATTENDED = {
    *("preview", "commit", "sweep", "refresh_warehouse", "rebuild_warehouse", "tend_warehouse"),
    *("forget_in_warehouse", "try_to_sign_in", "signed_in", "welcome_token"),
}
"""What happens by itself or before anybody is known: a job, or somebody at the door."""


def _public(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return {str(name) for name in ast.literal_eval(node.value)}
    return {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"}


def test_there_are_no_django_signals() -> None:
    assert [str(p) for p in modules() if "django.dispatch" in p.read_text()] == []


def test_nothing_is_left_for_later() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b")
    found = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if unfinished.search(line)
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(SOURCE))
        for path in modules()
        if path.stat().st_size > 0
        and path.name not in {"apps.py", "__main__.py"}
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_the_locks_carry_hashes_and_no_address() -> None:
    for lock in (SOURCE.parents[1]).glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert block.startswith("#") or "--hash=sha256:" in block, block[:80]
