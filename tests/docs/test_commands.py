"""Every command that a page or a unit in deploy/ shows is one that the parser takes."""

import re
import shlex

import pytest

from promontory.cli import parser
from tests.docs.pages import ROOT, blocks, inline, name

RUN = ("demo", "start", "test", "cli")


def lines_of_blocks():
    for page, block in blocks("sh"):
        text = re.sub(r"^cat > .*?^END$", "", block, flags=re.DOTALL | re.MULTILINE)
        for line in text.replace("\\\n", " ").splitlines():
            yield page, line


def lines_inline():
    for page, code in inline():
        if (
            code.startswith(("promontory ", "python3 run.py "))
            and "…" not in code
            and "|" not in code
        ):
            yield page, code


def lines_of_deploy():
    for unit in sorted((ROOT / "deploy").glob("*.service")):
        for line in re.findall(r"^ExecStart=.*/(promontory .+)$", unit.read_text(), re.MULTILINE):
            yield unit, line
    compose = ROOT / "deploy" / "compose.yaml"
    for arguments in re.findall(r"command: \[(.+)\]", compose.read_text()):
        yield compose, "promontory " + arguments.replace(",", "")
    image = ROOT / "deploy" / "Containerfile"
    for arguments in re.findall(r"^CMD \[(.+)\]", image.read_text(), re.MULTILINE):
        yield image, "promontory " + arguments.replace(",", "").replace('"', "")


def ours(lines):
    """Yield (page, arguments of `promontory`) of those lines that call the product."""
    for page, line in lines:
        words = [w for w in shlex.split(line, comments=True) if not re.match(r"[A-Z_]+=", w)]
        while ">" in words:
            del words[words.index(">") :]
        if words[:1] == ["promontory"]:
            yield page, words[1:]
        if words[:2] == ["python3", "run.py"]:
            assert words[2] in RUN, f"{name(page)}: {line}"
            if words[2] != "test":
                yield page, words[3:] if words[2] == "cli" else words[2:]


def is_named(arguments, below):
    """Say whether these are the names of a command and of one below it, and nothing else."""
    for word in arguments:
        groups = [action for action in below._actions if action.nargs == "A..."]
        if not groups or word not in groups[0].choices:
            return False
        below = groups[0].choices[word]
    return True


COMMANDS = [*ours(lines_of_blocks()), *ours(lines_inline()), *ours(lines_of_deploy())]


@pytest.mark.parametrize(
    ("page", "arguments"), COMMANDS, ids=[f"{name(p)}: {' '.join(a)}" for p, a in COMMANDS]
)
def test_the_parser_takes_it(page, arguments, capsys):
    if is_named(arguments, parser()):
        return  # the text speaks of the command, and calls nothing
    try:
        parser().parse_args(arguments)
    except SystemExit as left:
        assert left.code == 0, capsys.readouterr().err


def test_there_are_commands_in_pages_and_in_deploy():
    pages = {name(page) for page, _ in COMMANDS}
    assert {"README.md", "docs/how-to/import-a-file.md", "deploy/promontory.service"} <= pages
    assert {"deploy/compose.yaml", "deploy/Containerfile"} <= pages
