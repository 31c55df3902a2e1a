"""What can be done about asking: one verb a function, keyword-only, by= and at=."""

from promontory.program.outreach.actions.dispositions import clocks_touched, dispose

__all__ = [
    "clocks_touched",
    "dispose",
]
