"""What is done about a session: a table of situations, and what holds in all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.answering.decide import (
    Ask,
    Because,
    Close,
    Confirm,
    Finish,
    Move,
    PluginWords,
    Say,
    Send,
    SendRest,
    Wait,
    decide,
)
from illumichat_sms_plugin.services.answering.situation import (
    AnswerInHand,
    OpenSession,
    Situation,
    StoredRest,
)
from illumichat_sms_plugin.services.further_numbers import Standing
from tests.support.situations import (
    CHANNEL,
    DRAFT,
    IN_OTHER_TROUBLE,
    LIMITS,
    NOW,
    OFF,
    ON_TRIAL,
    ONLY_CONTACTS,
    ONLY_OTHERS,
    PAUSED,
    SHUT_OUT,
    TOKENLESS,
    a_session,
    a_situation,
    a_text,
)
from tests.support.twilio_requests import NUMBER

BOTH = (1, 2)
FURTHER = "+15551230002"
TO_BOTH = (a_text(1), a_text(2, to=FURTHER))
OLD = a_text(1, age=1801.0)
STRANGER = AnswerInHand(None, frozenset({1, 2}), stranger=True)
APOLOGISE = Say(PluginWords.APOLOGY, BOTH, NoReply.ASSISTANT_FAILED)
UNCLEAR = replace(a_text(1), unclear=True)
CLARIFY = Say(PluginWords.CLARIFICATION, (1,), NoReply.UNCLEAR_WISH)
OPTED_OUT = {"opted_out": True, "confirm_from": "+15550100", "confirm_for": 299.0}
TRIED_OUT = {"attempts": 3}


REST = StoredRest(7, "And so on.")
MORE = replace(a_text(2), asks_for_more=True)


def said(*asked: int, text: str | None = "We are open.", restarts: int = 0) -> AnswerInHand:
    return AnswerInHand(text, frozenset(asked), restarts)


@pytest.mark.parametrize(
    ("situation", "move"),
    [
        # before the assistant is asked
        (a_situation(), Ask(BOTH)),
        (a_situation(texts=()), Finish()),
        (a_situation(texts=(), unfiled=False), Finish()),
        (a_situation(texts=(), unfiled=False, session=TRIED_OUT), Finish()),
        (a_situation(texts=(), unfiled=False, session={"crashed": True}), Finish()),
        # texts that get no answer
        (a_situation(texts=(OLD, a_text(2))), Close((1,), NoReply.STALE)),
        (a_situation(channel=None), Close(BOTH, NoReply.NOT_CONNECTED)),
        (a_situation(channel=None, texts=()), Wait(Because.NOT_CONNECTED)),
        (a_situation(session={"opted_out": True}), Close(BOTH, NoReply.OPTED_OUT)),
        (a_situation(channel=OFF), Close(BOTH, NoReply.DISABLED)),
        (a_situation(channel=OFF, texts=()), Finish()),
        (a_situation(answers_last_hour=30), Close(BOTH, NoReply.RATE_LIMITED)),
        (a_situation(answers_last_hour=29), Ask(BOTH)),
        (a_situation(answers_last_day=100), Close(BOTH, NoReply.RATE_LIMITED)),
        (a_situation(calls_last_hour=60), Close(BOTH, NoReply.RATE_LIMITED)),
        (a_situation(calls_last_hour=60, answer=said(1, 2)), Send("We are open.", BOTH)),
        (a_situation(calls_last_day=200, answer=said(1)), Send("We are open.", (1,))),
        (a_situation(channel=PAUSED), Close(BOTH, NoReply.PAUSED)),
        (a_situation(channel=PAUSED, texts=()), Finish()),
        (a_situation(channel=PAUSED, texts=(), session=OPTED_OUT), Finish()),
        (a_situation(channel=PAUSED, answer=said(1, 2)), Close(BOTH, NoReply.PAUSED)),
        # whom to answer
        (a_situation(session={"blocked": True}), Close(BOTH, NoReply.BLOCKED)),
        (a_situation(session={"blocked": True} | OPTED_OUT, texts=()), Finish()),
        (a_situation(channel=ONLY_OTHERS), Close(BOTH, NoReply.NOT_ALLOWED)),
        (a_situation(channel=ON_TRIAL), Close(BOTH, NoReply.NOT_ALLOWED)),
        (a_situation(channel=ONLY_CONTACTS), Ask(BOTH)),  # whether it is one the host says
        (a_situation(channel=ONLY_CONTACTS, answer=STRANGER), Close(BOTH, NoReply.NOT_ALLOWED)),
        (a_situation(channel=ONLY_CONTACTS, session=TRIED_OUT), Close(BOTH, NoReply.ASSISTANT_FAILED)),
        (a_situation(channel=ONLY_CONTACTS, session=TRIED_OUT | {"contact_id": "1"}), APOLOGISE),
        # a machine
        (a_situation(texter_is_a_channel=True), Close(BOTH, NoReply.MACHINE)),
        (a_situation(channel=OFF, unfinished_send=True), Close(BOTH, NoReply.DISABLED)),
        # what has to be waited for
        (a_situation(unfinished_send=True), Wait(Because.EARLIER_SEND)),
        (a_situation(unfinished_send=True, texts=()), Wait(Because.EARLIER_SEND)),
        (a_situation(channel=TOKENLESS), Wait(Because.TOKEN_UNREADABLE)),
        (a_situation(channel=TOKENLESS, texts=()), Finish()),
        (a_situation(channel=DRAFT), Wait(Because.NOT_ACCEPTED)),
        (a_situation(channel=DRAFT, texts=(OLD, a_text(2))), Close((1,), NoReply.STALE)),
        (a_situation(channel=SHUT_OUT), Wait(Because.NOT_ACCEPTED)),
        (a_situation(channel=SHUT_OUT, session=TRIED_OUT), Wait(Because.NOT_ACCEPTED)),
        (a_situation(channel=SHUT_OUT, texts=()), Finish()),
        (a_situation(channel=IN_OTHER_TROUBLE), Ask(BOTH)),
        # texts to further numbers
        (a_situation(texts=TO_BOTH), Ask((1,))),
        (a_situation(texts=TO_BOTH[1:]), Wait(Because.NUMBER_UNKNOWN)),
        (a_situation(texts=TO_BOTH, numbers={FURTHER: Standing.OURS}), Ask(BOTH)),
        (
            a_situation(texts=TO_BOTH, numbers={FURTHER: Standing.NOT_OURS}),
            Close((2,), NoReply.NOT_OUR_NUMBER),
        ),
        (a_situation(texts=TO_BOTH, numbers={FURTHER: Standing.OFF}), Close((2,), NoReply.DISABLED)),
        (a_situation(texts=TO_BOTH, answer=said(1)), Send("We are open.", (1,))),
        (a_situation(texts=TO_BOTH[1:], session=TRIED_OUT), Wait(Because.NUMBER_UNKNOWN)),
        (a_situation(session={"attempts": 1, "pausing": True}), Wait(Because.PAUSE)),
        (a_situation(session={"pausing": True}), Ask(BOTH)),
        (a_situation(session={"attempts": 3, "pausing": True}), Wait(Because.PAUSE)),
        # a worker died of these texts, or beside them
        (a_situation(session={"crashed": True, "attempts": 1}), Ask(BOTH)),
        (a_situation(session={"crashed": True, "attempts": 1}, my_turn=False), Wait(Because.OTHER_SUSPECT)),
        (a_situation(session={"crashed": True}, my_turn=False, texts=()), Wait(Because.OTHER_SUSPECT)),
        (a_situation(my_turn=False), Ask(BOTH)),
        # a text that may be an opt-out: the texter is asked, not the assistant
        (a_situation(texts=(UNCLEAR,)), CLARIFY),
        (a_situation(texts=(UNCLEAR, a_text(2))), CLARIFY),
        (a_situation(texts=(UNCLEAR,), session=TRIED_OUT), CLARIFY),
        (a_situation(texts=(UNCLEAR,), channel=ONLY_CONTACTS), Close((1,), NoReply.NOT_ALLOWED)),
        (a_situation(texts=(UNCLEAR,), channel=ONLY_CONTACTS, session={"contact_id": "1"}), CLARIFY),
        (a_situation(texts=(UNCLEAR,), unfinished_send=True), Wait(Because.EARLIER_SEND)),
        (a_situation(texts=(UNCLEAR,), channel=OFF), Close((1,), NoReply.DISABLED)),
        (a_situation(texts=(UNCLEAR, a_text(2)), answer=said(2)), Send("We are open.", (2,))),
        # an opt-out that nobody has confirmed
        (a_situation(texts=(), session=OPTED_OUT), Confirm()),
        (a_situation(texts=(), session=OPTED_OUT, unfinished_send=True), Confirm()),
        (a_situation(session=OPTED_OUT), Close(BOTH, NoReply.OPTED_OUT)),
        (a_situation(texts=(), session=OPTED_OUT, channel=OFF), Finish()),
        (a_situation(texts=(), session=OPTED_OUT, channel=TOKENLESS), Finish()),
        (a_situation(texts=(), session=OPTED_OUT, channel=None), Wait(Because.NOT_CONNECTED)),
        # the assistant has failed
        (a_situation(session={"attempts": 2}), Ask(BOTH)),
        (a_situation(session=TRIED_OUT), APOLOGISE),
        (a_situation(session=TRIED_OUT | {"crashed": True}, my_turn=False), APOLOGISE),
        (
            a_situation(session=TRIED_OUT | {"apologised_lately": True}),
            Close(BOTH, NoReply.ASSISTANT_FAILED),
        ),
        (a_situation(session=TRIED_OUT | {"opted_out": True}), Close(BOTH, NoReply.OPTED_OUT)),
        (a_situation(session=TRIED_OUT, channel=TOKENLESS), Wait(Because.TOKEN_UNREADABLE)),
        # an answer is in hand
        (a_situation(answer=said(1, 2)), Send("We are open.", BOTH)),
        (a_situation(answer=said(1, 2), session=TRIED_OUT | {"pausing": True}), Send("We are open.", BOTH)),
        (a_situation(answer=said(1)), Ask(BOTH)),
        (a_situation(answer=said(1, restarts=1)), Ask(BOTH)),
        (a_situation(answer=said(1, restarts=2)), Send("We are open.", (1,))),
        (a_situation(answer=said(1, 2), texts=(a_text(2),)), Send("We are open.", (2,))),
        (a_situation(answer=said(1, 2), texts=(), session={"attempts": 1}), Finish()),
        (a_situation(answer=said(8, 9)), Finish()),
        (a_situation(answer=said(1, 2), texts=(OLD, a_text(2))), Close((1,), NoReply.STALE)),
        (a_situation(answer=said(1, 2), session={"opted_out": True}), Close(BOTH, NoReply.OPTED_OUT)),
        (a_situation(answer=said(1, 2), channel=OFF), Close(BOTH, NoReply.DISABLED)),
        (a_situation(answer=said(1, 2), channel=None), Close(BOTH, NoReply.NOT_CONNECTED)),
        (a_situation(answer=said(1, 2), channel=TOKENLESS), Wait(Because.TOKEN_UNREADABLE)),
        (a_situation(answer=said(1, 2), channel=SHUT_OUT), Wait(Because.NOT_ACCEPTED)),
        (a_situation(answer=said(1, 2), channel=DRAFT), Wait(Because.NOT_ACCEPTED)),
        (a_situation(answer=said(1, 2), unfinished_send=True), Wait(Because.EARLIER_SEND)),
        # a person has taken over
        (a_situation(answer=said(1, 2, text=None)), Close(BOTH, NoReply.TAKEN_OVER)),
        (a_situation(answer=said(1, text=None)), Close((1,), NoReply.TAKEN_OVER)),
        (a_situation(answer=said(8, text=None)), Finish()),
        # MORE
        (a_situation(texts=(MORE,), rest=REST), SendRest(REST, (2,))),
        (a_situation(texts=(MORE,)), Ask((2,))),
        (a_situation(texts=(a_text(1), MORE), rest=REST), SendRest(REST, (2,))),
        (
            a_situation(texts=(MORE,), rest=REST, session={"attempts": 1, "pausing": True}),
            SendRest(REST, (2,)),
        ),
        (a_situation(texts=(MORE,), rest=REST, session={"opted_out": True}), Close((2,), NoReply.OPTED_OUT)),
        (a_situation(texts=(MORE,), rest=REST, unfinished_send=True), Wait(Because.EARLIER_SEND)),
        (a_situation(texts=(MORE,), rest=REST, channel=TOKENLESS), Wait(Because.TOKEN_UNREADABLE)),
        (a_situation(texts=(a_text(1), MORE), rest=REST, answer=said(1)), Send("We are open.", (1,))),
        (a_situation(texts=(a_text(1), MORE), answer=said(1)), Ask((1, 2))),
    ],
)
def test_in_this_situation(situation: Situation, move: Move) -> None:
    assert decide(situation) == move


texts = st.lists(
    st.builds(
        lambda text, more: replace(text, asks_for_more=more),
        st.builds(a_text, st.integers(1, 9), age=st.floats(0, 4000), to=st.sampled_from((NUMBER, FURTHER))),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda text: text.id,
).map(tuple)
sessions = st.builds(
    a_session,
    attempts=st.integers(0, 4),
    **dict.fromkeys(("opted_out", "pausing", "crashed", "apologised_lately"), st.booleans()),
)
answers = st.none() | st.builds(
    AnswerInHand, st.none() | st.just("We are open."), st.frozensets(st.integers(1, 9)), st.integers(0, 3)
)
situations = st.builds(
    Situation,
    now=st.just(NOW),
    session=sessions,
    channel=st.sampled_from((None, CHANNEL, OFF, TOKENLESS, DRAFT, SHUT_OUT)),
    texts=texts,
    answers_last_hour=st.integers(58, 62),
    unfinished_send=st.booleans(),
    unfiled=st.booleans(),
    limits=st.just(LIMITS),
    my_turn=st.booleans(),
    numbers=st.just({}) | st.sampled_from(Standing).map(lambda found: {FURTHER: found}),
    answer=answers,
    rest=st.none() | st.just(REST),
)


def ids(situation: Situation) -> set[int]:
    return {text.id for text in situation.texts}


def last_move(situation: Situation) -> tuple[Situation, Move]:
    """The move when all is closed that has to be, and the situation then."""
    while isinstance(move := decide(situation), Close):
        situation = situation.without(move.texts)
    return situation, move


@given(situations)
def test_there_is_a_move_in_any_situation_and_it_is_about_open_texts(situation: Situation) -> None:
    move = decide(situation)
    if isinstance(move, Close | Say | Ask | Send | SendRest):
        assert move.texts
        assert set(move.texts) <= ids(situation)


@given(situations)
def test_closing_comes_to_an_end(situation: Situation) -> None:
    closed = 0
    while isinstance(move := decide(situation), Close):
        assert set(move.texts) & ids(situation)
        situation, closed = situation.without(move.texts), closed + len(move.texts)
    assert closed <= 4


@given(situations)
def test_nothing_is_sent_to_who_opted_out_or_while_an_earlier_answer_is_unsettled(
    situation: Situation,
) -> None:
    _, move = last_move(situation)
    if situation.session.opted_out or situation.unfinished_send:
        assert not isinstance(move, Say | Ask | Send | SendRest)


@given(situations)
def test_nobody_is_asked_or_texted_for_a_channel_that_cannot_send(situation: Situation) -> None:
    _, move = last_move(situation)
    if situation.channel in (None, OFF, TOKENLESS, DRAFT, SHUT_OUT):
        assert not isinstance(move, Say | Ask | Send | SendRest)


@given(situations)
def test_nothing_is_sent_from_a_number_that_twilio_has_not_confirmed(situation: Situation) -> None:
    """What is sent goes out from a number that one of the answered texts was sent to."""
    rest, move = last_move(situation)
    if isinstance(move, Say | Ask | Send):
        texted = {text.to_number for text in rest.texts if text.id in move.texts}
        assert texted <= {NUMBER} | ({FURTHER} if rest.numbers.get(FURTHER) is Standing.OURS else set())


@given(situations)
def test_what_is_too_old_is_never_answered(situation: Situation) -> None:
    _, move = last_move(situation)
    fresh = {text.id for text in situation.texts if text.asked_at >= NOW - timedelta(seconds=1800)}
    if isinstance(move, Say | Ask | Send | SendRest):
        assert set(move.texts) <= fresh


@given(situations)
def test_an_answer_is_sent_for_texts_only_that_the_assistant_knew_of(situation: Situation) -> None:
    _, move = last_move(situation)
    if isinstance(move, Send):
        assert situation.answer is not None
        assert set(move.texts) <= situation.answer.asked
        assert move.body == situation.answer.text


@given(situations)
def test_the_assistant_is_asked_a_bounded_number_of_times(situation: Situation) -> None:
    _, move = last_move(situation)
    if isinstance(move, Ask):
        made, again = situation.session.attempts, situation.answer
        assert again.restarts < LIMITS.restarts if again else made < LIMITS.attempts


@given(situations)
def test_who_had_an_apology_lately_gets_none(situation: Situation) -> None:
    _, move = last_move(situation)
    if situation.session.apologised_lately:
        assert not isinstance(move, Say)


@given(situations)
def test_no_text_is_left_open_when_all_is_finished(situation: Situation) -> None:
    """Except those that came while the assistant thought about others: they get a round of their own."""
    rest, move = last_move(situation)
    if isinstance(move, Finish) and rest.texts:
        assert rest.answer is not None
        assert not ids(rest) & rest.answer.asked


@given(situations)
def test_one_suspect_is_tried_at_a_time(situation: Situation) -> None:
    _, move = last_move(situation)
    if situation.session.crashed and not situation.my_turn and situation.answer is None:
        assert not isinstance(move, Ask | Finish)


def test_a_session_is_described_by_defaults_that_keep_nothing_from_being_answered() -> None:
    ordinary = OpenSession(id=1, channel_id=1, phone_number="+15551234567")
    assert isinstance(decide(a_situation(session={})), Ask)
    assert not any((ordinary.opted_out, ordinary.pausing, ordinary.crashed, ordinary.apologised_lately))
