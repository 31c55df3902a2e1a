"""What follows which event: the table of contents for what happens in the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promontory.program.events import Reaction

TABLE: Mapping[type, Sequence[Reaction]] = {}
