"""What the library returns: figures that carry their base, interval, reasons and open questions.

Every result prints as a table in a terminal and in a notebook, and turns into plain values
(`to_dict`), a frame (`to_frame`) and a picture (`picture`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from promontory.library import pictures, show
from promontory.measurement import Difference, Estimate, Metric, Tally
from promontory.measurement.decomposition import Explanation
from promontory.measurement.estimate import number
from promontory.measurement.sampling import SampleSize
from promontory.tables.values import Counts


@dataclass(frozen=True, slots=True)
class Reading:
    """How the answers were read: what was taken for what, what was left out, what is open."""

    source: str = ""
    rows: int = 0
    taken: tuple[str, ...] = ()
    verdicts: Counts = field(default_factory=Counts)
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """All of it in sentences, what is open first."""
        lines = [f"Open question: {question}" for question in self.questions]
        lines += show.counted(self.rows, self.verdicts)
        if self.taken:
            lines.append("Taken: " + "; ".join(self.taken) + ".")
        return lines + list(self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "source": self.source,
            "rows": self.rows,
            "taken": list(self.taken),
            "counts": {v.slug: count for v, count in sorted(
                self.verdicts.by_verdict.items(), key=lambda item: item[0].code)},
            "refused": [
                {"reason": f.verdict.slug, "row": f.row, "column": f.column, "raw": f.raw,
                 "message": str(f)}
                for found in self.verdicts.examples.values() for f in found if f.verdict.refused
            ],
            "questions": list(self.questions),
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One group's score; `key` names its value in each column of `by` (None: not given)."""

    key: tuple[str | None, ...]
    estimate: Estimate
    tally: Tally

    @property
    def name(self) -> str:
        return show.group_name(self.key)


class _Shown(ABC):
    """How every result prints."""

    __slots__ = ()

    @abstractmethod
    def page(self) -> show.Page:
        """Return the result as titled tables and notes."""

    def __str__(self) -> str:
        return show.as_text(self.page())

    def _repr_html_(self) -> str:
        return show.as_html(self.page())

    def to_frame(self) -> Any:
        """The rows as a frame: pandas where installed, else Polars, else Arrow."""
        return show.as_frame(self.page())


@dataclass(frozen=True, repr=False)
class ScoreResult(_Shown):
    """A score, and the scores of its groups if any were asked for."""

    estimate: Estimate
    groups: tuple[GroupScore, ...]
    tally: Tally
    by: tuple[str, ...]
    reading: Reading

    @property
    def value(self) -> float | None:
        """The score in points of its metric; None when nobody answered."""
        return self.estimate.value

    @property
    def low(self) -> float | None:
        return self.estimate.low

    @property
    def high(self) -> float | None:
        return self.estimate.high

    @property
    def base(self) -> int:
        return self.estimate.base

    @property
    def metric(self) -> Metric:
        return self.estimate.metric

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything to be said of the number: open questions, what was left out, assumptions."""
        return (*self.reading.lines(), *self.estimate.notes)

    @property
    def questions(self) -> tuple[str, ...]:
        return self.reading.questions

    def __getitem__(self, key: str | tuple[str | None, ...] | None) -> Estimate:
        """The estimate of one group: result["North"], or result["North", "web"]."""
        wanted = key if isinstance(key, tuple) else (key,)
        for group in self.groups:
            if group.key == wanted:
                return group.estimate
        raise KeyError(key)

    def page(self) -> show.Page:
        rows = [(*map(show.cell, group.key), group.estimate) for group in self.groups]
        if self.groups:
            rows.append(("All", *[""] * (len(self.by) - 1), self.estimate))
        return show.Page(
            title=f"{self.metric.name} {self.estimate.text()}"
            + show.condition(self.metric, self.questions),
            heads=self.by,
            figures=tuple(rows) if rows else ((self.estimate,),),
            spread=show.spread(self.tally, self.metric),
            notes=self.notes,
        )

    def picture(self) -> Any:
        """The groups with their intervals, else the distribution of the answers, as an SVG."""
        return (
            pictures.intervals_picture(self) if self.groups else pictures.distribution_picture(self)
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "score": self.estimate.to_dict(),
            "answers": {str(answer): count for answer, count in self.tally.n.items()},
            "by": list(self.by),
            "groups": [
                {**dict(zip(self.by, group.key, strict=True)), **group.estimate.to_dict()}
                for group in self.groups
            ],
            "reading": self.reading.to_dict(),
        }

    def __repr__(self) -> str:
        groups = f", {len(self.groups)} groups" if self.groups else ""
        return f"<Score {self.metric.key} {self.estimate.text()}{groups}>"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides and the difference between them; `adjusted` is Benjamini and Hochberg's p."""

    before: str
    after: str
    difference: Difference
    adjusted: float | None = None


