"""The conversation, message by message, and what no sequence of messages may ever do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.channels.sms.conversation import (
    Ask,
    CommentGiven,
    Conversation,
    Effect,
    OptedIn,
    OptedOut,
    Reply,
    Said,
    ScoreGiven,
    Stage,
    Step,
    begin,
    hear,
    whose,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ASK = Ask(language="en")
HOUR = timedelta(hours=1)


def talk(*texts: str, gap: timedelta = timedelta(minutes=1)) -> list[Step]:
    state = begin(at=NOON, closes_at=NOON + timedelta(days=14), ask=ASK)
    steps = []
    for number, text in enumerate(texts, 1):
        step = hear(state, Said(f"m{number}", text, NOON + number * gap), ask=ASK)
        steps.append(step)
        state = step.state
    return steps


def effects(steps: list[Step]) -> list[Effect]:
    return [effect for step in steps for effect in step.effects]


def replies(steps: list[Step]) -> list[Reply]:
    return [reply for step in steps for reply in step.replies]


def test_a_score_then_a_reason_then_thanks() -> None:
    steps = talk("9", "quick and kind")
    assert effects(steps) == [ScoreGiven(9), CommentGiven("quick and kind")]
    assert replies(steps) == [Reply.REASON, Reply.THANKS]
    assert steps[-1].state.stage is Stage.DONE


def test_a_comment_with_the_score_saves_the_question_for_it() -> None:
    steps = talk("9 great service")
    assert effects(steps) == [ScoreGiven(9), CommentGiven("great service")]
    assert replies(steps) == [Reply.THANKS]


def test_eleven_is_asked_again_and_never_clipped() -> None:
    steps = talk("11", "10")
    assert effects(steps) == [ScoreGiven(10)]
    assert replies(steps) == [Reply.AGAIN, Reply.REASON]


def test_nobody_is_asked_again_twice() -> None:
    assert replies(talk("hm", "what", "8 or 9", "11")) == [Reply.AGAIN]


def test_words_without_a_score_are_kept_and_the_score_still_counts() -> None:
    steps = talk("Terrible, I waited 3 hours", "still waiting", "2")
    assert effects(steps) == [
        CommentGiven("Terrible, I waited 3 hours"),
        CommentGiven("still waiting"),
        ScoreGiven(2),
    ]
    assert replies(steps) == [Reply.AGAIN, Reply.THANKS]


def test_a_second_score_is_an_edit() -> None:
    steps = talk("6", "sorry I meant 9", "fast", "8")
    assert effects(steps) == [
        ScoreGiven(6),
        ScoreGiven(9, edited=True),
        CommentGiven("fast"),
        ScoreGiven(8, edited=True),
    ]


def test_the_same_score_again_is_no_edit() -> None:
    assert effects(talk("6", "6")) == [ScoreGiven(6)]


def test_a_reason_with_a_number_in_it_stays_a_reason() -> None:
    steps = talk("3", "2 people were rude", "1. slow 2. rude", "7 great reasons")
    assert [e for e in effects(steps) if isinstance(e, ScoreGiven)] == [ScoreGiven(3)]
    assert steps[-1].state.score == 3


def test_stop_wins_in_every_stage_and_is_confirmed_once() -> None:
    for before in ([], ["hm"], ["9"], ["9", "good"], ["HELP"]):
        steps = talk(*before, "STOP", "STOP", "9", "HELP", "why")
        assert [r for r in replies(steps) if r is Reply.STOPPED] == [Reply.STOPPED]
        after = steps[len(before) + 1 :]
        assert [reply for step in after for reply in step.replies] == []
        assert steps[-1].state.opted_out


def test_who_leaves_with_a_score_has_answered() -> None:
    assert effects(talk("2. STOP")) == [ScoreGiven(2), OptedOut("2. STOP")]


def test_a_score_after_stop_counts_in_silence() -> None:
    steps = talk("STOP", "9")
    assert effects(steps) == [OptedOut("STOP"), ScoreGiven(9)]
    assert replies(steps) == [Reply.STOPPED]


def test_start_takes_up_where_it_was() -> None:
    steps = talk("STOP", "START", "9")
    assert effects(steps) == [OptedOut("STOP"), OptedIn("START"), ScoreGiven(9)]
    assert replies(steps) == [Reply.STOPPED, Reply.STARTED, Reply.REASON]


def test_help_changes_nothing() -> None:
    steps = talk("HELP", "9")
    assert replies(steps) == [Reply.HELP, Reply.REASON]
    assert steps[0].state.stage is Stage.ASKED


def test_a_repeated_callback_does_nothing() -> None:
    state = begin(at=NOON, closes_at=NOON + 14 * 24 * HOUR)
    said = Said("SM1", "9", NOON)
    first = hear(state, said, ask=ASK)
    again = hear(first.state, said, ask=ASK)
    assert (again.state, again.replies, again.effects) == (first.state, (), ())


def test_a_late_nine_counts_while_the_survey_is_open_and_nothing_else_was_asked() -> None:
    state = begin(at=NOON, closes_at=NOON + timedelta(days=14), ask=ASK)
    late = Said("m1", "9", NOON + timedelta(days=3))
    assert hear(state, late, ask=ASK).effects == (ScoreGiven(9),)
    other = hear(state, late, ask=ASK, others_open=True)
    assert (other.effects, other.replies) == ((), (Reply.EXPIRED,))


def test_after_closing_it_is_said_once_and_nothing_is_recorded() -> None:
    steps = talk("9", "8", "good", gap=timedelta(days=15))
    assert (effects(steps), replies(steps)) == ([], [Reply.EXPIRED])


def test_a_second_score_after_the_session_is_no_edit() -> None:
    steps = talk("9", "2", gap=timedelta(hours=23))
    assert [e for e in effects(steps) if isinstance(e, ScoreGiven)][1:] == [
        ScoreGiven(2, edited=True)
    ]
    state = steps[0].state
    late = hear(state, Said("x", "2", state.expires_at + HOUR), ask=ASK)
    assert (late.effects, late.replies) == ((), (Reply.EXPIRED,))


def test_a_reason_after_the_session_is_kept() -> None:
    state = talk("9")[0].state
    late = hear(state, Said("x", "because you are quick", state.expires_at + HOUR), ask=ASK)
    assert late.effects == (CommentGiven("because you are quick"),)


def test_a_conversation_survives_its_storage() -> None:
    state = talk("hm", "9", "good", "STOP")[-1].state
    assert Conversation.read(state.as_dict()) == state


def test_a_message_finds_its_conversation() -> None:
    old = begin(at=NOON - timedelta(days=3), closes_at=NOON + timedelta(days=3))
    new = begin(at=NOON, closes_at=NOON + timedelta(days=14))
    answered = replace(old, stage=Stage.DONE, score=9)
    assert whose([old, new], at=NOON) == 1
    assert whose([old, answered], at=NOON) == 0
    assert whose([old, old], at=NOON) in {0, 1}
    assert whose([], at=NOON) is None


def test_a_text_that_is_not_there_is_not_sent() -> None:
    step = talk("STOP", "START")[-1]
    assert step.texts({"sms.stopped": "Bye"}) == ()
    assert step.texts({"sms.started": "Welcome back"}) == ("Welcome back",)


MESSAGES = st.sampled_from(
    ["9", "0", "10", "11", "8 or 9", "", "👍", "hello", "9 great service", "I waited 3 hours",
     "STOP", "stop!", "START", "YES", "HELP", "sorry I meant 7", "ten", "-1", "2. STOP", "why?"]
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(MESSAGES, st.integers(0, 12), st.integers(0, 60 * 24 * 20), st.booleans()),
    max_size=14,
)


@settings(deadline=None)
@given(EVENTS)
def test_no_sequence_loses_a_score_asks_again_twice_or_sends_after_stop(
    events: list[tuple[str, int, int, bool]],
) -> None:
    state = begin(at=NOON, closes_at=NOON + timedelta(days=14), ask=ASK)
    at, again, recorded = NOON, 0, None
    seen: set[str] = set()
    for text, number, minutes, others in events:
        at += timedelta(minutes=minutes)
        stopped, expires = state.opted_out, state.expires_at
        step = hear(state, Said(f"m{number}", text, at), ask=ASK, others_open=others)
        given_scores = [e for e in step.effects if isinstance(e, ScoreGiven)]
        again += step.replies.count(Reply.AGAIN)
        assert again <= 1
        assert len(step.replies) <= 1
        assert not stopped or set(step.replies) <= {Reply.STARTED}
        if f"m{number}" in seen:
            assert (step.effects, step.replies, step.state) == ((), (), state)
        elif text in {"9", "0", "10", "ten"} and at <= expires and at <= state.closes_at:
            value = 10 if text == "ten" else int(text)
            assert step.state.score == value
            assert recorded == value or [e.value for e in given_scores] == [value]
        for score in given_scores:
            assert score.edited == (recorded is not None)
            recorded = score.value
        assert step.state.score == recorded
        seen.add(f"m{number}")
        state = step.state
