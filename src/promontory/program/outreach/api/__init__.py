"""The REST API of asking."""

from ninja import Router

from promontory.program.outreach.api.events import router as events
from promontory.program.outreach.api.policy import router as policy
from promontory.program.outreach.api.senders import router as senders
from promontory.program.outreach.api.sending import router as sending
from promontory.program.outreach.api.waves import router as waves

router = Router()
for part in (policy, waves, events, senders, sending):
    router.add_router("", part)
