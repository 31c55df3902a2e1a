"""Who may be asked, and when next: one decision, for one person and for millions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.program.outreach.codes import Disposition as D
from promontory.program.outreach.rules.many import People, freed, judge
from promontory.program.outreach.rules.policy import (
    ALWAYS,
    DAY,
    NEVER,
    RULES,
    Facts,
    Policy,
    may_ask,
)

AT = 1_780_000_000
EMAIL, SMS = 1, 2
MAIL = {"wanted": EMAIL, "has": EMAIL}


def ago(days: float) -> int:
    return AT - int(days * DAY)


@pytest.mark.parametrize(
    ("facts", "policy", "disposition", "until"),
    [
        (Facts(**MAIL), Policy(rest_invited=30), None, AT),
        (Facts(**MAIL, invited=ago(30)), Policy(rest_invited=30), None, AT),
        (Facts(**MAIL, invited=ago(29)), Policy(rest_invited=30), D.HELD_REST, ago(-1)),
        (Facts(**MAIL, shown=ago(1)), Policy(rest_invited=30), None, AT),
        (Facts(**MAIL, dismissed=ago(1)), Policy(rest_dismissed=3), D.HELD_REST, ago(-2)),
        (Facts(**MAIL, answered=ago(9)), Policy(rest_answered=90), D.HELD_REST, ago(-81)),
        (Facts(**MAIL, survey_invited=ago(80)), Policy(cadence_days=90), D.HELD_REST, ago(-10)),
        (Facts(**MAIL, held=NEVER), Policy(), D.HELD_HOLD, None),
        (Facts(**MAIL, held=ago(-5)), Policy(), D.HELD_HOLD, ago(-5)),
        (Facts(**MAIL, held=ago(5)), Policy(), None, AT),
        (Facts(**MAIL, closed=EMAIL), Policy(), D.HELD_OPTED_OUT, None),
        (Facts(**MAIL, failing=EMAIL), Policy(), D.UNREACHABLE, None),
        (Facts(wanted=EMAIL, has=SMS), Policy(), D.UNREACHABLE, None),
        (Facts(wanted=EMAIL | SMS, has=EMAIL | SMS, closed=EMAIL), Policy(), None, AT),
        (Facts(wanted=None), Policy(), None, AT),
        (Facts(**MAIL, has_basis=False), Policy(needs_basis=True), D.HELD_NO_BASIS, None),
        (Facts(**MAIL, has_basis=False), Policy(), None, AT),
        (Facts(**MAIL, first=ago(-3)), Policy(), D.HELD_PRIORITY, ago(-3)),
        (
            Facts(**MAIL, person=(ago(9), ago(200), ago(300))),
            Policy(cap_person=2),
            D.HELD_CAP,
            ago(200 - 365),
        ),
        (Facts(**MAIL, person=(ago(300),)), Policy(cap_person=2), None, AT),
        (Facts(**MAIL, person=()), Policy(cap_person=0), D.HELD_CAP, None),
        (Facts(**MAIL, account=(ago(1), ago(2))), Policy(cap_account=2), D.HELD_ACCOUNT, ago(-28)),
        (Facts(**MAIL, household=(ago(80),)), Policy(cap_household=1), D.HELD_HOUSEHOLD, ago(-10)),
        # What is planned ahead counts already.
        (Facts(**MAIL, person=(ago(-10),)), Policy(cap_person=1), D.HELD_CAP, ago(-375)),
    ],
)
def test_the_verdict(
    facts: Facts, policy: Policy, disposition: D | None, until: int | None
) -> None:
    verdict = may_ask(facts, policy, None, AT)
    assert (verdict.disposition, verdict.until) == (disposition, until)


def test_an_exception_replaces_a_rule_and_no_other() -> None:
    facts = Facts(**MAIL, invited=ago(10), answered=ago(10))
    policy = Policy(rest_invited=30, rest_answered=90)
    verdict = may_ask(facts, policy, {"rest_answered": None}, AT)
    assert (verdict.because, verdict.until) == ("rest_invited", ago(-20))
    assert may_ask(facts, policy, {"rest_answered": 7, "rest_invited": 7}, AT).may


def test_an_unknown_rule_of_an_exception_is_refused() -> None:
    with pytest.raises(BadInput, match="rest_forever"):
        may_ask(Facts(), Policy(), {"rest_forever": 1}, AT)


instants = st.one_of(st.none(), st.integers(ago(400), ago(-60)))
days = st.one_of(st.none(), st.integers(0, 365))
caps = st.one_of(st.none(), st.integers(0, 3))
asked = st.lists(st.integers(ago(400), ago(-60)), max_size=4).map(tuple)
ways = st.integers(0, 15)
policies = st.builds(
    Policy,
    rest_invited=days,
    rest_shown=days,
    rest_answered=days,
    rest_dismissed=days,
    cap_person=caps,
    cap_account=caps,
    cap_household=caps,
    needs_basis=st.booleans(),
    cadence_days=days,
)
some_facts = st.builds(
    Facts,
    has=ways,
    closed=st.integers(0, 3),
    failing=st.integers(0, 3),
    has_basis=st.booleans(),
    invited=instants,
    shown=instants,
    answered=instants,
    dismissed=instants,
    survey_invited=instants,
    held=st.one_of(instants, st.just(NEVER)),
    first=instants,
    person=asked,
    account=asked,
    household=asked,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(some_facts, min_size=1, max_size=8), policies, st.one_of(st.none(), ways))
def test_many_are_judged_as_each_would_be(
    facts: list[Facts], policy: Policy, wanted: int | None
) -> None:
    alone = [Facts(**{name: getattr(f, name) for name in Facts.__slots__} | {"wanted": wanted})
             for f in facts]  # fmt: skip
    expected = [int(may_ask(f, policy, None, AT).disposition or 0) for f in alone]
    assert judge(people(facts, policy), policy, wanted=wanted, at=AT).tolist() == expected


@settings(max_examples=300, deadline=None)
@given(some_facts, policies)
def test_until_is_the_first_second_at_which_it_is_allowed(facts: Facts, policy: Policy) -> None:
    verdict = may_ask(facts, policy, None, AT)
    if verdict.until is None:
        assert not may_ask(facts, policy, None, NEVER - 1).may
        return
    assert may_ask(facts, policy, None, verdict.until).may
    assert verdict.may or not may_ask(facts, policy, None, verdict.until - 1).may


@settings(max_examples=300, deadline=None)
@given(some_facts, st.integers(1, 4), st.integers(1, 100))
def test_no_span_of_a_cap_ever_holds_more(facts: Facts, cap: int, span: int) -> None:
    policy = Policy(cap_person=cap, cap_person_days=span)
    times: list[int] = []
    for at in sorted(facts.person):
        if may_ask(Facts(person=tuple(times)), policy, None, at).may:
            times.append(at)
    for start in times:
        assert sum(start <= t < start + span * DAY for t in times) <= cap


def test_every_rule_has_its_place_in_the_table_of_many() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names) == 13


def people(facts: list[Facts], policy: Policy) -> People:
    def column(name: str) -> np.ndarray:
        return np.array([getattr(f, name) for f in facts], dtype=np.int64)

    def instants_of(name: str) -> np.ndarray:
        found = (getattr(f, name) for f in facts)
        return np.array([ALWAYS if t is None else t for t in found], dtype=np.int64)

    def free(whose: str) -> np.ndarray:
        pairs = [(i, t) for i, f in enumerate(facts) for t in getattr(f, whose)]
        groups, times = (
            np.array(c, dtype=np.int64) for c in (zip(*pairs, strict=True) if pairs else ((), ()))
        )
        cap = getattr(policy, f"cap_{whose}")
        return freed(groups, times, cap, getattr(policy, f"cap_{whose}_days"), len(facts))

    return People(
        **{name: column(name) for name in ("has", "closed", "failing")},
        has_basis=column("has_basis").astype(bool),
        **{
            name: instants_of(name)
            for name in ("invited", "shown", "answered", "dismissed", "survey_invited")
        },
        held=instants_of("held"),
        first=instants_of("first"),
        person_free=free("person"),
        household_free=free("household"),
        account_free=free("account"),
    )
