"""Anything with answers in it, read as columns: open, recognise, judge.

open(source)                 a file or data in memory → Table: columns, streamed batches
recognise(columns, sample)   which column is the score, the person, the date; what to ask
values                       what a cell says: an answer, an instant, or why neither
"""

from promontory.tables import values
from promontory.tables.opening import columns_named
from promontory.tables.opening import open_table as open
from promontory.tables.recognition import Question, Recognition, Taken, recognise
from promontory.tables.table import PROBLEM, RAW, ROW, Table
from promontory.tables.verdicts import Counts, Finding, Verdict

__all__ = [
    "PROBLEM",
    "RAW",
    "ROW",
    "Counts",
    "Finding",
    "Question",
    "Recognition",
    "Table",
    "Taken",
    "Verdict",
    "columns_named",
    "open",
    "recognise",
    "values",
]
