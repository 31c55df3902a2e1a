"""The REST API of surveys and their wording."""

from ninja import Router

from promontory.program.surveys.api.journeys import router as journeys
from promontory.program.surveys.api.surveys import router as surveys
from promontory.program.surveys.api.wording import router as wording

router = Router()
for part in (surveys, wording, journeys):
    router.add_router("", part)
