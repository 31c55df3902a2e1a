"""The steps of the first month: each is done when what it leads to exists.

Nothing is ticked off by hand. The necessary steps come one after another; the others help, and
may be left.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from promontory.program.customers.models import Contact
from promontory.program.followup.models import Case
from promontory.program.ledger import queries as ledger
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.models import User
from promontory.program.outreach.codes import Disposition, WaveState
from promontory.program.outreach.models import ContactPolicy, Delivery, Invitation, Wave
from promontory.program.outreach.queries import contact_policy
from promontory.program.responses import queries as responses
from promontory.program.responses.models import Response
from promontory.program.surveys.models import Survey, SurveyVersion

FIRST_WAVE = 200
"""How many the first wave invites: enough for a first score, few enough to call everybody back."""

_UNDER_WAY = (WaveState.SENDING, WaveState.PAUSED, WaveState.SENT, WaveState.CLOSED)
_RECENT_WAVES = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, why, where, who may, and whether it is done.

    With a `post` its button does something at once, at that address.
    """

    title: str
    why: str
    address: str
    action: str
    is_done: bool
    needs: Can = Can.SEE_SCORES
    is_optional: bool = False
    post: str = ""
    may: bool = True

    def seen_by(self, viewer: Viewer) -> Step:
        """Return the step with whether this viewer may take it."""
        return Step(
            self.title, self.why, self.address, self.action, self.is_done,
            self.needs, self.is_optional, self.post, viewer.may(self.needs),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Path:
    """All steps, the one to take next, and how far it is."""

    steps: list[Step]

    @property
    def following(self) -> Step | None:
        return next((s for s in self.steps if not s.is_done and not s.is_optional), None)

    @property
    def needed(self) -> int:
        return sum(not step.is_optional for step in self.steps)

    @property
    def done(self) -> int:
        return sum(step.is_done and not step.is_optional for step in self.steps)


def path(viewer: Viewer) -> Path:
    """Return the steps of the first month as they stand, for somebody of this role."""
    viewer.must(Can.SEE_SCORES)
    made = [
        _programme(),
        _history(),
        _customers(),
        _policy(),
        _wave(),
        _mails(),
        _answers(),
        _call(),
        _score(),
        *_house(),
    ]
    return Path([step.seen_by(viewer) for step in made])


def sentence(path: Path, viewer: Viewer) -> str:
    """Say what comes next, to whoever looks."""
    step = path.following
    if step is None:
        return "All of them are done. The overview is yours."
    if step.may:
        return f"Next: {step.title[0].lower()}{step.title[1:]}."
    return f"Next, by somebody who may: {step.title[0].lower()}{step.title[1:]}."


def _programme() -> Step:
    draft = Survey.objects.filter(closed_at=None).order_by("pk").first()
    published = SurveyVersion.objects.filter(published_at__isnull=False).exists()
    if published or draft is None:
        return Step(
            "Choose what to ask",
            "Three programmes are ready: the relationship with a company that you serve, the "
            "moment after support, the moment after a delivery. Each is a draft to be changed.",
            reverse("surveys:list"),
            "See the surveys" if published else "Choose a programme",
            published,
            Can.MANAGE_SURVEYS,
        )
    return Step(
        f"Publish “{draft.name}”",
        "Read its questions as a customer will. Once published, a version never changes; a new "
        "one takes its place.",
        reverse("surveys:edit", args=[draft.key]),
        "Look at the draft",
        False,
        Can.MANAGE_SURVEYS,
    )


def _history() -> Step:
    return Step(
        "Bring in the answers you have",
        "With the file behind your last report you find your old number again: import it, choose "
        "the same period in Explore, and compare. Where the two differ, the import’s report says "
        "which rows were set apart and why.",
        reverse("responses:imports"),
        "Import a file",
        Response.objects.filter(source__isnull=False).exists(),
        Can.IMPORT,
        is_optional=True,
    )


def _customers() -> Step:
    return Step(
        "Bring in your customers",
        "A file with an e-mail address in each row is enough; names, accounts, languages and who "
        "has opted out help. Every row is judged before anything is kept.",
        f"{reverse('customers:imports')}?kind=contacts",
        "Import customers",
        Contact.objects.filter(email_index__isnull=False).exists(),
        Can.MANAGE_CUSTOMERS,
    )


def _policy() -> Step:
    rules = contact_policy()
    words = ["Across every survey and channel nobody is asked again"]
    if rules.rest_invited is not None:
        words.append(f"within {rules.rest_invited} days of a request")
    if rules.rest_answered is not None:
        words.append(f"or {rules.rest_answered} days of an answer")
    if rules.cap_person is not None:
        words.append(f", nor more than {rules.cap_person} times in {rules.cap_person_days} days")
    quiet = f"Nobody is written to from {rules.quiet_from:%H:%M} to {rules.quiet_until:%H:%M}"
    return Step(
        "Decide how seldom anybody is asked",
        f"{' '.join(words).replace(' ,', ',')}. {quiet} by their own clock.",
        "",
        "Keep these rules",
        ContactPolicy.objects.exists(),
        Can.SEND,
        post=reverse("first-policy"),
    )


def _wave() -> Step:
    why = (
        f"{FIRST_WAVE} people are drawn at random and asked by e-mail. A dry run says who and how "
        "many before anything is sent; no mail server need be set up, for the mails are kept here."
    )
    there = Wave.objects.filter(is_test=False, kind="drawn").exclude(state=WaveState.CANCELLED)
    begun = there.filter(state__in=_UNDER_WAY).order_by("-pk").first()
    wave = begun or there.order_by("-pk").first()
    if wave is None:
        address, action = reverse("first-wave"), "Prepare the first wave"
    elif wave.state in (WaveState.DRAFT, WaveState.DRAWING):
        address, action = reverse("first-wave-one", args=[wave.pk]), "See the dry run"
    else:
        address, action = reverse("outreach:sending", args=[wave.pk]), "Send it"
        action = "See the wave" if begun else action
    return Step(
        f"Ask the first {FIRST_WAVE} people", why, address, action, begun is not None, Can.SEND
    )


def _mails() -> Step:
    return Step(
        "Read a mail as your customer does",
        "Until a mail server is set up, the outbox keeps what would have gone out. Open one and "
        "choose a score in it.",
        reverse("outreach:outbox"),
        "Open the outbox",
        Delivery.objects.filter(sent_at__isnull=False).exists(),
        Can.SEE_PEOPLE,
    )


def _answers() -> Step:
    return Step(
        "Receive the first answers",
        "An answer is here within seconds. Each can be read in full by those who may.",
        reverse("responses:list"),
        "Read the answers",
        _has_answers(),
        Can.SEE_ANSWERS,
    )


def _has_answers() -> bool:
    if Response.objects.filter(invitation__gt=0).exists():
        return True
    # Under an anonymous promise no response knows its invitation; the disposition tells.
    waves = Wave.objects.filter(is_test=False).order_by("-pk").values_list("pk", flat=True)
    ended = (Disposition.ANSWERED, Disposition.PARTIAL)
    recent = list(waves[:_RECENT_WAVES])
    return Invitation.objects.filter(wave__in=recent, disposition__in=ended).exists()


def _call() -> Step:
    waiting = Case.objects.filter(called_at=None).exists()
    return Step(
        "Call the first detractor",
        "Whoever gave 6 or less is waiting. You have a mail about it, with the telephone number; "
        "after the call say there that you called."
        if waiting
        else "When somebody gives 6 or less, the survey’s owner has a mail within a minute.",
        reverse("followup:cases"),
        "See the cases",
        Case.objects.filter(called_at__isnull=False).exists(),
        Can.FOLLOW_UP,
    )


def _score() -> Step:
    return Step(
        "Read the score with its uncertainty",
        "The overview says where it stands, whether it moved, and where.",
        "/",
        "See the overview",
        responses.visible().exists(),
    )


def _house() -> list[Step]:
    return [
        Step(
            "Let your colleagues in",
            "Each sees what their role and unit allow.",
            reverse("organization:people"),
            "Add people",
            User.objects.count() > 1,
            Can.MANAGE_PEOPLE,
            is_optional=True,
        ),
        Step(
            "Anchor the ledger outside this machine",
            "A signed line kept elsewhere proves later that nobody has altered an answer. "
            "Run: promontory ledger anchor",
            reverse("organization:audit"),
            "See what was done",
            ledger.latest_anchor() is not None,
            Can.SEE_AUDIT,
            is_optional=True,
        ),
    ]
