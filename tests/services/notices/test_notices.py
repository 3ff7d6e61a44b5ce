"""A host with ``notices`` is told what is the matter, each thing once until it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement

from illumichat_sms_plugin.contract import missing_from
from illumichat_sms_plugin.host import Answer, Person
from illumichat_sms_plugin.models import SmsNotice, SmsSession, db_now
from illumichat_sms_plugin.phone_number import mask
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.notices import look
from illumichat_sms_plugin.services.notices.look import look_for_notices
from illumichat_sms_plugin.services.notices.tell import tell_notices
from illumichat_sms_plugin.services.notices.what_stands import _attention
from illumichat_sms_plugin.services.people.handling import take_over
from illumichat_sms_plugin.services.setup.channel_state import ChannelState, Reason, StateCode
from tests.support.apps import PUBLIC_URL
from tests.support.channels import OWNER, change, outbound, run_jobs, sessions, sql, write
from tests.support.twilio_requests import NUMBER, TEXTER, status_in, text_in


@dataclass
class Told:
    """The host's part; ``fail`` makes it raise."""

    heard: list[dict[str, str]] = field(default_factory=list)
    fail: Exception | None = None

    def notify(
        self, workspace_id: str, assistant_id: str, *, kind: str, sentence: str, url: str, key: str
    ) -> None:
        if self.fail is not None:
            raise self.fail
        self.heard.append(locals() | {"self": ""})

    @property
    def kinds(self) -> list[str]:
        return [heard["kind"] for heard in self.heard]


@pytest.fixture
def told(texting: Flask) -> Told:
    part = Told()
    texting.extensions["illumichat_sms"].host.notices = part
    return part


def rounds(app: Flask, times: int = 1) -> None:
    with app.app_context():
        for _ in range(times):
            look_for_notices(current_runtime())
            tell_notices(current_runtime())


def later(app: Flask) -> None:
    """After an hour."""
    write(app, SmsNotice, SmsNotice.id > 0, due_at=db_now(-1))
    write(app, SmsNotice, SmsNotice.told_at.is_not(None), told_at=db_now(-7200))


def fail(app: Flask, code: int = 30034, times: int = 6) -> None:
    before = len(outbound(app))
    for n in range(times):
        text_in(app, f"Hello number {n} of {code}", From=f"+1555765{code % 1000:03}{n}")
    run_jobs(app)
    for message in outbound(app)[before:]:
        status_in(app, message.message_sid, "failed", ErrorCode=str(code))


def test_without_the_part_nothing_is_written(texting: Flask, twilio: Any) -> None:
    fail(texting)
    rounds(texting)
    assert sql(texting, "SELECT count(*) FROM sms_notices").scalar() == 0


def test_texts_that_do_not_arrive_are_told_once_until_it_changes(
    texting: Flask, twilio: Any, told: Told
) -> None:
    fail(texting)
    rounds(texting, 3)
    (heard,) = told.heard
    assert heard["workspace_id"], heard["assistant_id"] == ("ws_acme", "ast_support")
    assert heard["kind"] == "needs_attention"
    assert heard["sentence"].startswith("6 of the last 6 texts did not arrive")
    assert heard["url"] == f"{PUBLIC_URL}/sms/ast_support"
    fail(texting, 30007, times=7)
    rounds(texting, 2)
    assert len(told.heard) == 2  # another reason is other news
    assert len({heard["key"] for heard in told.heard}) == 2


def test_what_comes_back_within_the_hour_is_told_when_that_is_over(
    texting: Flask, twilio: Any, told: Told
) -> None:
    fail(texting)
    rounds(texting)
    text_in(texting, "Does it work again?")
    run_jobs(texting)
    status_in(texting, outbound(texting)[-1].message_sid, "delivered")
    rounds(texting)
    fail(texting)
    rounds(texting, 2)
    assert told.kinds == ["needs_attention"]
    later(texting)
    rounds(texting, 2)
    assert told.kinds == ["needs_attention"] * 2
    assert len({heard["key"] for heard in told.heard}) == 2


