"""`python -m promontory.cli` is the `promontory` command."""

import sys

from promontory.cli import main

if __name__ == "__main__":
    sys.exit(main())
