"""Reading responses: found by what they say, shown as far as promise and role allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from promontory.errors import BadInput, NotFound, Place
from promontory.program.customers import queries as customers
from promontory.program.customers.models import DimensionValue
from promontory.program.ledger import queries as ledger
from promontory.program.ledger.actions import Kind
from promontory.program.organization.access import Can, Viewer
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import Answer, Response, Verbatim
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.facts import CHANGES
from promontory.program.responses.rules.privacy import masked
from promontory.program.surveys.codes import CHANNELS

GROUPS = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}
_CHANNEL_NAMES = {code: name for name, code in CHANNELS.items()}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which responses are wanted; what is not said does not narrow.

    `attributes` are codes by dimension id; `words` must all stand in the verbatim.
    """

    survey: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    group: str = ""
    attributes: Mapping[int, int] = field(default_factory=dict)
    words: str = ""
    has_comment: bool | None = None
    source: int | None = None
    unit: int | None = None
    excluded: bool | None = None


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer: the question's key, wording and metric, and the value."""

    key: str
    text: str
    metric: str
    value: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a response's history; position 0 is not sealed yet."""

    position: int
    at: datetime
    what: str
    by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A response as this viewer may see it.

    `person` is empty unless the promise is "identified" and the viewer may see people; the comment
    has personal data covered unless both hold.
    """

    id: int
    survey: str
    survey_key: str
    promise: str
    answered_at: datetime
    received_at: datetime
    answers: tuple[AnswerShown, ...]
    comment: str
    is_masked: bool
    channel: str
    language: str
    attributes: tuple[tuple[str, str], ...]
    exclusions: tuple[str, ...]
    source: int | None
    row: int | None
    vendor_id: str = ""
    person: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    history: tuple[Happening, ...] = ()

    @property
    def group(self) -> str:
        """Promoter, passive or detractor, by the recommendation answer; "" without one."""
        value = next((a.value for a in self.answers if a.metric == "nps"), None)
        if value is None:
            return ""
        return next(name for name, (low, high) in GROUPS.items() if low <= value <= high)


@dataclass(frozen=True, slots=True)
class Page:
    """Some responses, newest first, and the cursor of the next page ("" at the end)."""

    rows: tuple[Shown, ...]
    next: str


def visible(viewer: Viewer | None = None) -> QuerySet[Response]:
    """Return the responses that are there; those of imports that are not done are not.

    With a viewer, only what lies in the viewer's units and, unless they belong to the few who
    read what was said in confidence, only what was answered with one's name. What was answered
    anonymously is of no unit: a unit would narrow down who it was.
    """
    found = Response.objects.filter(Q(source=None) | Q(source__status=ImportStatus.DONE))
    if viewer is not None and viewer.units is not None:
        found = found.filter(unit__in=viewer.units).exclude(survey__promise="anonymous")
    if viewer is not None and not viewer.may(Can.SEE_CONFIDENTIAL):
        found = found.filter(survey__promise="identified")
    return found


def search(
    filters: Filters = Filters(), *, viewer: Viewer, cursor: str = "", size: int = 50
) -> Page:
    """Return the responses that fit, newest first, a page at a time."""
    viewer.must(Can.SEE_ANSWERS)
    found = _filtered(visible(viewer), filters)
    if cursor:
        at, pk = _read_cursor(cursor, viewer)
        found = found.filter(Q(answered_at__lt=at) | Q(answered_at=at, pk__lt=pk))
    size = max(1, min(size, 200))
    rows = list(
        found.select_related("survey", "verbatim", "account").order_by("-answered_at", "-pk")[
            : size + 1
        ]
    )
    more = len(rows) > size
    rows = rows[:size]
    return Page(tuple(_shown(rows, viewer)), _cursor(rows[-1]) if more else "")


def one(response_id: int, *, viewer: Viewer) -> Shown:
    """Return one response with its history and, where allowed, its person.

    Who opens it is remembered by `actions.open_response`, which calls this.
    """
    viewer.must(Can.SEE_ANSWERS)
    found = visible(viewer).select_related(
        "survey", "verbatim", "account", "contact__person"
    ).filter(pk=response_id)  # fmt: skip
    response = found.first()
    if response is None:
        raise NotFound("There is no such response.")
    [shown] = _shown([response], viewer)
    person: Mapping[str, str] = {}
    if not shown.is_masked and response.contact is not None:
        person = customers.opened_details(response.contact)
    history = () if shown.promise == "anonymous" else _history(response_id)
    return replace(shown, person=person, history=history)


def _filtered(found: QuerySet[Response], wanted: Filters) -> QuerySet[Response]:
    if not lists_anonymous(wanted):
        found = found.exclude(survey__promise="anonymous")
    if wanted.survey is not None:
        found = found.filter(survey=wanted.survey)
    if wanted.since is not None:
        found = found.filter(answered_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(answered_at__lt=wanted.until)
    if wanted.source is not None:
        found = found.filter(source=wanted.source)
    if wanted.unit is not None:
        found = found.filter(unit=wanted.unit)
    if wanted.excluded is not None:
        found = found.exclude(mask=0) if wanted.excluded else found.filter(mask=0)
    if wanted.group:
        if wanted.group not in GROUPS:
            raise BadInput(
                f"There is no group “{wanted.group}”.",
                remedy=f"Known: {', '.join(GROUPS)}.",
                place=Place(field="group"),
            )
        low, high = GROUPS[wanted.group]
        answer = Answer.objects.filter(
            response=OuterRef("pk"), question__metric="nps", value__gte=low, value__lte=high
        )
        found = found.filter(Exists(answer))
    for dimension, code in wanted.attributes.items():
        found = found.filter(**{f"attributes__{int(dimension)}": int(code)})
    for word in wanted.words.split():
        found = found.filter(verbatim__text__icontains=word)
    if wanted.has_comment is not None:
        has = Exists(Verbatim.objects.filter(response=OuterRef("pk")))
        found = found.filter(has if wanted.has_comment else ~has)
    return found


def lists_anonymous(wanted: Filters) -> bool:
    """Say whether anonymous answers may stand in a list: in that of their survey, by words alone.

    Among the dated answers of another survey the place in the list would tell the day.
    """
    return wanted.survey is not None and not _narrows(wanted)


def _narrows(wanted: Filters) -> bool:
    """Say whether a search tells more about who answered than the survey and the words do.

    An anonymous comment found by such a search would be known to be of that day, group or region.
    """
    about = (wanted.since, wanted.until, wanted.group, wanted.attributes, wanted.source)
    return any(about) or wanted.unit is not None or wanted.excluded is not None


def _shown(rows: list[Response], viewer: Viewer) -> list[Shown]:
    answers: dict[int, list[AnswerShown]] = {}
    for answer in (
        Answer.objects.filter(response__in=rows)
        .select_related("question")
        .order_by("question__position")
    ):
        q = answer.question
        answers.setdefault(answer.response_id, []).append(
            AnswerShown(q.key, q.text, q.metric, answer.value)
        )
    labels = _labels(rows)
    shown = []
    for row in rows:
        open_to_viewer = row.survey.promise == "identified" and viewer.may(Can.SEE_PEOPLE)
        text = row.verbatim.text if hasattr(row, "verbatim") else ""
        shown.append(
            Shown(
                id=row.pk,
                survey=row.survey.name,
                survey_key=row.survey.key,
                promise=row.survey.promise,
                answered_at=row.answered_at,
                received_at=row.received_at,
                answers=tuple(answers.get(row.pk, ())),
                comment=text if open_to_viewer else masked(text),
                is_masked=not open_to_viewer,
                channel=_CHANNEL_NAMES.get(row.channel, "unknown"),
                language=row.language,
                attributes=tuple(
                    labels[int(d), code]
                    for d, code in row.attributes.items()
                    if (int(d), code) in labels
                ),
                exclusions=tuple(e.name or "" for e in Excluded if e and row.mask & e),
                source=row.source_id,
                row=row.row,
                vendor_id=row.vendor_id if open_to_viewer else "",
                account=row.account.name if open_to_viewer and row.account else "",
            )
        )
    return [_words_alone(one) if one.promise == "anonymous" else one for one in shown]


def _words_alone(shown: Shown) -> Shown:
    """Return what the few may read of an anonymous answer: the words, and the month."""
    month = shown.answered_at.astimezone(UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return replace(
        shown,
        answered_at=month,
        received_at=month,
        answers=(),
        channel="unknown",
        language="",
        attributes=(),
        exclusions=(),
        source=None,
        row=None,
    )


def _labels(rows: list[Response]) -> dict[tuple[int, int], tuple[str, str]]:
    wanted = {(int(d), code) for row in rows for d, code in row.attributes.items()}
    found = DimensionValue.objects.filter(
        dimension__in={d for d, _ in wanted}, code__in={code for _, code in wanted}
    ).select_related("dimension")
    return {(v.dimension_id, v.code): (v.dimension.label, v.label) for v in found}


_WHAT = {
    Kind.ANSWER: "answered",
    Kind.CORRECTION: "corrected",
    Kind.EXCLUSION: "taken out of the count",
    Kind.READMISSION: "counts again",
}


def _history(response_id: int) -> tuple[Happening, ...]:
    lines = []
    for entry in ledger.entries_of_subject(response_id):
        kind = Kind(entry.kind)
        if kind not in _WHAT:
            continue
        said = entry.values()
        detail = ""
        if kind in (Kind.EXCLUSION, Kind.READMISSION):
            detail = (Excluded(said["reason"]).name or "").replace("_", " ").lower()
        elif entry.kind in CHANGES:
            old, new = ([v for _, v in said[side]["a"]] for side in ("old", "new"))
            detail = f"{_listed(old)} → {_listed(new)}"
        lines.append(Happening(entry.position, entry.at, _WHAT[kind], entry.by, detail))
    return tuple(lines)


def _listed(values: list[Any]) -> str:
    return ", ".join("–" if value < 0 else str(value) for value in values)


def _cursor(row: Response) -> str:
    # The number alone: the moment itself would tell when an anonymous answer came.
    return str(row.pk)


def _read_cursor(text: str, viewer: Viewer) -> tuple[datetime, int]:
    row = None
    if text.isascii() and text.isdigit() and len(text) < 19:
        row = visible(viewer).filter(pk=int(text)).first()
    if row is None:
        raise BadInput("This is not the cursor of a page.", remedy="Begin without one.")
    return row.answered_at, row.pk
