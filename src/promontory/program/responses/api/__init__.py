"""The REST API of responses: find, record, correct, exclude, import, erase."""

from ninja import Router

from promontory.program.responses.api import reading, writing
from promontory.program.responses.api.erasing import router as erasing
from promontory.program.responses.api.importing import router as importing
from promontory.program.responses.api.routing import router as responses

__all__ = ["reading", "router", "writing"]

router = Router()
for part in (responses, importing, erasing):
    router.add_router("", part)
