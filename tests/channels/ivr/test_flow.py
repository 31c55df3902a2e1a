"""The call: which keys are a score at once, which wait, and what no call may ever do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.channels.contract import Forged
from promontory.channels.ivr.flow import (
    AFTER_ONE_S,
    Answered,
    Call,
    CallsRefused,
    Effect,
    Event,
    Line,
    MachineAnswered,
    Pressed,
    ReasonSpoken,
    Recorded,
    ScorePressed,
    Stage,
    Turn,
    answer,
    said,
    seal,
    state_in,
    step,
    unseal,
    with_state,
)
from promontory.channels.ivr.trial import call

SILENCE = Pressed("")
WORDING = {line.value: f"{line.name} words" for line in Line}
KEY = b"k" * 32


def after(*events: Event) -> Turn:
    turn = answer(Answered())
    for event in events:
        turn = step(turn.state, event)
    return turn


def test_it_begins_with_who_we_are_what_is_promised_and_how_to_refuse() -> None:
    assert answer(Answered()).lines == (
        Line.GREETING,
        Line.PROMISE,
        Line.QUESTION,
        Line.KEYS,
        Line.OPT_OUT,
    )


@pytest.mark.parametrize("key", [0, 2, 3, 4, 5, 6, 7, 8, 9])
def test_every_key_but_one_counts_at_once(key: int) -> None:
    turn = after(Pressed(str(key)))
    assert (turn.effects, turn.records) == ((ScorePressed(key),), True)


def test_after_one_a_second_key_is_waited_for() -> None:
    turn = after(Pressed("1"))
    assert (turn.effects, turn.listens_s) == ((), AFTER_ONE_S)


@pytest.mark.parametrize(("second", "score"), [(Pressed("0"), 10), (SILENCE, 1), (Pressed("#"), 1)])
def test_one_and_zero_is_ten_and_one_alone_is_one(second: Pressed, score: int) -> None:
    assert after(Pressed("1"), second).effects == (ScorePressed(score),)


@pytest.mark.parametrize("second", "23456789")
def test_one_and_another_key_is_asked_again_once(second: str) -> None:
    again = after(Pressed("1"), Pressed(second))
    assert again.lines == (Line.AGAIN, Line.QUESTION, Line.KEYS)
    assert again.effects == ()
    assert after(Pressed("1"), Pressed(second), Pressed("1"), Pressed(second)).hangs_up


def test_a_ten_that_is_tried_again_is_never_a_zero() -> None:
    again = after(Pressed("1"), Pressed("1"))
    assert (again.lines, again.effects) == ((Line.ONE_OR_TEN,), ())
    assert step(again.state, Pressed("0")).effects == (ScorePressed(10),)
    assert step(again.state, Pressed("1")).hangs_up
    deaf = call([(9, "1"), (9.3, "0"), (11, "1"), (11.8, "0")], wording=WORDING, deaf_s=0.5)
    assert deaf.score == 10


def test_what_is_said_after_a_one_is_said_even_without_words_for_it() -> None:
    assert said((Line.PROMISE, Line.ONE_OR_TEN), {}) == ("10: 1, 0.",)
    assert said((Line.ONE_OR_TEN,), {"voice.one_or_ten": "For ten press 0"}) == ("For ten press 0",)


@pytest.mark.parametrize(
    ("keys", "effects"),
    [("10", (ScorePressed(10),)), ("1", (ScorePressed(1),)), ("0", (ScorePressed(0),)), ("11", ())],
)
def test_keys_that_a_service_collected_itself_are_whole(
    keys: str, effects: tuple[Effect, ...]
) -> None:
    assert after(Pressed(keys, whole=True)).effects == effects


def test_silence_is_asked_again_once_and_then_left_in_peace() -> None:
    assert after(SILENCE).lines == (Line.QUESTION, Line.KEYS)
    end = after(SILENCE, SILENCE)
    assert (end.lines, end.hangs_up, end.effects) == ((Line.GOODBYE,), True, ())


def test_the_question_is_repeated_on_request_but_not_for_ever() -> None:
    assert Line.QUESTION in after(Pressed("#")).lines
    assert after(*[Pressed("#")] * 4).hangs_up


@pytest.mark.parametrize("before", [[], [Pressed("1")], [SILENCE], [Pressed("9")]])
def test_the_opt_out_key_ends_every_stage(before: list[Event]) -> None:
    turn = after(*before, Pressed("*"))
    assert turn.effects == (CallsRefused(),)
    assert (turn.lines, turn.hangs_up) == ((Line.STOPPED, Line.GOODBYE), True)


def test_a_reason_is_kept_and_thanked_for() -> None:
    turn = after(Pressed("9"), Recorded("https://api.example/RE1", 7, "quick"))
    assert turn.effects == (ReasonSpoken("https://api.example/RE1", 7, "quick"),)
    assert turn.lines == (Line.THANKS, Line.GOODBYE)
    assert after(Pressed("9"), SILENCE).lines == (Line.THANKS, Line.GOODBYE)


def test_a_machine_hears_nothing() -> None:
    turn = answer(Answered(machine=True))
    assert (turn.lines, turn.hangs_up, turn.effects) == ((), True, (MachineAnswered(),))


def test_nothing_comes_after_the_end() -> None:
    turn = after(SILENCE, SILENCE, Pressed("9"))
    assert (turn.effects, turn.hangs_up) == ((), True)


EVENTS = st.lists(
    st.one_of(
        st.sampled_from([Pressed(key) for key in [*"0123456789*#", ""]]),
        st.just(Recorded("https://api.example/RE1", 3)),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(EVENTS)
def test_no_call_has_two_scores_or_asks_more_than_it_may(events: list[Event]) -> None:
    turn = answer(Answered())
    scores, asked_again = 0, 0
    for event in events:
        before = turn.state
        turn = step(before, event)
        assert step(before, event) == turn
        assert turn.state.turn == before.turn + 1
        scores += sum(isinstance(e, ScorePressed) for e in turn.effects)
        asked_again += turn.state.asked - before.asked
        if before.stage is Stage.AFTER_ONE and event == Pressed("0"):
            assert turn.effects == (ScorePressed(10),)
    assert scores <= 1
    assert asked_again <= 1


@settings(deadline=None)
@given(EVENTS)
def test_every_call_ends(events: list[Event]) -> None:
    turn = answer(Answered())
    for event in [*events, *[SILENCE] * 4]:
        turn = step(turn.state, event)
    assert turn.hangs_up


def test_the_state_is_ours_and_of_this_call_only() -> None:
    state = Call(Stage.REASON, 2, 1, 10, 5)
    token = seal(state, reference="inv-7", key=KEY)
    assert unseal(token, reference="inv-7", key=KEY) == state
    assert state_in(with_state("https://a.example/in/ivr/k/step?ref=7", token)) == token
    for other in (
        lambda: unseal(token, reference="inv-8", key=KEY),
        lambda: unseal(token, reference="inv-7", key=b"other"),
        lambda: unseal(token.replace(".10.", ".9."), reference="inv-7", key=KEY),
        lambda: unseal("", reference="inv-7", key=KEY),
        lambda: unseal("é.é", reference="inv-7", key=KEY),
    ):
        with pytest.raises(Forged):
            other()


@settings(deadline=None)
@given(
    st.builds(
        Call,
        st.sampled_from(Stage),
        st.integers(1, 2),
        st.integers(0, 3),
        st.none() | st.integers(0, 10),
        st.integers(0, 99),
    )
)
def test_every_state_survives_its_journey(state: Call) -> None:
    assert unseal(seal(state, reference="r", key=KEY), reference="r", key=KEY) == state


def test_a_late_callback_repeats_the_step_of_its_own_turn() -> None:
    first = answer(Answered())
    scored = step(first.state, Pressed("9"))
    ended = step(scored.state, SILENCE)
    assert step(first.state, Pressed("9")) == scored
    assert ended.state.turn > scored.state.turn
    assert replace(ended.state, turn=0).score == 9


@pytest.mark.parametrize(
    ("presses", "score"),
    [
        ([(3, "9")], 9),
        ([(9, "1"), (10, "0")], 10),
        ([(9, "1"), (9.2, "0")], 10),
        ([(9, "1")], 1),
        ([(9, "1"), (14, "0")], 1),
        ([(0, "0")], 0),
        ([(2, "1"), (3, "5"), (8, "7")], 7),
        ([], None),
        ([(60, "9")], None),
        ([(5, "*")], None),
    ],
)
def test_keys_in_time_have_their_outcome(
    presses: list[tuple[float, str]], score: int | None
) -> None:
    assert call(presses, wording=WORDING).score == score


def test_who_hangs_up_after_a_one_has_given_no_score() -> None:
    assert call([(9, "1")], wording=WORDING, hangs_up_s=9.5).score is None


def test_a_zero_lost_between_two_questions_is_asked_for_aloud() -> None:
    lost = call([(9, "1"), (9.3, "0"), (11, "0")], wording=WORDING, deaf_s=0.5)
    assert lost.score == 10
    assert WORDING[Line.ONE_OR_TEN] in [line.text for line in lost.heard]


def test_the_trial_tells_what_was_heard_and_recorded() -> None:
    trial = call([(2, "8")], wording=WORDING, reason="you were quick")
    assert [line.text for line in trial.heard if line.key] == ["8"]
    assert trial.effects == (ScorePressed(8), ReasonSpoken("recording", 1, "you were quick"))
    assert call([], wording=WORDING, machine=True).heard == ()
