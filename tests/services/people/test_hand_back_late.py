"""A session goes back to the assistant by itself, some hours after a person's last text."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.people import hand_back_late as late
from illumichat_sms_plugin.services.people import handling
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

ANNA = Person("per_anna", "Anna")
HOUR = 3600.0


@pytest.fixture
def taken_over(texting: Flask) -> Flask:
    """Anna answers; twelve hours after her last text the assistant does again."""
    change(texting, hand_back_after_hours=12)
    text_in(texting, "Is anybody there?")
    run_jobs(texting)
    with texting.app_context():
        handling.take_over(current_runtime(), 1, by=ANNA)
    return texting


def look(app: Flask) -> int:
    with app.app_context():
        return late.hand_back_late(current_runtime())


def pass_hours(app: Flask, *, since: float, wrote: float | None = None) -> None:
    written = None if wrote is None else db_now(-wrote * HOUR)
    write(app, SmsSession, SmsSession.id == 1, person_since=db_now(-since * HOUR), person_at=written)


@pytest.mark.parametrize(
    ("since", "wrote", "handed_back"),
    [(13.0, None, 1), (11.0, None, 0), (100.0, 13.0, 1), (100.0, 11.0, 0)],
)
def test_when_it_is_time(taken_over: Flask, since: float, wrote: float | None, handed_back: int) -> None:
    pass_hours(taken_over, since=since, wrote=wrote)
    assert look(taken_over) == handed_back
    assert (sessions(taken_over)[0].person_since is None) == bool(handed_back)
    assert look(taken_over) == 0


def test_the_assistant_answers_what_came_and_the_host_and_the_audit_know(
    taken_over: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(taken_over, "And on Sunday?")
    run_jobs(taken_over)
    pass_hours(taken_over, since=13.0)
    assert look(taken_over) == 1
    run_jobs(taken_over)
    assert len(on_twilio(twilio)) == 2
    assert host.chats.handled[-1] == ("conv_1", None)
    audit = visit(taken_over, "admin").get("/api/sms/config/ast_support/audit").json["data"]
    assert (audit[0]["action"], audit[0]["personName"]) == ("handed_back", "SMS (by itself)")


def test_nothing_that_came_meanwhile_is_left_without_a_word(taken_over: Flask, twilio: Any) -> None:
    """A text of hours ago would be too old for an answer, were it handed back by somebody who reads it."""
    text_in(taken_over, "And on Sunday?")
    run_jobs(taken_over)
    write(taken_over, SmsMessage, SmsMessage.body == "And on Sunday?", created_at=db_now(-12.5 * HOUR))
    pass_hours(taken_over, since=12.6)
    assert look(taken_over) == 1
    run_jobs(taken_over)
    assert len(on_twilio(twilio)) == 2


def test_who_takes_over_what_the_assistant_handed_off_has_the_whole_time(taken_over: Flask) -> None:
    """Not only what is left since the hand-off."""
    write(
        taken_over,
        SmsSession,
        SmsSession.id == 1,
        person_since=db_now(-13 * HOUR),
        person_by=None,
        person_at=None,
    )
    with taken_over.app_context():
        handling.take_over(current_runtime(), 1, by=ANNA)
    assert look(taken_over) == 0


def test_never_is_never(taken_over: Flask) -> None:
    change(taken_over, hand_back_after_hours=0)
    pass_hours(taken_over, since=10_000.0)
    assert look(taken_over) == 0


def test_who_writes_at_the_same_moment_keeps_the_session(
    taken_over: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the hand-back."""
    pass_hours(taken_over, since=13.0)
    hand_back = late.hand_back

    def after_a_text(*args: Any, **options: Any) -> bool:
        write(taken_over, SmsSession, SmsSession.id == 1, person_at=db_now())
        return hand_back(*args, **options)

    monkeypatch.setattr(late, "hand_back", after_a_text)
    assert look(taken_over) == 0
    assert sessions(taken_over)[0].person_since is not None


def test_what_only_the_host_knows_of_is_the_hosts_to_end(taken_over: Flask) -> None:
    write(taken_over, SmsSession, SmsSession.id == 1, person_by_host=True, person_since=db_now(-99 * HOUR))
    assert look(taken_over) == 0
