"""The pages on the file commands tell the truth: every command and every line of Python runs."""

import re
import shlex
from pathlib import Path

import pytest

from promontory.cli import main
from promontory.tables.verdicts import Verdict

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (DOCS / "reference" / "cli-files.md", DOCS / "how-to" / "score-a-file.md")


def blocks(language):
    for page in PAGES:
        for block in re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL):
            yield pytest.param(block, id=f"{page.stem}: {block.strip().splitlines()[0]}")


@pytest.fixture(autouse=True)
def answers(tmp_path, monkeypatch):
    lines = [
        f"{n * 7 % 11},{'North' if n % 3 else 'South'},a{n % 60},2026-0{1 + n % 2}-15"
        for n in range(240)
    ]
    (tmp_path / "answers.csv").write_text("score,region,account,date\n" + "\n".join(lines) + "\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("block", list(blocks("sh")))
def test_every_command_runs(block, capsys):
    for line in block.strip().splitlines():
        program, *argv = shlex.split(line)
        assert program == "promontory"
        assert main(argv) == 0, capsys.readouterr().err
        assert capsys.readouterr().out


@pytest.mark.parametrize("block", list(blocks("python")))
def test_every_line_of_python_runs(block, capsys):
    exec(compile(block, "page", "exec"), {})
    assert "interval" in capsys.readouterr().out


def test_every_verdict_is_documented():
    page = PAGES[0].read_text()
    assert [v.slug for v in Verdict if f"`{v.slug}`" not in page] == []


def test_every_option_of_the_commands_is_documented(capsys):
    page = PAGES[0].read_text()
    for command in ("score", "compare", "explain"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        options = set(re.findall(r"(?<![\w-])--[a-z-]+", capsys.readouterr().out)) - {"--help"}
        assert {option for option in options if option not in page} == set()
