"""Makes the demo company's answers: the same ones for the same last day, in any installation.

A score comes from a normal latent opinion cut at ten thresholds. Leans are given in points of the
score and are turned into shifts of the opinion, so that `truths` reads in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from promontory.demo import company, truths
from promontory.demo.company import Level
from promontory.demo.verbatims import write_comments

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SHARES = (0.02, 0.01, 0.015, 0.02, 0.03, 0.06, 0.085, 0.14, 0.22, 0.19, 0.21)
"""How often each of 0 to 10 is answered where nothing leans: a score of 16 points."""

_CUTS = np.array([NormalDist().inv_cdf(sum(SHARES[: n + 1])) for n in range(10)])
_DETRACTOR_CUT, _PROMOTER_CUT = _CUTS[6], _CUTS[8]
_DENSITY = NormalDist().pdf(float(_DETRACTOR_CUT)) + NormalDist().pdf(float(_PROMOTER_CUT))
POINTS_PER_SHIFT = 100 * _DENSITY
"""By how many points the score moves for a shift of the opinion by one standard deviation."""


@dataclass(frozen=True, slots=True)
class People:
    """The contacts: attributes as codes into the levels, and a lasting opinion of their own."""

    account: Ints
    region: Ints
    segment: Ints
    product: Ints
    tenure: Ints
    role: Ints
    language: Ints
    opinion: Floats


def draw(levels: Sequence[Level], count: int, random: np.random.Generator) -> Ints:
    """Return `count` codes of levels, in their shares."""
    shares = np.array([level.share for level in levels])
    return random.choice(len(levels), size=count, p=shares / shares.sum()).astype(np.int64)


def names(levels: Sequence[Level], codes: Ints) -> NDArray[np.object_]:
    """Return the names of the coded levels."""
    return np.array([level.name for level in levels], dtype=object)[codes]


def leans(levels: Sequence[Level], codes: Ints) -> Floats:
    """Return the leans of the coded levels, in points."""
    return np.array([level.lean for level in levels], dtype=float)[codes]


def make_people(random: np.random.Generator) -> People:
    """Make the contacts; those of one account share its region, segment, product and tenure."""
    accounts = company.ACCOUNTS
    account = np.sort(random.integers(0, accounts, company.CONTACTS))
    account_opinion = random.normal(0, 0.35, accounts)
    return People(
        account=account,
        region=draw(company.REGIONS, accounts, random)[account],
        segment=draw(company.SEGMENTS, accounts, random)[account],
        product=draw(company.PRODUCTS, accounts, random)[account],
        tenure=draw(company.TENURES, accounts, random)[account],
        role=draw(company.ROLES, company.CONTACTS, random),
        language=draw(company.LANGUAGES, company.CONTACTS, random),
        opinion=account_opinion[account] + random.normal(0, 0.6, company.CONTACTS),
    )


def score(points: Floats, opinion: Floats, random: np.random.Generator) -> Ints:
    """Return scores 0 to 10 of people with these leans (in points) and lasting opinions."""
    own = np.sqrt(max(0.0, 1 - 0.35**2 - 0.6**2)) if opinion.any() else 1.0
    latent = points / POINTS_PER_SHIFT + opinion + random.normal(0, own, len(points))
    return np.searchsorted(_CUTS, latent).astype(np.int64)


def relationship(people: People, count: int, last: date, random: np.random.Generator) -> pa.Table:
    """Return the answers to the quarterly relationship survey."""
    wave = np.sort(random.integers(1, truths.WAVES + 1, count))
    person = _who_answers(people, wave, random)
    length = company.DAYS / truths.WAVES
    within = length * (1 - random.random(count))  # never quite 0: that is the wave before
    days_back = np.floor((truths.WAVES - wave + 1) * length - within).astype(np.int64)
    points = _base_points(people, person)
    points += np.where(wave >= 5, truths.EVERY_SEGMENT_ROSE, 0.0)
    given = score(points, people.opinion[person], random)
    channel = draw(company.RELATIONSHIP_CHANNELS, count, random)
    return _table(
        people,
        person,
        last,
        days_back,
        random,
        prefix="R",
        given=given,
        channel=names(company.RELATIONSHIP_CHANNELS, channel),
    )


def _who_answers(people: People, wave: Ints, random: np.random.Generator) -> Ints:
    """Choose who answers: small customers far more often from the fifth wave on."""
    small = len(company.SEGMENTS) - 1
    ids = np.arange(company.CONTACTS)
    small_people, others = ids[people.segment == small], ids[people.segment != small]
    share = np.where(wave >= 5, truths.SMALL_SHARE_AFTER, truths.SMALL_SHARE_BEFORE)
    is_small = random.random(len(wave)) < share
    return np.where(
        is_small, random.choice(small_people, len(wave)), random.choice(others, len(wave))
    )


def support(people: People, count: int, last: date, random: np.random.Generator) -> pa.Table:
    """Return the answers after support: the recommendation, the effort, the agent."""
    person = random.integers(0, company.CONTACTS, count)
    days_back = random.integers(0, company.DAYS, count)
    channel = draw(company.SUPPORT_CHANNELS, count, random)
    cloud = next(i for i, level in enumerate(company.PRODUCTS) if level.name == "Cloud")
    is_down = (days_back <= truths.OUTAGE_FROM) & (days_back > truths.OUTAGE_TO)
    points = _base_points(people, person) + leans(company.SUPPORT_CHANNELS, channel)
    points += np.where((people.product[person] == cloud) & is_down, truths.OUTAGE_LEAN, 0.0)
    given = score(points, people.opinion[person], random)
    effort = np.clip(np.round(given * 0.45 + 2.2 + random.normal(0, 1.1, count)), 1, 7)
    agent = random.integers(0, len(company.AGENTS), count)
    return _table(
        people,
        person,
        last,
        days_back,
        random,
        prefix="S",
        given=given,
        channel=names(company.SUPPORT_CHANNELS, channel),
        extra={
            "effort": effort.astype(np.int64),
            "agent": np.array(company.AGENTS, dtype=object)[agent],
        },
    )


def delivery(count: int, last: date, random: np.random.Generator) -> pa.Table:
    """Return the anonymous answers from the kiosks of the depots; they have no ids."""
    days_back = random.integers(0, company.DAYS, count)
    days = _days(last, days_back)
    is_december = np.array([day.month == 12 for day in days])
    product = draw(company.PRODUCTS, count, random)
    points = np.where(is_december, truths.DECEMBER_LEAN, 0.0) + 6
    given = score(points, np.zeros(count), random)
    size = np.arange(1.0, len(company.DEPOTS) + 1) ** -1.6
    depot = random.choice(len(company.DEPOTS), size=count, p=size / size.sum())
    language = draw(company.LANGUAGES, count, random)
    spoken = names(company.LANGUAGES, language)
    return pa.table(
        {
            "answered_at": _instants(days, random),
            "score": given,
            "comment": write_comments(given, spoken, random, share=0.18),
            "language": spoken.tolist(),
            "channel": ["kiosk"] * count,
            "product": names(company.PRODUCTS, product).tolist(),
            "depot": np.array(company.DEPOTS, dtype=object)[depot].tolist(),
        }
    )


def _base_points(people: People, person: Ints) -> Floats:
    return (
        leans(company.SEGMENTS, people.segment[person])
        + leans(company.PRODUCTS, people.product[person])
        + leans(company.TENURES, people.tenure[person])
    )


def _table(
    people: People,
    person: Ints,
    last: date,
    days_back: Ints,
    random: np.random.Generator,
    *,
    prefix: str,
    given: Ints,
    channel: NDArray[np.object_],
    extra: dict[str, NDArray[np.generic]] | None = None,
) -> pa.Table:
    """Return the rows of one survey, oldest first, as a vendor would export them."""
    order = np.argsort(-days_back, kind="stable")
    person, given, channel = person[order], given[order], channel[order]
    spoken = names(company.LANGUAGES, people.language[person])
    account = people.account[person]
    columns: dict[str, object] = {
        "id": [f"{prefix}{number:07d}" for number in range(1, len(person) + 1)],
        "answered_at": _instants(_days(last, days_back[order]), random),
        "email": [f"person{p}@account{a}.example" for p, a in zip(person, account, strict=True)],
        "account": [f"Account {a:04d}" for a in account],
        "score": given,
        **{name: values[order].tolist() for name, values in (extra or {}).items()},
        "comment": write_comments(given, spoken, random, share=0.30),
        "language": spoken.tolist(),
        "channel": channel.tolist(),
        "region": names(company.REGIONS, people.region[person]).tolist(),
        "segment": names(company.SEGMENTS, people.segment[person]).tolist(),
        "product": names(company.PRODUCTS, people.product[person]).tolist(),
        "tenure": names(company.TENURES, people.tenure[person]).tolist(),
        "role": names(company.ROLES, people.role[person]).tolist(),
    }
    return pa.table(columns)


def _days(last: date, days_back: Ints) -> list[date]:
    return [last - timedelta(days=int(back)) for back in days_back]


def _instants(days: list[date], random: np.random.Generator) -> list[str]:
    """Return local instants in office hours, as text, in the company's zone."""
    minutes = random.integers(7 * 60, 20 * 60, len(days))
    return [
        f"{day.isoformat()}T{minute // 60:02d}:{minute % 60:02d}:00"
        for day, minute in zip(days, minutes, strict=True)
    ]
