"""Every text is counted in the transaction that writes it as ``sending``, of whatever kind it is.

Counted before or after, a worker that dies between leaves a wrong count, and twenty workers see limits that are not
reached yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from illumichat_sms_plugin.host import AssistantUnavailable, Person
from illumichat_sms_plugin.models import SendState, SmsMessage
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.channels import Channel, load_channel
from illumichat_sms_plugin.services.reconcile.settle_doubt import resend
from tests.services.answering.answers import due_now, on_twilio
from tests.services.reconcile.doubt import look
from tests.support.channels import OWNER, change, connect, outbound, run_jobs, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

LONG = " ".join(f"Sentence {number} is about the hours of day {number}." for number in range(1, 9))
ANNA = Person("per_anna", "Anna")
MANY = "+155576501"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def transactions_of(app: Flask) -> Iterator[list[set[str]]]:
    """What each transaction has done, by the words ``spending``, ``answers`` and the kind of a text that went out."""
    engine = app.extensions["sqlalchemy"].engine
    open_ones: dict[int, set[str]] = {}
    committed: list[set[str]] = []

    def on_begin(connection: Any) -> None:
        open_ones[id(connection)] = set()

    def on_commit(connection: Any) -> None:
        committed.append(open_ones.pop(id(connection), set()))

    def on_statement(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, *_: Any
    ) -> None:
        compiled = context.compiled
        if compiled is None or not (compiled.isinsert or compiled.isupdate):
            return
        done, table = open_ones[id(connection)], compiled.statement.table.name
        if table == "sms_spending":
            done.add("spending")
        if table == "sms_sessions" and "hour_answers=" in statement:
            done.add("answers")
        values = context.compiled_parameters[0]
        if table == "sms_messages" and values.get("send_state") == SendState.SENDING.value:
            done.add(f"sends {values.get('kind', 'again')}")

    listeners = (("begin", on_begin), ("commit", on_commit), ("before_cursor_execute", on_statement))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield committed
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


def say(app: Flask, number: int, *bodies: str) -> None:
    for body in bodies:
        text_in(app, body, From=f"{MANY}{number:02}")
        run_jobs(app)


def everything_that_can_go_out(app: Flask, twilio: Any, host: MemoryHost) -> None:
    host.assistants.reply = lambda request: LONG
    say(app, 1, "When do you open?", "MORE")
    say(app, 2, "Please stop texting me")
    say(app, 3, "stop the reminders")
    host.assistants.reply = AssistantUnavailable("away")
    say(app, 4, "hello?")
    due_now(app)
    run_jobs(app)
    host.assistants.reply = lambda request: "Yes."
    app.extensions["illumichat_sms"].channel.send(host_chat(app), "Anna here.", ANNA, "k1")
    run_jobs(app)
    twilio.add_fault("error_before_accepting")
    say(app, 5, "Do you take cards?")
    look(app)
    look(app)


def host_chat(app: Flask) -> str:
    return str(sql(app, "SELECT chat_id FROM sms_sessions WHERE chat_id IS NOT NULL ORDER BY id").first()[0])


def test_whatever_goes_out_is_counted_where_it_is_written_as_sending(
    make: Any, twilio: Any, host: MemoryHost
) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_ASSISTANT_ATTEMPTS=1, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    change(app, max_message_length=120)
    with app.app_context(), transactions_of(app) as committed:
        everything_that_can_go_out(app, twilio, host)
    sending = [(kind, done) for done in committed for kind in done if kind.startswith("sends ")]
    assert {kind.removeprefix("sends ") for kind, _ in sending} == {
        *("answer", "more", "confirm", "clarify", "apology", "person", "again")
    }
    not_counted = [kind for kind, done in sending if "spending" not in done]
    assert not_counted == []
    not_by_number = {kind for kind, done in sending if "answers" not in done}
    assert not_by_number == {"sends confirm", "sends again"}, "one a number, and one that was counted before"


def loaded(app: Flask) -> Channel:
    with app.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None
    return channel


def send_again(app: Flask, channel: Channel, state: SendState) -> bool:
    write(
        app,
        SmsMessage,
        SmsMessage.direction == "outbound",
        send_state=state.value,
        message_sid=None,
        status=None,
    )
    with app.app_context():
        return resend(current_runtime(), channel, outbound(app)[0].id, expected=state)


def used(app: Flask) -> int:
    return int(sql(app, "SELECT day_segments FROM sms_spending").scalar_one())


@pytest.mark.parametrize(("state", "counted"), [(SendState.UNSETTLED, 2), (SendState.IN_DOUBT, 1)])
def test_what_twilio_may_have_sent_is_counted_twice_and_has_a_highest_price(
    texting: Flask, twilio: Any, state: SendState, counted: int
) -> None:
    change(texting, money_per_day="1.00")
    text_in(texting)
    run_jobs(texting)
    assert used(texting) == 1
    assert send_again(texting, loaded(texting), state)
    assert used(texting) == counted
    prices = [float(message.max_price) for message in twilio.messages(created_by="api")]
    assert sorted(prices) == pytest.approx([1.0 - (counted - 1) * 0.0083, 1.0])


@pytest.mark.parametrize("state", [SendState.UNSETTLED, SendState.IN_DOUBT])
def test_nothing_goes_out_again_during_a_pause_of_which_the_process_has_not_heard(
    texting: Flask, twilio: Any, state: SendState
) -> None:
    text_in(texting)
    run_jobs(texting)
    before = loaded(texting)
    with texting.app_context():
        pauses.pause(current_runtime(), "ast_support", by=OWNER)
    assert not send_again(texting, before, state)
    assert len(on_twilio(twilio)) == 1
    assert outbound(texting)[0].send_state == state
    with texting.app_context():
        pauses.resume(current_runtime(), "ast_support", by=OWNER)
    assert send_again(texting, loaded(texting), state)


def test_nothing_goes_out_again_beyond_a_limit(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    change(texting, segments_per_day=1)
    assert not send_again(texting, loaded(texting), SendState.UNSETTLED)
    assert (len(on_twilio(twilio)), outbound(texting)[0].send_state) == (1, "unsettled")
    assert used(texting) == 1
