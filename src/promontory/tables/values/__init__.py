"""What a cell says: an answer on a scale, an instant, a text. One rule, one place.

Each rule exists once, for one cell (`answer`, `instant`, `weight`); the vectorised forms
(`answers`, `instants`, `weights`) apply it to the distinct cells of a column.
"""

from promontory.tables.values.answers import (
    Answer,
    Answers,
    Scale,
    ScaleReading,
    answer,
    answers,
    is_missing,
    read_scale,
    weight,
    weights,
)
from promontory.tables.values.instant_reading import InstantReading, read_instants
from promontory.tables.values.instants import Instant, InstantRule, Instants, instant, instants
from promontory.tables.values.texts import text, texts
from promontory.tables.verdicts import Counts, Finding, Verdict, shown

__all__ = [
    "Answer",
    "Answers",
    "Counts",
    "Finding",
    "Instant",
    "InstantReading",
    "InstantRule",
    "Instants",
    "Scale",
    "ScaleReading",
    "Verdict",
    "answer",
    "answers",
    "instant",
    "instants",
    "is_missing",
    "read_instants",
    "read_scale",
    "shown",
    "text",
    "texts",
    "weight",
    "weights",
]
