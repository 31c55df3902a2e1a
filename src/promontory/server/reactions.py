"""What follows which event: the table of contents for what happens in the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promontory.program.answering import tasks as answering
from promontory.program.events import Reaction
from promontory.program.followup import tasks as followup
from promontory.program.followup.rules import owes_call
from promontory.program.outreach.events import MessageHeard
from promontory.program.responses.events import ResponseRecorded

TABLE: Mapping[type, Sequence[Reaction]] = {
    MessageHeard: (Reaction(answering.hear_message),),
    ResponseRecorded: (
        Reaction(
            followup.open_case,
            when=lambda event: owes_call(event.metric, event.score, is_test=event.is_test),
        ),
    ),
}
