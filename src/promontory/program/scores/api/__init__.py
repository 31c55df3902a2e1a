"""The REST API of scores: figures, slices, comparisons, methods, downloads; all unrounded."""

from ninja import Router

from promontory.program.scores.api.asking_rates import router as asking_rates
from promontory.program.scores.api.explore import router as explore
from promontory.program.scores.api.files import router as files
from promontory.program.scores.api.journeys import router as journeys
from promontory.program.scores.api.methods import router as methods
from promontory.program.scores.api.overview import router as overview
from promontory.program.scores.api.slices import router as slices

router = Router()
for part in (overview, explore, slices, methods, files, journeys, asking_rates):
    router.add_router("", part)
