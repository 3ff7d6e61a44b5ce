"""What happens to a text that is tried out: the same as to one of a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.answering.situation import AnswerInHand, Limits
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.rehearsal.lines import SENT, Kind, Line, Memory
from illumichat_sms_plugin.services.rehearsal.play import Play, go_on, hear, open_text, switched_on
from illumichat_sms_plugin.twilio_gateway.values import Credentials

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMITS = Limits(attempts=3, restarts=2, answers_per_hour=30, stale_after=600)


def channel(**options: Any) -> Channel:
    return Channel(
        id=1,
        assistant_id="ast_support",
        workspace_id="ws_acme",
        account_sid="AC" + "0" * 32,
        phone_number="+15551230001",
        options=ChannelOptions(**options),
        keys=(),
        retired_keys=(),
        credentials=Credentials("AC" + "0" * 32, Secret("token")),
        is_confirmed=True,
    )


def begin(number: str = "+12015550123", **options: Any) -> Play:
    return Play(channel(**options), number, LIMITS, NOW, Memory())


def later(play: Play) -> Play:
    return replace(play, now=play.now + timedelta(minutes=1))


def answered(play: Play, said: str | None = "At ten.", **more: Any) -> Play:
    assert play.asks
    answer = AnswerInHand(said, frozenset({open_text(play)}), **more)
    return later(go_on(play, answer=answer))


def said(play: Play) -> list[tuple[str, str]]:
    """Kind, and reason or text, of all that followed the last text."""
    return [(line.kind.value, line.reason or line.body) for line in play.lines[open_text(play) :]]


def test_a_question_is_put_to_the_assistant_and_its_answer_shown():
    play = hear(begin(), "When do you open?")
    assert play.asks
    assert said(answered(play)) == [("answer", "At ten.")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("STOP", "keyword"),
        ("HELP", "keyword"),
        ("Liked “At ten.”", "reaction"),
        ("I'm driving with Do Not Disturb While Driving turned on.", "auto_reply"),
    ],
)
def test_what_is_not_put_to_the_assistant_says_why(body: str, reason: str):
    play = hear(begin(), body)
    assert not play.asks
    assert said(play) == [("no_answer", reason)]


@pytest.mark.parametrize(
    ("number", "options", "reason"),
    [
        ("+33612345678", {"countries": ("US", "CA")}, "country"),
        ("+19005550123", {}, "costly_number"),
        ("+12015550123", {"answer_to": AnswerTo.LISTED, "only_numbers": ("+12015550199",)}, "not_allowed"),
        ("+15551230001", {}, "own_number"),
    ],
)
def test_a_number_that_is_not_answered_is_told_so(number: str, options: dict[str, Any], reason: str):
    assert said(hear(begin(number, **options), "Hello")) == [("no_answer", reason)]


def test_after_an_opt_out_nothing_is_answered_until_the_opt_in():
    play = later(hear(begin(), "STOP"))
    play = later(hear(play, "Are you there?"))
    assert said(play) == [("no_answer", "opted_out")]
    play = later(hear(play, "START"))
    assert hear(play, "Are you there?").asks


def test_a_plain_wish_opts_out_and_is_confirmed_once():
    play = hear(begin(), "Please remove me from your list")
    assert [kind for kind, _ in said(play)] == ["no_answer", "confirm"]
    assert play.memory.opted_out
    assert play.lines[0].wish_rule
    again = hear(later(play), "Please remove me from your list")
    assert [kind for kind, _ in said(again)] == ["no_answer"]


def test_an_unclear_wish_is_asked_about_and_the_next_text_decides():
    play = hear(begin(), "stop the reminders")
    assert [kind for kind, _ in said(play)] == ["clarify"]
    assert hear(later(play), "When do you open?").asks
    play = hear(later(play), "stop the reminders")
    assert play.memory.opted_out
    assert said(play)[0] == ("no_answer", "plain_wish")


def test_what_was_cut_comes_on_more_without_the_assistant():
    play = answered(hear(begin(), "Tell me all"), "The first part.", rest="The second part.")
    assert play.lines[-1].rest == "The second part."
    play = hear(play, "MORE")
    assert not play.asks
    assert said(play) == [("more", "The second part.")]
    assert hear(later(play), "MORE").asks, "nothing is left, so the assistant is asked"


def test_the_first_answer_introduces_itself_once():
    play = answered(hear(begin(introduce=True), "Hello"), introduces=True)
    assert play.memory.introduced


def test_an_assistant_that_fails_to_the_end_apologises():
    play = hear(begin(), "Hello")
    (kind, body), *rest = said(go_on(play, gives_up=True))
    assert (kind, rest) == ("apology", [])
    assert body


def test_an_assistant_that_is_silent_leaves_it_to_a_person():
    assert said(answered(hear(begin(), "Hello"), None)) == [("no_answer", "taken_over")]


def test_a_suggested_answer_is_shown_as_one():
    play = answered(hear(begin(suggest_answers=True), "Hello"))
    assert said(play) == [("suggested", ""), ("answer", "At ten.")]


def test_a_stranger_gets_no_answer_where_only_contacts_do():
    play = hear(replace(begin(answer_to=AnswerTo.CONTACTS), is_stranger=True), "Hello")
    assert said(answered(play, None, stranger=True)) == [("no_answer", "not_allowed")]


def test_a_number_of_another_channel_looks_like_a_machine():
    assert said(hear(replace(begin(), is_a_channel=True), "Hello")) == [("no_answer", "machine")]


def test_the_same_text_at_a_machines_pace_looks_like_one():
    play = begin()
    for _ in range(6):
        play = hear(
            replace(play, now=play.now + timedelta(milliseconds=100)), "Your call is important to us, hold"
        )
        if not play.asks:
            break
        play = replace(answered(play), now=play.now)
    assert said(play) == [("no_answer", "machine")]


def test_a_channel_that_is_off_or_paused_is_tried_out_all_the_same():
    off = replace(channel(enabled=False), paused="limit", is_confirmed=False, attention_code=20003)
    assert hear(replace(begin(), channel=switched_on(off)), "Hello").asks


def test_without_a_token_the_text_would_wait():
    play = hear(replace(begin(), channel=replace(channel(), credentials=None)), "Hello")
    assert said(play) == [("waits", "the stored Auth Token cannot be read")]


LINES = st.builds(Line, st.sampled_from(Kind), st.datetimes(timezones=st.just(UTC)), *[st.text()] * 5)


@given(LINES)
def test_a_line_is_read_as_it_was_stored(line: Line):
    assert Line.read(line.stored()) == line


@given(st.lists(st.text(max_size=200), min_size=1, max_size=4))
def test_whatever_is_written_something_follows(texts: list[str]):
    play = begin()
    for text in texts:
        play = hear(play, text)
        play = answered(play) if play.asks else later(play)
        assert said(play)
        assert all(line.body for line in play.lines if line.kind in SENT)
