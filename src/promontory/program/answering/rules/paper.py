"""A survey version as it is put to somebody: what is asked, in which order, after which answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a question."""

    value: int
    key: str
    text: str
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question as it is asked; `low` and `high` bound a scale, `after` is what it depends on.

    `after` names an earlier question and the answers that bring this one up; None: always asked.
    """

    key: str
    kind: str
    metric: str
    text: str
    texts: Mapping[str, str] = field(default_factory=dict)
    low: int = 0
    high: int = 0
    options: tuple[Option, ...] = ()
    is_required: bool = False
    after: tuple[str, frozenset[int]] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it is answered with a value and not in words."""
        return self.kind != "text"

    def takes(self, value: int) -> bool:
        """Whether this is one of its answers."""
        if self.kind == "choice":
            return any(option.value == value for option in self.options)
        return self.low <= value <= self.high

    def follows(self, answers: Mapping[str, int | None]) -> bool:
        """Whether it is asked after these answers."""
        return self.after is None or answers.get(self.after[0]) in self.after[1]


@dataclass(frozen=True, slots=True)
class Paper:
    """What does not change about a version once it is published; safe to keep in memory."""

    survey: int
    version: int
    number: int
    promise: str
    brand: str
    languages: tuple[str, ...]
    asks: tuple[Ask, ...]
    texts: Mapping[str, Mapping[str, str]]

    def ask(self, key: str) -> Ask | None:
        """Return the question of that key."""
        return next((ask for ask in self.asks if ask.key == key), None)

    @property
    def score(self) -> Ask | None:
        """The question it is all about: the first on a scale, the recommendation before others."""
        scales = [ask for ask in self.asks if ask.kind == "scale"]
        return next((ask for ask in scales if ask.metric == "nps"), scales[0] if scales else None)


def pages(asks: Sequence[Ask]) -> tuple[tuple[Ask, ...], ...]:
    """Return the questions page by page: the first alone if it is a scale.

    No page holds a question together with one that depends on it, so that branching needs no
    script: what depends on an answer is asked on a later page.
    """
    made: list[list[Ask]] = []
    for ask in asks:
        first_alone = len(made) == 1 and made[0][0].kind == "scale"
        depends = made and ask.after is not None and ask.after[0] in {a.key for a in made[-1]}
        if not made or first_alone or depends:
            made.append([])
        made[-1].append(ask)
    return tuple(map(tuple, made))


def page_after(
    number: int, all_pages: Sequence[Sequence[Ask]], answers: Mapping[str, int | None]
) -> int | None:
    """Return the next page on which something is asked after these answers; None: it was the last.

    Pages count from 0; the page after −1 is the first.
    """
    following = range(number + 1, len(all_pages))
    return next((n for n in following if any(a.follows(answers) for a in all_pages[n])), None)


def may_be_last(
    number: int, all_pages: Sequence[Sequence[Ask]], answers: Mapping[str, int | None]
) -> bool:
    """Whether nothing can be asked after this page, whatever is answered on it."""
    here = {ask.key for ask in all_pages[number]}
    later = [ask for some in all_pages[number + 1 :] for ask in some]
    return not any(
        ask.follows(answers) or (ask.after is not None and ask.after[0] in here) for ask in later
    )


def language_for(
    offered: Sequence[str], *wanted: str, accepted: str = "", default: str = ""
) -> str:
    """Return the language to show: the first wanted that is offered, by itself or by its base."""
    known = {language.casefold(): language for language in offered}
    for language in [*wanted, *_accepted(accepted)]:
        plain = language.replace("_", "-").casefold()
        if plain in known:
            return known[plain]
        base = plain.split("-")[0]
        close = [name for low, name in known.items() if base and low.split("-")[0] == base]
        if close:
            return close[0]
    return default or (offered[0] if offered else "en")


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first."""
    found = []
    for place, part in enumerate(header[:500].split(",")[:20]):
        name, _, quality = part.strip().partition(";q=")
        try:
            found.append((-float(quality or 1), place, name.strip()))
        except ValueError:
            continue
    return [name for _, _, name in sorted(found) if name and name != "*"]
