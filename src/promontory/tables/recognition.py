"""Which column is what: by its name and by what its cells show, with the reason said.

Nothing is guessed silently. A role is taken when name and cells agree (or the name is the only
one of its kind); when two columns would do, or the cells leave two readings, there is a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from promontory.errors import BadInput
from promontory.tables.profile import Profile, profile
from promontory.tables.synonyms import roles_of_name
from promontory.tables.table import PROBLEM, RAW, ROW
from promontory.tables.values.answers import Scale, ScaleReading, read_scale
from promontory.tables.values.instant_reading import InstantReading

ROLES = (
    "score", "id", "at", "person", "account", "comment", "language", "channel", "survey", "weight",
)  # fmt: skip
# Personal details: recognised so that they never become an attribute to slice by.
PERSONAL = ("email", "phone", "name")


@dataclass(frozen=True, slots=True)
class Taken:
    """A column taken for a role, and why."""

    role: str
    column: str
    why: str
    declared: bool = False

    def __str__(self) -> str:
        return f"{self.role}: “{self.column}” ({self.why})"


@dataclass(frozen=True, slots=True)
class Question:
    """What the file leaves open, in words for a person; `choices` are the possible answers.

    `slug`: which-score, which-at …, scale, order, zone, numbers. `needed` says that nothing can be
    counted before it is answered.
    """

    slug: str
    text: str
    choices: tuple[str, ...] = ()
    column: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was taken for what, what else could be, and what must be asked."""

    roles: Mapping[str, Taken]
    candidates: Mapping[str, tuple[str, ...]]
    attributes: tuple[str, ...]
    personal: Mapping[str, str]
    questions: tuple[Question, ...]
    unused: tuple[str, ...] = ()
    scale: ScaleReading | None = None
    instants: InstantReading | None = None
    profiles: Mapping[str, Profile] = field(default_factory=dict, repr=False)

    def column(self, role: str) -> str | None:
        """The column taken for this role, if any."""
        taken = self.roles.get(role)
        return taken.column if taken else None

    def lines(self) -> list[str]:
        """What was taken for what, a line each."""
        lines = [str(self.roles[role]) for role in ROLES if role in self.roles]
        if self.attributes:
            lines.append("attributes: " + ", ".join(f"“{name}”" for name in self.attributes))
        if self.personal:
            found = ", ".join(f"“{column}” ({kind})" for column, kind in self.personal.items())
            lines.append(f"personal details, not used to slice: {found}")
        return lines


def recognise(
    columns: Sequence[str],
    sample: pa.Table | pa.RecordBatch | Mapping[str, Sequence[Any]],
    *,
    declared: Mapping[str, str] | None = None,
    scale: Scale | None = None,
) -> Recognition:
    """Say which column is what, from the names and a sample of the rows.

    `declared` maps roles to columns and is believed; `scale` closes the question of the scale.
    Raises `BadInput` when a declared role or column does not exist.
    """
    names = [name for name in columns if name not in (ROW, PROBLEM, RAW)]
    declared = dict(declared or {})
    _check(declared, names)
    profiles = {name: profile(_cells(sample, name)) for name in names}
    named = {name: roles_of_name(name) for name in names}
    taken = {
        role: Taken(role, column, "declared", declared=True) for role, column in declared.items()
    }
    candidates: dict[str, tuple[str, ...]] = {}
    questions: list[Question] = []
    used = set(declared.values())
    personal = {
        name: kind
        for name in names
        if name not in used and (kind := _personal(named[name], profiles[name]))
    }
    for role in ("score", "at", "comment", "person", "account", "weight", "language", "channel",
                 "survey", "id"):  # fmt: skip
        if role in taken:
            continue
        free = [name for name in names if name not in used and name not in personal]
        choice, others, question = _choose(role, free, named, profiles)
        if others:
            candidates[role] = others
        if question is not None:
            questions.append(question)
        if choice is not None:
            taken[role] = choice
            used.add(choice.column)
    if "person" not in taken:
        _person_from_details(taken, personal, profiles)
    attributes, unused = _rest([n for n in names if n not in used and n not in personal], profiles)
    reading = _scale(taken.get("score"), sample, scale, questions)
    instants = _instants(taken.get("at"), profiles, questions)
    return Recognition(
        taken, candidates, attributes, personal, tuple(questions), unused, reading, instants,
        profiles,
    )  # fmt: skip


def _check(declared: Mapping[str, str], names: Sequence[str]) -> None:
    for role, column in declared.items():
        if role not in ROLES:
            raise BadInput(f"“{role}” is no role.", remedy="Roles are " + ", ".join(ROLES) + ".")
        if column not in names:
            shown = ", ".join(f"“{name}”" for name in names[:20]) + (" …" if names[20:] else "")
            raise BadInput(f"There is no column “{column}”.", remedy=f"The columns are {shown}.")


def _cells(sample: Any, name: str) -> Any:
    if isinstance(sample, (pa.Table, pa.RecordBatch)):
        return sample.column(name)
    return sample.get(name, [])


def _personal(roles: Mapping[str, int], cells: Profile) -> str:
    if cells.emails > 0.5:
        return "email"
    if "email" in roles and not cells.filled:
        return "email"
    if "phone" in roles and (cells.phones > 0.5 or not cells.filled):
        return "phone"
    if "name" in roles and cells.numeric < 0.2:
        return "name"
    return ""