@dataclass(frozen=True, repr=False)
class Comparison(_Shown):
    """Scores side by side, and the difference of every pair with its interval."""

    scores: Mapping[str, Estimate]
    pairs: tuple[Pair, ...]
    readings: tuple[Reading, ...]
    notes: tuple[str, ...] = ()

    @property
    def difference(self) -> Difference:
        """The difference, when two were compared; several pairs are in `pairs`."""
        return self.pairs[0].difference

    def sentence(self) -> str:
        """What the comparison found, in words."""
        if len(self.pairs) == 1:
            pair = self.pairs[0]
            return f"{pair.before} → {pair.after}: {pair.difference.sentence()}"
        real = [p for p in self.pairs if p.adjusted is not None and p.adjusted <= 0.05]
        if not real:
            return f"None of the {len(self.pairs)} pairs differs by more than chance."
        return (
            f"{len(real)} of {len(self.pairs)} pairs differ by more than chance, allowing for"
            " having looked at all of them."
        )

    def page(self) -> show.Page:
        questions = [q for reading in self.readings for q in reading.questions]
        metric = next(iter(self.scores.values())).metric
        return show.Page(
            title=self.sentence() + show.condition(metric, questions),
            heads=("",),
            figures=tuple((name, estimate) for name, estimate in self.scores.items()),
            extra=tuple(
                (p.before, p.after, p.difference, p.adjusted) for p in self.pairs
            ) if len(self.pairs) > 1 else (),
            notes=(*(line for r in self.readings for line in r.lines()), *self.notes),
        )  # fmt: skip

    def picture(self) -> Any:
        """The scores with their intervals, as an SVG."""
        return pictures.scores_picture(self.scores)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "sentence": self.sentence(),
            "scores": {name: estimate.to_dict() for name, estimate in self.scores.items()},
            "pairs": [
                {"before": p.before, "after": p.after, **p.difference.to_dict(),
                 "adjusted_p_value": p.adjusted}
                for p in self.pairs
            ],
            "readings": [reading.to_dict() for reading in self.readings],
            "notes": list(self.notes),
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"<Comparison {self.sentence()}>"


@dataclass(frozen=True, repr=False)
class Change(_Shown):
    """Why a score moved: within segments, or by the mix of who answered."""

    explanation: Explanation
    before: Estimate
    after: Estimate
    by: tuple[str, ...]
    readings: tuple[Reading, ...]
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """What moved the score, in words."""
        return self.explanation.sentence()

    def page(self) -> show.Page:
        return show.Page(
            title=self.sentence(),
            heads=("",),
            figures=(("before", self.before), ("after", self.after)),
            parts=show.parts(self.explanation, self.before.metric.decimals),
            notes=(*(line for r in self.readings for line in r.lines()), *self.notes),
        )

    def picture(self) -> Any:
        """The way from the old score to the new one, as an SVG."""
        return pictures.mix_picture(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found = self.explanation
        return {
            "sentence": self.sentence(),
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "difference": found.total.to_dict(),
            "within": show.effect(found.within),
            "mix": show.effect(found.mix),
            "mix_by": {name: show.effect(part) for name, part in found.mix_by.items()},
            "paradox": found.paradox,
            "by": list(self.by),
            "segments": [
                {
                    "name": s.name, "share_before": s.share_before, "share_after": s.share_after,
                    "score_before": s.score_before, "score_after": s.score_after,
                    "base_before": s.base_before, "base_after": s.base_after,
                    "within": show.effect(s.within), "mix": show.effect(s.mix),
                }
                for s in found.segments
            ],
            "readings": [reading.to_dict() for reading in self.readings],
            "notes": list(self.notes),
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"<Change {self.sentence()}>"


@dataclass(frozen=True, repr=False)
class Plan(_Shown):
    """How many answers are needed, or what change a number of answers would show."""

    size: SampleSize | None
    detectable: float | None
    metric: Metric
    level: float

    def sentence(self) -> str:
        """The plan in words."""
        if self.size is not None:
            return self.size.sentence()
        change = number(self.detectable or 0.0, self.metric.decimals)
        return f"A true change of {change} {self.metric.unit} would be found with 80 % probability."

    @property
    def answers(self) -> int | None:
        """How many answers are needed (in each group, for a change)."""
        return self.size.answers if self.size else None

    @property
    def invitations(self) -> int | None:
        return self.size.invitations if self.size else None

    def page(self) -> show.Page:
        return show.Page(title=self.sentence(), notes=self.size.assumptions if self.size else ())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "sentence": self.sentence(),
            "answers": self.answers,
            "invitations": self.invitations,
            "smallest_detectable": self.detectable,
            "metric": self.metric.key,
            "level": self.level,
            "assumptions": list(self.size.assumptions) if self.size else [],
        }

    def __repr__(self) -> str:
        return f"<Plan {self.sentence()}>"
