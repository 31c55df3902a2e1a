"""What can be done about asking: one verb a function, keyword-only, by= and at=."""

from promontory.program.outreach.actions.asking import ask_now
from promontory.program.outreach.actions.dispositions import clocks_touched, dispose
from promontory.program.outreach.actions.plans import (
    NewPlan,
    cancel_draw,
    make_plan,
    plan_wave,
    start_draw,
    start_dry_run,
)
from promontory.program.outreach.actions.policies import (
    end_exception,
    except_survey,
    set_policy,
)
from promontory.program.outreach.actions.touchpoints import NewHold, decide_due_events, take_event

__all__ = [
    "NewHold",
    "NewPlan",
    "ask_now",
    "cancel_draw",
    "clocks_touched",
    "decide_due_events",
    "dispose",
    "end_exception",
    "except_survey",
    "make_plan",
    "plan_wave",
    "set_policy",
    "start_draw",
    "start_dry_run",
    "take_event",
]