def test_each_pause_is_told(texting: Flask, told: Told) -> None:
    for _ in range(2):
        with texting.app_context():
            pauses.pause(current_runtime(), "ast_support", by=OWNER)
        rounds(texting, 2)
        with texting.app_context():
            pauses.resume(current_runtime(), "ast_support", by=OWNER)
        rounds(texting)
    assert told.kinds == ["paused"] * 2


def test_a_limit_in_money_is_told_at_80_percent_and_as_a_pause(
    texting: Flask, twilio: Any, told: Told
) -> None:
    change(texting, money_per_day="0.08")
    for n in range(10):
        text_in(texting, "Hello", From=f"+1555765432{n}")
        run_jobs(texting)
        rounds(texting)
    assert told.kinds == ["limit_at_80", "paused"]
    first, second = (heard["sentence"] for heard in told.heard)
    assert "Money today" in first
    assert "spent as much money as it may in a day" in second


def test_a_loop_that_was_stopped_leads_to_its_session(texting: Flask, twilio: Any, told: Told) -> None:
    for _ in range(6):
        text_in(texting, "I am away until Monday, thank you for your patience.")
        run_jobs(texting)
        rounds(texting)
    (heard,) = told.heard
    assert heard["kind"] == "loop_stopped"
    (session,) = sessions(texting)
    assert heard["url"] == f"{PUBLIC_URL}/sms/ast_support/sessions/{session.id}"
    assert TEXTER not in heard["sentence"]


def test_who_waits_for_a_person_is_told_until_a_person_answers(
    texting: Flask, twilio: Any, told: Told, host: Any
) -> None:
    host.assistants.reply = lambda _: Answer("I will get somebody.", handoff="wants a refund")
    text_in(texting, "I want to speak to somebody")
    run_jobs(texting)
    rounds(texting, 2)
    (heard,) = told.heard
    assert heard["kind"] == "wants_a_person"
    assert "wants a refund" in heard["sentence"]
    with texting.app_context():
        take_over(current_runtime(), sessions(texting)[0].id, by=Person("1", "Anna"))
    rounds(texting)
    assert sql(texting, "SELECT count(*) FROM sms_notices WHERE ended_at IS NULL").scalar() == 0
    text_in(texting, "Hello? Is anybody there?")
    run_jobs(texting)
    later(texting)
    rounds(texting, 2)
    assert told.kinds == ["wants_a_person"] * 2


def test_no_sentence_has_a_whole_number(texting: Flask, twilio: Any, told: Told, host: Any) -> None:
    why = "she can be called at +1 (555) 765-4321 until six"
    host.assistants.reply = lambda _: Answer("I will get somebody.", handoff=why)
    text_in(texting, "Call me")
    run_jobs(texting)
    rounds(texting)
    assert told.heard[0]["sentence"].endswith("called at +1555•••4321 until six")
    finding = f"{NUMBER} is in no Messaging Service, so it belongs to no A2P campaign."
    (told_of,) = _attention(
        1, ChannelState(StateCode.ON, "", (Reason(finding, "Register.", name="campaign"),))
    )
    assert told_of.sentence.startswith(f"{mask(NUMBER)} is in no Messaging Service")


