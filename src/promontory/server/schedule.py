"""What happens on the clock: the table of contents for times."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from promontory.jobs.schedule import Daily, Entry, Every
from promontory.jobs.tasks import forget_finished_jobs
from promontory.program.answering.tasks import forget_talks, settle_intake
from promontory.program.outreach.tasks import close_due, decide_due_events, remind_due, send_due
from promontory.program.responses.tasks import refresh_warehouse, tend_warehouse
from promontory.server.tasks import sign_head

UTC = ZoneInfo("UTC")

ENTRIES = (
    # Answers that come in one by one enqueue nothing themselves: the clock gathers them.
    Entry("refresh the warehouse", refresh_warehouse, Every(timedelta(minutes=1))),
    # The desk settles at once; this is for when no desk runs.
    Entry("settle the intake", settle_intake, Every(timedelta(minutes=1))),
    Entry("decide on events", decide_due_events, Every(timedelta(minutes=1))),
    Entry("send what is due", send_due, Every(timedelta(minutes=1))),
    Entry("remind whom it is due", remind_due, Every(timedelta(minutes=1))),
    Entry("close what is due", close_due, Every(timedelta(minutes=1))),
    Entry("forget nameless talks", forget_talks, Every(timedelta(hours=1))),
    Entry("tend the warehouse", tend_warehouse, Daily(time(2, 30), UTC)),
    Entry("sign the head", sign_head, Daily(time(0, 10), UTC)),
    Entry("forget finished jobs", forget_finished_jobs, Daily(time(3, 0), UTC)),
)
