"""The REST API of responses: find, record, correct, exclude, import, erase."""

from ninja import Router

from promontory.program.responses.api.erasing import router as erasing
from promontory.program.responses.api.importing import router as importing
from promontory.program.responses.api.reading import router as reading
from promontory.program.responses.api.writing import router as writing

router = Router()
for part in (reading, writing, importing, erasing):
    router.add_router("", part)
