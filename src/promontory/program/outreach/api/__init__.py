"""The REST API of asking."""

from ninja import Router

from promontory.program.outreach.api.senders import router as senders
from promontory.program.outreach.api.sending import router as sending

router = Router()
for part in (senders, sending):
    router.add_router("", part)