def test_a_host_that_fails_is_told_again_and_stops_nothing(
    texting: Flask, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    told.fail = RuntimeError("no mail server")
    with texting.app_context():
        pauses.pause(current_runtime(), "ast_support", by=OWNER)
    rounds(texting, 3)
    assert caplog.text.count("could not take a notice") == 1  # not in every round
    told.fail = None
    write(texting, SmsNotice, SmsNotice.id > 0, due_at=db_now(-1))
    rounds(texting, 2)
    assert told.kinds == ["paused"]


def test_what_is_over_before_it_could_be_told_is_not_told(texting: Flask, told: Told) -> None:
    told.fail = RuntimeError("no mail server")
    with texting.app_context():
        pauses.pause(current_runtime(), "ast_support", by=OWNER)
    rounds(texting)
    with texting.app_context():
        pauses.resume(current_runtime(), "ast_support", by=OWNER)
    told.fail = None
    write(texting, SmsNotice, SmsNotice.id > 0, due_at=db_now(-1))
    rounds(texting)
    assert not told.heard


def wait_for_people(app: Flask, first: int, count: int) -> None:
    for n in range(first, first + count):
        text_in(app, "Hello", From=f"+1555700{n:04}")
    write(app, SmsSession, SmsSession.id > 0, person_since=db_now())


def test_many_who_wait_are_told_together(texting: Flask, told: Told) -> None:
    wait_for_people(texting, 0, 30)
    rounds(texting, 2)
    (heard,) = told.heard
    assert heard["sentence"] == "30 texters wait for a person's answer."
    assert heard["url"] == f"{PUBLIC_URL}/sms/ast_support/sessions?show=person"
    assert (
        sql(texting, "SELECT count(DISTINCT told_at) FROM sms_notices").scalar() == 1
    )  # one of the ten calls


def stop_a_machine(app: Flask, number: str) -> ColumnElement[bool]:
    """Its session."""
    text_in(app, "Hello", From=number)
    session = SmsSession.phone_number == number
    write(app, SmsSession, session, machine_at=db_now())
    return session


def still_open(app: Flask) -> set[str]:
    return set(sql(app, "SELECT kind FROM sms_notices WHERE ended_at IS NULL").scalars())


def test_stopped_machines_hide_nobody_who_waits_no_more(
    texting: Flask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "OPEN", 1)
    wait_for_people(texting, 0, 1)
    stop_a_machine(texting, TEXTER)
    rounds(texting)
    assert still_open(texting) == {"loop_stopped", "wants_a_person"}
    write(texting, SmsSession, SmsSession.id > 0, person_since=None)
    rounds(texting)
    assert still_open(texting) == {"loop_stopped"}


def test_a_stopped_machine_is_news_for_an_hour(texting: Flask, told: Told) -> None:
    session = stop_a_machine(texting, TEXTER)
    rounds(texting)
    write(texting, SmsSession, session, machine_at=db_now(-7200))
    rounds(texting)
    assert still_open(texting) == {"loop_stopped"}, "told not long ago"
    later(texting)
    write(texting, SmsSession, session, machine_at=db_now())
    rounds(texting)
    assert still_open(texting) == {"loop_stopped"}, "it texts on, and is told of once"
    write(texting, SmsSession, session, machine_at=db_now(-7200))
    rounds(texting)
    assert not still_open(texting)
    assert told.kinds == ["loop_stopped"]


def test_no_more_than_ten_times_an_hour_and_kind(texting: Flask, told: Told) -> None:
    for n in range(14):
        wait_for_people(texting, n, 1)
        rounds(texting)
    assert len(told.heard) == 10
    later(texting)
    rounds(texting)
    assert told.heard[-1]["sentence"].startswith("4 texters")


def test_two_processes_tell_it_once(texting: Flask, told: Told) -> None:
    wait_for_people(texting, 0, 3)
    with texting.app_context():
        look_for_notices(current_runtime())

        def again(*_: Any, **__: Any) -> None:
            assert tell_notices(current_runtime()) == 0
            told.heard.append({})

        told.notify = again  # type: ignore[method-assign]
        tell_notices(current_runtime())
    assert len(told.heard) == 1


def test_nothing_is_left_of_an_erased_texter(texting: Flask, told: Told) -> None:
    from illumichat_sms_plugin.services.texters.erase_texter import erase_texter

    wait_for_people(texting, 0, 1)
    rounds(texting)
    (session,) = sessions(texting)
    with texting.app_context():
        erase_texter(current_runtime(), session.channel_id, session.id)
    assert sql(texting, "SELECT count(*) FROM sms_notices").scalar() == 0


def test_a_part_that_is_there_must_be_whole(texting: Flask) -> None:
    host = texting.extensions["illumichat_sms"].host
    host.notices = object()
    assert missing_from(host) == ["notices.notify"]
