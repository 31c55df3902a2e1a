"""The command line: every command is registered by the module that runs it.

Nothing heavy is imported before a command runs, so that `promontory score` never loads Django.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import promontory

OK, REFUSED, USAGE, NOTHING = 0, 1, 2, 3
_EXITS = """\
exit codes:
  0  done
  1  refused: the input or the request is wrong; the message says where and what to do
  2  the command line itself is wrong
  3  there was nothing to count
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    from promontory.cli import asking, files, server

    root = argparse.ArgumentParser(
        prog="promontory",
        description="The customer-loyalty score that finance would sign.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"promontory {promontory.__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    files.register(commands)
    server.register(commands)
    asking.register(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; refusals are printed as one sentence and end with exit code 1."""
    from promontory.errors import PromontoryError

    options = parser().parse_args(argv)
    try:
        return int(options.run(options) or OK)
    except PromontoryError as error:
        print(f"promontory: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("promontory: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough (promontory … | head).
        sys.stderr.close()
        return OK
