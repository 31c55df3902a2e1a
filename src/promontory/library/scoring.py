"""One score, or one per group, from anything that holds answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from promontory.errors import BadInput
from promontory.library.counting import Counted, count
from promontory.library.request import Options, Request, resolve
from promontory.library.results import GroupScore, Reading, ScoreResult
from promontory.measurement import Estimate, Metric, Tally
from promontory.measurement import score as estimate_of

Answers = Any


def score(
    answers: Answers,
    by: str | Sequence[Any] | Mapping[str, Any] | None = None,
    *,
    weights: Any = None,
    cluster: Any = None,
    metric: Metric | str = "nps",
    level: float = 0.95,
    method: str = "rocks-t",
    population: int | None = None,
    options: Options | None = None,
) -> ScoreResult:
    """Return the score of answers with its base and interval, in all and by group.

    `answers` is a file (path), a pandas, Polars or Arrow table, a NumPy array, a mapping of
    columns, an iterable of answers or rows, or a `Tally`. `by`, `weights`, `cluster` name its
    columns, or are arrays as long as the answers (`by` then as {name: array}). Missing answers
    are skipped and counted; anything that is no whole number on the scale is refused and counted
    with its place (`options=Options(errors="refuse")` raises instead). If people are recognised
    and repeat, intervals are clustered by them. `level` is the interval's confidence;
    `population` asks for the finite-population correction.

    >>> import promontory as pm
    >>> pm.score([10, 9, 8, 3, None]).estimate.text()
    '25.0 (−53.6 to 87.1), n = 4'
    """
    if (tally := as_tally(answers)) is not None:
        _nothing_beside(by, weights, cluster)
        estimate = estimate_of(tally, metric, level=level, method=method, population=population)
        return ScoreResult(estimate, (), tally, (), Reading("tally"))
    source, by_names, weight, clustered = assembled(answers, by, weights, cluster)
    request = resolve(
        source, by=by_names, weights=weight, cluster=clustered, metric=metric,
        options=options or Options(),
    )  # fmt: skip
    return scored(request, count(request), level=level, method=method, population=population)


def scored(
    request: Request,
    counted: Counted,
    *,
    level: float = 0.95,
    method: str = "rocks-t",
    population: int | None = None,
) -> ScoreResult:
    """The result of what was counted."""
    total = _estimate(request, counted, None, level, method, population)
    groups = tuple(
        GroupScore(key, _estimate(request, counted, key, level, method, None), tally)
        for key, tally in sorted(counted.groups.items(), key=_by_name)
    )
    return ScoreResult(total, groups, counted.total, request.by, reading(request, counted))


def reading(request: Request, counted: Counted) -> Reading:
    """How the answers were read."""
    return Reading(
        source=request.table.name,
        rows=counted.rows,
        taken=request.taken,
        verdicts=counted.verdicts,
        notes=counted.notes,
        questions=(counted.scale_question,) if counted.scale_question else (),
    )


def _estimate(
    request: Request,
    counted: Counted,
    key: tuple[str | None, ...] | None,
    level: float,
    method: str,
    population: int | None,
) -> Estimate:
    tally = counted.total if key is None else counted.groups[key]
    clusters = counted.clusters if key is None else counted.group_clusters.get(key)
    # A group is a domain of the whole: clusters without a member in it stay in the frame.
    frame = counted.clusters.clusters if key is not None and counted.clusters else None
    return estimate_of(
        tally, request.metric, level=level, method=method, clusters=clusters,
        clusters_in_frame=frame if clusters is not None else None, population=population,
    )  # fmt: skip


def _by_name(item: tuple[tuple[str | None, ...], Tally]) -> tuple[tuple[bool, Any, str], ...]:
    return tuple(_order(part) for part in item[0])


def _order(part: str | None) -> tuple[bool, Any, str]:
    """Numbers by size, then names; those who gave none come last."""
    if part is None:
        return (True, float("inf"), "")
    try:
        return (False, float(part), part)
    except ValueError:
        return (False, float("inf"), part)


def as_tally(answers: Any) -> Tally | None:
    """The tally that was given: as one, or as {answer: count}."""
    if isinstance(answers, Tally):
        return answers
    if isinstance(answers, Mapping) and answers:
        whole = (int, np.integer)
        if all(isinstance(k, whole) and isinstance(v, whole) for k, v in answers.items()):
            return Tally({int(k): int(v) for k, v in answers.items()})
    return None


def _nothing_beside(by: Any, weights: Any, cluster: Any) -> None:
    if by is not None or weights is not None or cluster is not None:
        raise BadInput(
            "A tally has no columns to group, weight or cluster by.",
            remedy="Give the answers themselves.",
        )


def assembled(
    answers: Any, by: Any, weights: Any, cluster: Any
) -> tuple[Any, list[str], str | None, str | None]:
    """The source with its columns named; arrays beside the answers become columns of it."""
    named = isinstance(by, str) or by is None or _are_names(by)
    if named and not _is_array(weights) and not _is_array(cluster):
        names = [by] if isinstance(by, str) else list(by or ())
        return answers, names, weights, cluster
    if _has_columns(answers):
        raise BadInput(
            "A table's columns are named, not given beside it.",
            remedy='Write by="region", weights="weight".',
        )
    columns: dict[str, Any] = {"answer": answers if hasattr(answers, "__len__") else list(answers)}
    beside: dict[str, Any] = {}
    if isinstance(by, Mapping):
        beside = dict(by)
    elif by is not None:
        beside = {str(getattr(by, "name", None) or "group"): by}
    columns |= beside
    if weights is not None:
        columns["weight "] = weights
    if cluster is not None:
        columns["cluster "] = cluster
    return (
        columns, list(beside),
        "weight " if weights is not None else None, "cluster " if cluster is not None else None,
    )  # fmt: skip


def _are_names(by: Any) -> bool:
    return isinstance(by, (list, tuple)) and len(by) <= 8 and all(isinstance(n, str) for n in by)


def _is_array(value: Any) -> bool:
    return value is not None and not isinstance(value, str)


def _has_columns(answers: Any) -> bool:
    if isinstance(answers, (str, bytes, Mapping)) or hasattr(answers, "read"):
        return True
    return hasattr(answers, "columns") or hasattr(answers, "column_names")
