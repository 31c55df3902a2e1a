"""The pages of imports: the list, and one import from its upload to its report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from promontory.charts.cells import csv_lines
from promontory.errors import BadInput, NotFound, Refusal
from promontory.jobs import queries as job_queries
from promontory.jobs.models import Job, State
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.responses import actions, queries
from promontory.program.responses.forms.columns import ColumnsForm
from promontory.program.responses.forms.uploading import UploadForm
from promontory.program.responses.models import Import
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.proposing import suggested
from promontory.program.responses.views import pictures, words
from promontory.program.surveys import queries as surveys

_A_PAGE = 50
_WORKING = (ImportStatus.PREVIEWING, ImportStatus.COMMITTING)
_DECLARABLE = (ImportStatus.UPLOADED, ImportStatus.PREVIEWED, ImportStatus.FAILED)


@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """Show all imports, and take a new file."""
    asking = viewer(request)
    found = queries.imports(viewer=asking)
    offered = surveys.surveys(viewer=asking)
    chosen = offered.filter(key=request.GET.get("survey", "")).first()
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        surveys=offered,
        initial={"survey": chosen.pk} if chosen else None,
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.upload(
                file, file.name, survey=form.cleaned_data["survey"], by=asking, at=now()
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("responses:import", pk=made.pk)
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before))
    shown = list(found[: _A_PAGE + 1])
    context = {
        "form": form,
        "surveys": offered,
        "imports": [(each, *words.status(each)) for each in shown[:_A_PAGE]],
        "before": before,
        "older": shown[_A_PAGE - 1].pk if len(shown) > _A_PAGE else None,
        "may_make_surveys": asking.may(Can.MANAGE_SURVEYS),
    }
    return render(request, "responses/imports.html", context, status=422 if form.errors else 200)


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import, as far as it has come."""
    source = queries.one_import(pk, viewer=viewer(request))
    if source.status == ImportStatus.UPLOADED:
        return redirect("responses:columns", pk=pk)
    if source.status in _WORKING:
        return render(request, "responses/working.html", _work(source))
    if source.status == ImportStatus.PREVIEWED:
        return render(request, "responses/preview.html", _preview(source))
    context = {
        "source": source,
        "sentence": words.ended(source),
        "report": _named(source.report),
        "feeds": any(column.get("metric") for column in source.mapping.get("columns", [])),
        "reasons": words.counted(_reasons(source.report)),
        "may_declare": source.status in _DECLARABLE and not source.rows_done,
    }
    name = "report" if source.status == ImportStatus.DONE else "ended"
    return render(request, f"responses/{name}.html", context)


@login_required
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the columns are, and have every row judged by it."""
    asking = viewer(request)
    source = queries.one_import(pk, viewer=asking)
    if source.status not in _DECLARABLE or source.rows_done:
        return redirect("responses:import", pk=pk)
    own = organization.organization()
    form = ColumnsForm(
        request.POST or None,
        proposal=source.proposal,
        start=source.mapping or suggested(source.proposal),
        is_settled=bool(source.mapping),
        surveys=surveys.surveys(viewer=asking),
        survey=source.survey_id,
        own_zone=own.zone if own else "UTC",
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_mapping(
                source, form.mapping(), survey=form.cleaned_data["survey"], by=asking, at=now()
            )
        except BadInput as refusal:
            form.refuse(refusal)
        else:
            return redirect("responses:import", pk=pk)
    context = {
        "source": source,
        "form": form,
        "size": words.size(source.size),
        "same_file": source.proposal.get("same file", []),
    }
    return render(request, "responses/columns.html", context, status=422 if form.errors else 200)


@login_required
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the progress alone; once there is none any more, have the page fetched again."""
    source = queries.one_import(pk, viewer=viewer(request))
    if source.status not in _WORKING:
        return HttpResponseClientRefresh()
    return render(request, "responses/progress.html", _work(source))


@login_required
@require_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the previewed rows written."""
    asking = viewer(request)
    source = queries.one_import(pk, viewer=asking)
    return _told(request, pk, lambda: actions.start_commit(source, by=asking, at=now()))


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End an import before it is visible."""
    asking = viewer(request)
    source = queries.one_import(pk, viewer=asking)
    return _told(request, pk, lambda: actions.cancel(source, by=asking, at=now()))


@login_required
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Give work that failed for good a fresh start."""
    asking = viewer(request)
    source = queries.one_import(pk, viewer=asking)
    return _told(request, pk, lambda: actions.retry(source, by=asking, at=now()))


@login_required
def rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the rows that were set apart, with their reasons, as CSV."""
    asking = viewer(request)
    source = queries.one_import(pk, viewer=asking)
    rows = queries.rejected_rows(source, viewer=asking)
    answer = StreamingHttpResponse(
        csv_lines(rows, mark=True), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="rejected-rows-of-import-{pk}.csv"'
    return answer


def _told(request: HttpRequest, pk: int, do: Any) -> HttpResponse:
    """Do it, and say a refusal on the import's own page."""
    try:
        do()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("responses:import", pk=pk)


def _work(source: Import) -> dict[str, Any]:
    job = _job(source)
    is_judging = source.status == ImportStatus.PREVIEWING
    done, total = source.rows_done, source.rows_total
    if is_judging:
        total = source.proposal.get("rows hint") or 0
        done = job.progress_done if job else 0
    share = min(100, 100 * done // total) if total else None
    return {
        "source": source,
        "is_judging": is_judging,
        "done": done,
        "total": None if is_judging else total,
        "share": share,
        "is_waiting": job is not None and job.state == State.READY,
        "is_dead": job is not None and job.state in (State.DEAD, State.CANCELLED),
    }


def _job(source: Import) -> Job | None:
    try:
        return job_queries.get(int(source.job or 0))
    except NotFound:
        return None


def _preview(source: Import) -> dict[str, Any]:
    found, survey = source.preview, source.survey
    declared = {column["name"]: column for column in source.mapping["columns"]}
    attributes = [
        (declared.get(name, {}).get("label") or name, name, each)
        for name, each in found["attributes"].items()
    ]
    return {
        "source": source,
        "sentence": words.sentence(found),
        "facts": words.found_in(found, is_anonymous=bool(survey and survey.promise == "anonymous")),
        "counts": _named(found["counts"]),
        "reasons": words.counted(found["reasons"]),
        "samples": words.samples(found["samples"]),
        "duplicate_rows": found["duplicate rows"][:20],
        "spreads": pictures.spreads(found, source.mapping),
        "attributes": attributes,
        "declared": [c["name"] for c in source.mapping["columns"] if c["role"] != "ignore"],
        "same_file": source.proposal.get("same file", []),
        "feeds": any(column.get("metric") for column in declared.values()),
        "can_commit": bool(found["counts"].get("good")),
    }


def _named(counts: Any) -> dict[str, Any]:
    """Return counts under names that a template can say."""
    return {name.replace(" ", "_"): count for name, count in counts.items()}


def _reasons(report: Any) -> dict[str, int]:
    start = "reason: "
    return {key[len(start) :]: n for key, n in report.items() if key.startswith(start)}
