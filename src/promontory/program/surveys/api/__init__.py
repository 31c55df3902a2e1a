"""The REST API of surveys and their wording."""

from ninja import Router

from promontory.program.surveys.api.surveys import router as surveys

router = Router()
for part in (surveys,):
    router.add_router("", part)