def _choose(
    role: str,
    free: Sequence[str],
    named: Mapping[str, Mapping[str, int]],
    profiles: Mapping[str, Profile],
) -> tuple[Taken | None, tuple[str, ...], Question | None]:
    by_name = sorted(
        (name for name in free if role in named[name] and _fits(role, profiles[name])),
        key=lambda name: (not profiles[name].filled, named[name][role]),
    )
    if role == "score":
        return _choose_score(by_name, free, profiles)
    if not by_name:
        if role == "at":
            return _choose_at(free, profiles)
        return None, (), None
    first, others = by_name[0], tuple(by_name[1:])
    if role == "at" and others:
        return _ask_or_first(role, first, others, "date of the answer")
    return Taken(role, first, "by its name and cells"), others, None


def _ask_or_first(
    role: str, first: str, others: tuple[str, ...], what: str
) -> tuple[Taken, tuple[str, ...], Question]:
    listed = ", ".join(f"“{name}”" for name in others)
    question = Question(
        f"which-{role}",
        f"“{first}” was taken for the {what}; {listed} could also be it. Which is it?",
        (first, *others),
        first,
    )
    return Taken(role, first, "by its name and cells; see the question"), others, question


def _choose_score(
    by_name: Sequence[str], free: Sequence[str], profiles: Mapping[str, Profile]
) -> tuple[Taken | None, tuple[str, ...], Question | None]:
    alike = [name for name in free if profiles[name].could_be_score and profiles[name].distinct > 2]
    others = tuple(name for name in [*by_name[1:], *alike] if name not in by_name[:1])
    others = tuple(dict.fromkeys(others))
    if len(by_name) == 1:
        return Taken("score", by_name[0], "by its name and cells"), others, None
    if len(by_name) > 1:
        return (*_ask_or_first("score", by_name[0], tuple(by_name[1:]), "score")[:1], others,
                _ask_or_first("score", by_name[0], tuple(by_name[1:]), "score")[2])  # fmt: skip
    if len(free) == 1:
        return Taken("score", free[0], "the only column"), (), None
    if len(alike) == 1:
        return Taken("score", alike[0], "the only column of answers between 0 and 10"), (), None
    if not alike:
        text = "No column looks like a score. Which column holds the answers?"
        return None, (), Question("which-score", text, tuple(free), needed=True)
    listed = ", ".join(f"“{name}”" for name in alike)
    text = f"Several columns could be the score: {listed}. Which is it?"
    return None, tuple(alike), Question("which-score", text, tuple(alike), needed=True)


def _choose_at(
    free: Sequence[str], profiles: Mapping[str, Profile]
) -> tuple[Taken | None, tuple[str, ...], Question | None]:
    dated = [name for name in free if _fits("at", profiles[name]) and profiles[name].whole < 0.5]
    if len(dated) == 1:
        return Taken("at", dated[0], "the only column of dates"), (), None
    if not dated:
        return None, (), None
    listed = ", ".join(f"“{name}”" for name in dated)
    text = f"Several columns hold dates: {listed}. Which says when it was answered?"
    return None, tuple(dated), Question("which-at", text, tuple(dated))


def _fits(role: str, cells: Profile) -> bool:
    """Whether the cells do not speak against the role; an empty column fits none but text."""
    if role == "score":
        return not cells.filled or (cells.numeric >= 0.5 and cells.distinct <= 200)
    if role == "at":
        return cells.instants is not None
    if role == "comment":
        return cells.numeric < 0.5
    if role == "weight":
        return cells.filled > 0 and cells.numeric >= 0.9
    if role == "language":
        return cells.distinct <= 200
    if role in ("channel", "survey"):
        return cells.could_be_attribute
    if role == "id":
        return cells.filled > 0 and cells.unique > 0.9
    if role == "person":
        return cells.filled > 0 and (cells.unique > 0.02 or cells.distinct > 100)
    return cells.filled > 0


def _person_from_details(
    taken: dict[str, Taken], personal: Mapping[str, str], profiles: Mapping[str, Profile]
) -> None:
    for kind in ("email", "phone"):
        columns = [c for c, k in personal.items() if k == kind and profiles[c].filled]
        if columns:
            taken["person"] = Taken("person", columns[0], f"{kind} addresses a person")
            return


def _rest(
    names: Sequence[str], profiles: Mapping[str, Profile]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    attributes = tuple(
        name for name in names
        if profiles[name].could_be_attribute and not profiles[name].instants
    )  # fmt: skip
    return attributes, tuple(name for name in names if name not in attributes)


def _scale(
    score: Taken | None, sample: Any, declared: Scale | None, questions: list[Question]
) -> ScaleReading | None:
    if score is None:
        return None
    cells = _cells(sample, score.column)
    if isinstance(cells, (pa.Array, pa.ChunkedArray)):
        cells = cells.to_pylist()
    reading = read_scale(Counter(cells))
    if declared is not None:
        return ScaleReading(declared, "declared")
    if reading.question:
        choices = tuple(str(choice) for choice in reading.choices)
        questions.append(
            Question("scale", reading.question, choices, score.column, reading.scale is None)
        )
    return reading


def _instants(
    at: Taken | None, profiles: Mapping[str, Profile], questions: list[Question]
) -> InstantReading | None:
    if at is None:
        return None
    reading = profiles[at.column].instants
    if reading is None:
        return None
    texts: dict[str, tuple[str, tuple[str, ...]]] = {
        "order": (
            f"“{at.column}” holds dates of day/month or month/day ({reading.why}). Which is first?",
            ("dmy", "mdy"),
        ),
        "zone": (f"“{at.column}” says no time zone. Which clock was it read from?", ()),
        "numbers": (
            f"“{at.column}” holds {reading.why}. What do they count?",
            ("excel", "epoch-s", "epoch-ms"),
        ),
    }
    for slug in reading.questions:
        text, choices = texts[slug]
        questions.append(Question(slug, text, choices, at.column))
    return reading
