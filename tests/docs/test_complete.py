"""Undocumented is red: whatever is public has its place, and what is generated is up to date."""

import importlib.util
import re
import subprocess

import pytest

import promontory
from promontory.cli import parser
from promontory.program.organization.access import ROLES, Can
from tests.docs.pages import PAGES, ROOT

REFERENCE = ROOT / "docs" / "reference"
_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


def read(page):
    return (REFERENCE / page).read_text(encoding="utf-8")


def test_generated_parts_are_up_to_date():
    stale = [path.name for path, now, should in generate.pages() if now != should]
    assert stale == [], "run: python docs/generate.py"


def test_every_generated_part_is_asked_for_by_a_page():
    asked = {found[1] for page in PAGES for found in generate.BLOCK.finditer(page.read_text())}
    assert asked == set(generate.PARTS)


def test_every_public_name_of_the_library_is_documented():
    page = read("library.md")
    names = [name for name in promontory.__all__ if not name.startswith("_")]
    assert [name for name in names if f"## `{name}`" not in page] == []


def commands(below, prefix="promontory"):
    for action in below._actions:
        for name, choice in (
            (getattr(action, "choices", None) or {}).items() if action.nargs == "A..." else ()
        ):
            yield f"{prefix} {name}", choice
            yield from commands(choice, f"{prefix} {name}")


def test_every_command_is_documented():
    page = read("cli.md")
    assert [name for name, _ in commands(parser()) if f"## `{name}`\n" not in page] == []


def test_every_argument_of_every_command_says_what_it_is_for():
    silent = [
        f"{name} {action.dest}"
        for name, below in commands(parser())
        for action in below._actions
        if not action.help and action.nargs != "A..."
    ]
    assert silent == []


def test_every_variable_of_the_environment_is_documented():
    found = set()
    for folder in ("src", "tests", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ""} and path.is_file():
                found |= set(re.findall(r"\bPROMONTORY_[A-Z_]*[A-Z]\b", path.read_text()))
    page = read("settings.md")
    assert sorted(name for name in found if f"`{name}" not in page) == []


def test_every_role_and_capability_is_documented():
    page = read("roles.md")
    assert [word for word in (*ROLES, *Can) if f"`{word}`" not in page] == []


def test_the_picture_of_the_readme_is_small():
    assert (ROOT / "docs" / "images" / "overview.png").stat().st_size <= 250_000


def committed():
    """Return every text file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    if not listed:
        pytest.skip("This is no git checkout, so there is no list of what is committed.")
    for name in listed.rstrip("\0").split("\0"):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes())[:8_000]:
            yield name, content.decode("utf-8", "replace")


def test_no_file_names_a_machine_or_where_packages_come_from():
    # Put together here, so that this file does not name them either.
    folders = "|".join(["wo" + "rk", "op" + "t", "ro" + "ot", "ho" + "me/[a-z]+/(?:src|code)"])
    hosts = "|".join(
        ["(?<!emit-)index" + "-url", "pypi" + r"\.org", "python" + r"hosted\.org", "/simp" + "le/"]
    )
    forbidden = re.compile(rf"(?<![\w./~-])/(?:{folders})/|{hosts}")
    found = [f"{name}: {hit[0]}" for name, text in committed() for hit in forbidden.finditer(text)]
    assert found == []
