"""Files of customers: the list, and one file from its upload to its report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from promontory.charts.cells import csv_lines
from promontory.errors import BadInput, NotFound, Refusal
from promontory.jobs import queries as job_queries
from promontory.jobs.models import Job, State
from promontory.program.customers import actions, queries, words
from promontory.program.customers.codes import IMPORT_KINDS, ImportStatus
from promontory.program.customers.downloads import original
from promontory.program.customers.forms.columns import ColumnsForm, UploadForm
from promontory.program.customers.models import ContactImport
from promontory.program.customers.rules.proposing import suggested
from promontory.program.customers.views.common import own_zone
from promontory.program.organization import queries as organization
from promontory.program.organization.doors import now, viewer

_A_PAGE = 50
_WORKING = (ImportStatus.PREVIEWING, ImportStatus.COMMITTING)
_DECLARABLE = (ImportStatus.UPLOADED, ImportStatus.PREVIEWED, ImportStatus.FAILED)


@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """Show all files of customers, and take a new one."""
    asking = viewer(request)
    found = queries.imports(viewer=asking)
    kind = request.GET.get("kind", "contacts")
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": kind})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.upload(
                file, file.name, kind=form.cleaned_data["kind"], by=asking, at=now()
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("customers:import", pk=made.pk)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    who = organization.names({each.by for each in page.object_list})
    context = {
        "form": form,
        "page": page,
        "imports": [
            (
                each,
                IMPORT_KINDS[each.kind],
                *words.STATUS[ImportStatus(each.status)],
                each.report.get("set apart", 0),
                who[each.by],
            )
            for each in page.object_list
        ],
    }
    return render(request, "customers/imports.html", context, status=422 if form.errors else 200)


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import, as far as it has come."""
    source = queries.one_import(pk, viewer=viewer(request))
    if source.status == ImportStatus.UPLOADED:
        return redirect("customers:columns", pk=pk)
    if source.status in _WORKING:
        return render(request, "customers/working.html", _work(source))
    if source.status == ImportStatus.PREVIEWED:
        return render(request, "customers/preview.html", _preview(source))
    context = {
        "source": source,
        "sentence": words.ended(source),
        "numbers": words.numbers(source.report),
        "reasons": words.reasons(words.report_reasons(source.report)),
        "may_declare": source.status in _DECLARABLE and source.keeper is None,
        "has_file": source.file_keeper is not None and bool(source.stored_as),
        "zone": own_zone(),
    }
    name = "report" if source.status == ImportStatus.DONE else "ended"
    return render(request, f"customers/{name}.html", context)


@login_required
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the columns are, and have every row judged by it."""
    asking = viewer(request)
    source = queries.one_import(pk, viewer=asking)
    if source.status not in _DECLARABLE or source.keeper is not None:
        return redirect("customers:import", pk=pk)
    form = ColumnsForm(
        request.POST or None,
        kind=source.kind,
        proposal=source.proposal,
        start=source.mapping or suggested(source.proposal, source.kind),
        own_zone=own_zone(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_mapping(source, form.mapping(), by=asking, at=now())
        except BadInput as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("customers:import", pk=pk)
    context = {
        "source": source,
        "form": form,
        "size": words.size(source.size),
        "same_file": source.proposal.get("same file", []),
    }
    return render(request, "customers/columns.html", context, status=422 if form.errors else 200)


@login_required
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the progress alone; once there is none any more, have the page fetched again."""
    source = queries.one_import(pk, viewer=viewer(request))
    if source.status not in _WORKING:
        return HttpResponseClientRefresh()
    return render(request, "customers/progress.html", _work(source))


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
    """End an import before it is done."""
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
    answer["Content-Disposition"] = f'attachment; filename="rejected-rows-of-contacts-{pk}.csv"'
    return answer


@login_required
def file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the file as it was uploaded, and remember who took it."""
    asking = viewer(request)
    source = actions.take_file(pk, by=asking, at=now())
    answer = StreamingHttpResponse(
        original(source, settings.HOME.uploads), content_type="application/octet-stream"
    )
    answer["Content-Disposition"] = f'attachment; filename="contacts-{pk}"'
    return answer


def _told(request: HttpRequest, pk: int, do: Callable[[], Any]) -> HttpResponse:
    """Do it, and say a refusal on the import's own page."""
    try:
        do()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("customers:import", pk=pk)


def _work(source: ContactImport) -> dict[str, Any]:
    job = _job(source)
    is_judging = source.status == ImportStatus.PREVIEWING
    done, total = source.rows_done, source.rows_total
    if is_judging:
        total = source.proposal.get("rows hint") or 0
        done = job.progress_done if job else 0
    return {
        "source": source,
        "is_judging": is_judging,
        "done": done,
        "total": None if is_judging else total,
        "share": min(100, 100 * done // total) if total else None,
        "is_waiting": job is not None and job.state == State.READY,
        "is_dead": job is not None and job.state in (State.DEAD, State.CANCELLED),
    }


def _job(source: ContactImport) -> Job | None:
    try:
        return job_queries.get(int(source.job or 0))
    except NotFound:
        return None


def _preview(source: ContactImport) -> dict[str, Any]:
    found = source.preview
    good, apart = found["counts"].get("good", 0), found["counts"].get("set apart", 0)
    rows = f"{good:,} {'row' if good == 1 else 'rows'} can be taken"
    return {
        "source": source,
        "sentence": f"{rows}, {apart:,} would be set apart." if apart else f"{rows}; none is bad.",
        "numbers": words.numbers(found["counts"]),
        "reasons": words.reasons(found["reasons"]),
        "samples": found["samples"],
        "crowded": [name for name, a in found["attributes"].items() if a["crowded"]],
        "opens": found["counts"].get("would open", 0),
        "reopens": source.mapping.get("reopens", False),
        "same_file": source.proposal.get("same file", []),
        "good": good,
    }
