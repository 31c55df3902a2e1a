"""Downloads: a view's cells as CSV, XLSX or JSON, and the pages' pictures; gated like the pages."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from promontory.charts import render as drawing
from promontory.errors import BadInput
from promontory.program.organization.access import Can
from promontory.program.organization.doors import answers, now, viewer
from promontory.program.scores import downloads, exports
from promontory.program.scores.api.asking import ASKED, view_of
from promontory.program.scores.queries.explore import Exploration, explore

router = Router(tags=["downloads"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURES = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=utf-8"}


class CellsOut(Schema):
    """The cells of a view as a table: the total first, what is withheld without a number."""

    columns: list[str]
    rows: list[list[str | int | float | None]]
    view: str


def _file(kind: str) -> dict[str, object]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {**ASKED, "responses": {200: {"description": "The file", "content": content}}}


def _found(request: HttpRequest) -> Exploration:
    asking = viewer(request)
    asking.must(Can.EXPORT)
    return explore(asking, view_of(request), at=now())


def _sent(content: str | bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@router.get(
    "/exports/cells.json", response=answers(CellsOut), summary="Cells as JSON", openapi_extra=ASKED
)
def export_cells_json(request: HttpRequest) -> CellsOut:
    found = _found(request)
    header, rows = exports.table(found)
    source = found.source
    pinned = found.view.but(at=source.position, method=source.method.number)
    return CellsOut(columns=list(header), rows=[list(row) for row in rows], view=pinned.query)


@router.get("/exports/cells.csv", summary="Cells as CSV", openapi_extra=_file("text/csv"))
def export_cells_csv(request: HttpRequest) -> HttpResponse:
    found = _found(request)
    name = f"scores-{found.source.survey.key}.csv"
    return _sent(exports.as_csv(found), name, "text/csv; charset=utf-8")


@router.get("/exports/cells.xlsx", summary="Cells as a workbook", openapi_extra=_file(XLSX))
def export_cells_xlsx(request: HttpRequest) -> HttpResponse:
    found = _found(request)
    return _sent(exports.as_xlsx(found), f"scores-{found.source.survey.key}.xlsx", XLSX)


@router.get(
    "/pictures/{where}/{name}",
    summary="A picture of a page",
    openapi_extra={
        **ASKED,
        "responses": {
            200: {
                "description": "The picture, or with `kind=csv` its rows",
                "content": {
                    kind.split(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                    for kind in PICTURES.values()
                },
            }
        },
    },
)
def get_picture(
    request: HttpRequest,
    where: Literal["overview", "explore"],
    name: Literal["trend", "distribution", "mix", "segments", "comparison"],
    kind: Literal["svg", "png", "csv"] = "svg",
) -> HttpResponse:
    """Return one picture of the overview or of Explore, for the same view as there."""
    view = view_of(request)
    if where == "overview" and view.dimensions:
        raise BadInput("The overview is of everybody.", remedy="Take the picture from explore.")
    chart = downloads.picture(where, name, viewer(request), view, at=now())
    if kind == "png":
        return _sent(drawing.png(chart), f"{where}-{name}.png", PICTURES[kind])
    content = drawing.svg(chart) if kind == "svg" else drawing.csv(chart)
    return _sent(content, f"{where}-{name}.{kind}", PICTURES[kind])
