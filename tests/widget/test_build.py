"""The script that is shipped is small, and is what its sources build to."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.widget.stub import BUILT, ROOT

WIDGET = ROOT / "widget"
ESBUILD = WIDGET / "node_modules" / "esbuild"


def test_the_script_is_at_most_four_kilobytes_gzipped() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9, mtime=0)) <= 4096


def test_the_script_evaluates_nothing_and_sets_no_markup() -> None:
    script = BUILT.read_text(encoding="utf-8")
    forbidden = (
        "eval(",
        "Function(",
        "innerHTML",
        "outerHTML",
        "document.cookie",
        "document.write",
    )
    assert [word for word in forbidden if word in script] == []


def test_the_script_was_built_from_these_sources() -> None:
    noted = dict(
        reversed(line.split("  ")) for line in (WIDGET / "built.sha256").read_text().splitlines()
    )
    source = {f"src/{path.name}" for path in (WIDGET / "src").iterdir()}
    assert set(noted) == source | {"build.mjs", "package-lock.json", "promontory.js"}
    here = {name: WIDGET / name for name in noted} | {"promontory.js": BUILT}
    found = {name: hashlib.sha256(here[name].read_bytes()).hexdigest() for name in noted}
    assert found == noted, "run: npm run build (in widget/)"


def test_every_word_of_the_interface_is_documented() -> None:
    reference = (ROOT / "docs" / "reference" / "widget.md").read_text(encoding="utf-8")
    how_to = (ROOT / "docs" / "how-to" / "ask-in-your-app.md").read_text(encoding="utf-8")
    main = (WIDGET / "src" / "main.ts").read_text(encoding="utf-8")
    table = main[main.index("const commands") : main.index("\n};", main.index("const commands"))]
    commands = set(re.findall(r"^  (?:async )?(\w+)[(:]", table, re.MULTILINE))
    assert {"identify", "ask", "headless", "on"} < commands
    assert [name for name in sorted(commands) if f"promontory('{name}'" not in reference] == []
    looks = set(re.findall(r"--promontory-[a-z-]+", BUILT.read_text(encoding="utf-8")))
    assert [name for name in sorted(looks) if f"{name}:" not in how_to] == []


def test_a_build_gives_the_same_bytes(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not ESBUILD.is_dir():
        pytest.skip("Node or esbuild is absent: install Node and run npm ci in widget/")
    subprocess.run([node, "build.mjs", str(tmp_path / "built.js")], cwd=WIDGET, check=True)
    assert (tmp_path / "built.js").read_bytes() == BUILT.read_bytes()
