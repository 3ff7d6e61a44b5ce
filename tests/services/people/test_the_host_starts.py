"""The host texts somebody first who agreed to it; from then on it is a session like any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.errors import TwilioInDoubt
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.services.answering.answers import on_twilio
from tests.support.channels import (
    change,
    connect,
    inbound,
    keep_house,
    outbound,
    run_jobs,
    sessions,
    sql,
    text_of,
    write,
)
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, TEXTER, text_in
from tests.support.visitors import visit

BOOKED = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
CONSENT = Consent("appointment reminders", BOOKED, "ticked on the booking form")
REMINDER = "Your appointment is at 10, reply C to confirm"
API = "/api/sms/messages/ast_support"


@pytest.fixture
def ready(texting: Flask, host: MemoryHost) -> Flask:
    """Connected, and it is day everywhere."""
    host.contract_version = 4
    day(texting, 0, 24)
    return texting


def day(app: Flask, begins: int, ends: int) -> None:
    settings = app.extensions["illumichat_sms"].settings
    object.__setattr__(settings, "first_text_from", begins)
    object.__setattr__(settings, "first_text_until", ends)


def let_it_be_night(app: Flask) -> None:
    """Where numbers of New York are."""
    hour = datetime.now(ZoneInfo("America/New_York")).hour
    day(app, *((hour + 2, 24) if hour < 12 else (0, hour - 1)))


def start(app: Flask, text: str = REMINDER, key: str = "k1", **given: Any) -> Sent | Refused:
    wish = {"assistant_id": "ast_support", "number": TEXTER, "text": text, "consent": CONSENT, "key": key}
    with app.app_context():
        started: Sent | Refused = app.extensions["illumichat_sms"].channel.start(**wish | given)
        return started


def send(app: Flask, chat: str = "conv_1") -> Any:
    with app.app_context():
        return app.extensions["illumichat_sms"].channel.send(chat, "Anna here.", Person("p1", "Anna"), "k1")


def test_c_reaches_the_assistant_together_with_what_it_answers(
    ready: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert isinstance(start(ready), Sent)
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER]
    assert host.assistants.requests == []
    text_in(ready, "C")
    run_jobs(ready)
    (request,) = host.assistants.requests
    assert host.chats.transcript()[:2] == [("assistant", REMINDER), ("user", "C")]
    assert request.chat_id == "conv_1"
    assert len(on_twilio(twilio)) == 2
    (session,) = sessions(ready)
    assert (session.person_since, session.phone_number) == (None, TEXTER)
    assert next((row.kind, row.send_state) for row in outbound(ready)) == ("first", "accepted")


def test_the_consent_is_kept_and_leaves_with_the_ledger(ready: Flask) -> None:
    start(ready, by=Person("p1", "Anna"))
    ledger = "/api/sms/config/ast_support/consent"
    (entry,) = visit(ready).get(ledger).json["data"]
    evidence = "appointment reminders; 2026-05-03 09:30 UTC; ticked on the booking form"
    shown = ("phoneNumber", "action", "source", "by", "evidence")
    assert tuple(entry[name] for name in shown) == (TEXTER, "agreed", "host", "Anna", evidence)
    assert evidence in visit(ready).get(f"{ledger}.csv").text
    page = visit(ready).get(f"/sms/ast_support/sessions/{sessions(ready)[0].id}").text
    assert "Agreed" in page
    assert evidence in page
    (audited,) = visit(ready).get("/api/sms/config/ast_support/audit").json["data"][:1]
    assert (audited["action"], audited["personName"]) == ("text_started", "Anna")


def test_the_same_key_sends_once_whatever_else_comes_with_it(ready: Flask, twilio: Any) -> None:
    first = start(ready)
    assert start(ready, "Another text", number="+15557654399") == first
    run_jobs(ready)
    assert start(ready) == first
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER]
    assert on_twilio(twilio, "+15557654399") == []
    assert sql(ready, "SELECT count(*) FROM sms_consent_events").scalar() == 1


def test_two_at_once_with_one_key_send_once(ready: Flask, twilio: Any) -> None:
    numbers = [TEXTER, TEXTER, "+15557654399", TEXTER]
    with ThreadPoolExecutor(4) as pool:
        for round in range(3):
            work = pool.map(lambda number: start(ready, key=f"r{round}", number=number), numbers)  # noqa: B023
            assert len(set(work)) == 1
    run_jobs(ready)
    assert len(on_twilio(twilio)) + len(on_twilio(twilio, "+15557654399")) == 3


def test_a_persons_key_is_another(ready: Flask, twilio: Any) -> None:
    start(ready)
    run_jobs(ready)
    send(ready)
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER, "Anna here."]


REFUSED: list[tuple[dict[str, Any], Refusal]] = [
    ({"consent": None}, Refusal.NO_CONSENT),
    ({"consent": Consent("", BOOKED, "form")}, Refusal.NO_CONSENT),
    ({"consent": Consent("reminders", BOOKED, " \n")}, Refusal.NO_CONSENT),
    ({"consent": Consent("reminders", BOOKED.replace(tzinfo=None), "form")}, Refusal.NO_CONSENT),
    ({"consent": Consent("reminders", datetime.now(UTC) + timedelta(days=1), "form")}, Refusal.NO_CONSENT),
    ({"consent": Consent("x" * 201, BOOKED, "form")}, Refusal.NO_CONSENT),
    ({"consent": Consent("\ud800", BOOKED, "form")}, Refusal.NO_CONSENT),
    ({"text": " "}, Refusal.EMPTY),
    ({"text": "x" * 1601}, Refusal.TOO_LONG),
    ({"number": "12345"}, Refusal.NOT_A_PHONE),
    ({"number": "+12345"}, Refusal.NOT_A_PHONE),
    ({"number": "ACME"}, Refusal.NOT_A_PHONE),
    ({"number": "anonymous"}, Refusal.NOT_A_PHONE),
    ({"number": ""}, Refusal.NOT_A_PHONE),
    ({"number": f"{TEXTER},+15557654399"}, Refusal.NOT_A_PHONE),
    ({"number": "whatsapp:+15557654321"}, Refusal.NOT_A_PHONE),
    ({"number": NUMBER}, Refusal.A_CHANNEL),
    ({"number": "+19005550100"}, Refusal.COSTLY_NUMBER),
    ({"number": "+447911123456"}, Refusal.COUNTRY),
    ({"assistant_id": "ast_sales"}, Refusal.NOT_CONNECTED),
    ({"assistant_id": "\x00"}, Refusal.NOT_CONNECTED),
]  # fmt: skip


def test_what_is_refused_leaves_nothing_behind(ready: Flask) -> None:
    for given, reason in REFUSED:
        refused = start(ready, **given)
        assert isinstance(refused, Refused), given
        assert (refused.reason, refused.sentence.endswith(".")) == (reason, True), given
    assert sessions(ready) == []
    assert "agreed" not in text_of(ready, "sms_consent_events")
    assert isinstance(start(ready), Sent)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda app: text_in(app, "STOP"), Refusal.OPTED_OUT),
        (lambda app: write(app, SmsSession, SmsSession.id > 0, blocked_at=db_now()), Refusal.BLOCKED),
        (lambda app: change(app, enabled=False), Refusal.DISABLED),
        (lambda app: sql(app, "UPDATE sms_channels SET paused_at = created_at, pause_reason = 'person'"), Refusal.PAUSED),
        (lambda app: sql(app, "UPDATE sms_channels SET attention_code = 20003"), Refusal.NOT_ACCEPTED),
        (lambda app: sql(app, "UPDATE sms_channels SET confirmed_at = NULL"), Refusal.NOT_ACCEPTED),
        (lambda app: change(app, countries=("DE",)), Refusal.COUNTRY),
        (lambda app: change(app, answers_per_hour=1), Refusal.TOO_MANY),
        (lambda app: change(app, answer_to="trial", only_numbers=("+15557654399",)), Refusal.NOT_LISTED),
        (lambda app: change(app, answer_to="listed", only_numbers=("+15557654399",)), Refusal.NOT_LISTED),
        (lambda app: connect(app, "ast_sales", phone_number=TEXTER), Refusal.A_CHANNEL),
        (lambda app: day(app, 25, 26), Refusal.NIGHT),
    ],
)  # fmt: skip
def test_what_may_not_go_out_is_refused_now_and_when_its_turn_comes(
    ready: Flask, twilio: Any, arrange: Any, reason: Refusal
) -> None:
    text_in(ready, "Hello")
    run_jobs(ready)
    before = start(ready, key="before")
    arrange(ready)
    refused = start(ready, key="after")
    assert isinstance(before, Sent)
    assert isinstance(refused, Refused)
    assert refused.reason is reason
    run_jobs(ready)
    assert REMINDER not in on_twilio(twilio)
    again = start(ready, key="before")
    assert isinstance(again, Refused)
    assert again.reason is reason


def test_a_test_number_of_the_trial_is_texted(ready: Flask, twilio: Any) -> None:
    change(ready, answer_to="trial", only_numbers=(TEXTER,))
    start(ready)
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER]


def test_at_night_it_is_said_when_the_text_may_be_sent(ready: Flask, twilio: Any) -> None:
    let_it_be_night(ready)
    refused = start(ready, number="+12125550123")
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.NIGHT
    assert refused.not_before is not None
    assert datetime.now(UTC) < refused.not_before < datetime.now(UTC) + timedelta(days=1)
    assert f"{refused.not_before:%-d %b %Y, %H:%M} UTC" in refused.sentence
    assert "in America/New York" in refused.sentence
    day(ready, 0, 24)
    assert isinstance(start(ready, number="+12125550123"), Sent)


def test_who_was_erased_after_an_opt_out_is_not_texted_and_not_remembered(ready: Flask) -> None:
    text_in(ready, "STOP")
    (session,) = sessions(ready)
    with ready.app_context():
        erase_texter(ready.extensions["illumichat_sms"], session.channel_id, session.id)
    refused = start(ready)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.OPTED_OUT
    assert sessions(ready) == []


def test_no_text_follows_a_stop_that_comes_at_the_same_moment(ready: Flask, twilio: Any) -> None:
    numbers = [f"+1555765{number}" for number in range(4400, 4406)]
    for number in numbers:
        text_in(ready, "Hello", From=number)
    run_jobs(ready)
    with ThreadPoolExecutor(4) as pool:
        stops = [pool.submit(text_in, ready, "STOP", From=number) for number in numbers]
        starts = [pool.submit(start, ready, number=number, key=number) for number in numbers]
        results = [future.result() for future in (*stops, *starts)][len(numbers) :]
    run_jobs(ready)
    assert all(REMINDER not in on_twilio(twilio, number) for number in numbers)
    assert all(isinstance(found, Sent) or found.reason is Refusal.OPTED_OUT for found in results)


def test_a_late_stop_that_was_sent_before_counts_all_the_same(ready: Flask) -> None:
    """Consent that the host reports does not make a text old news that catch-up finds."""
    from illumichat_sms_plugin.services.texters.consent import record_consent

    start(ready)
    from illumichat_sms_plugin.models.database import transaction

    with ready.app_context(), transaction() as connection:
        at = datetime.now(UTC) - timedelta(hours=1)
        assert record_consent(
            connection, sessions(ready)[0].id, "opt_out", source="text", detail="SM1", at=at
        )


def test_while_a_person_answers_it_goes_out_and_what_waits_goes_on_waiting(
    ready: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(ready, "Hello")
    run_jobs(ready)
    send(ready)
    run_jobs(ready)
    text_in(ready, "When do you open?")
    run_jobs(ready)
    start(ready, key="k2")
    run_jobs(ready)
    assert on_twilio(twilio)[-1] == REMINDER
    assert inbound(ready)[-1].no_reply_reason == "taken_over"
    assert sessions(ready)[0].person_by == "Anna"


def test_after_a_long_silence_it_opens_a_chat_of_its_own(ready: Flask, host: MemoryHost) -> None:
    change(ready, new_chat_after_days=30)
    text_in(ready, "Hello")
    run_jobs(ready)
    write(ready, SmsMessage, SmsMessage.id > 0, created_at=db_now(-40 * 86400.0))
    start(ready)
    run_jobs(ready)
    text_in(ready, "C")
    run_jobs(ready)
    old, new = host.chats.chats.values()
    assert [message.role for message in old] == ["user", "assistant"]
    assert [message.content for message in new][:2] == [REMINDER, "C"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_in_doubt_when_night_begins_is_not_sent_again(
    ready: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(ready)
    with monkeypatch.context() as patched:
        patched.setattr(send_message, "send_text", Mock(side_effect=TwilioInDoubt("No response.")))
        run_jobs(ready)
    day(ready, 25, 26)
    for _ in range(3):
        write(ready, SmsMessage, SmsMessage.send_state == "in_doubt", check_at=db_now(-1.0))
        keep_house(ready)
    assert outbound(ready)[-1].send_state == "unsettled"
    assert on_twilio(twilio) == []


def test_the_api_starts_for_admins_of_the_workspace_only(ready: Flask, twilio: Any) -> None:
    consent = {"what": "reminders", "at": "2026-05-03T09:30:00+02:00", "how": "by phone"}
    body = {"number": TEXTER, "text": REMINDER, "key": "k1", "consent": consent}
    for who, status in (("other admin", 404), ("other key", 404), ("member", 403), ("stranger", 401)):
        assert visit(ready, who).post(API, json=body).status_code == status
    assert sessions(ready) == []
    for wrong in (
        {"consent": None},
        {"consent": consent | {"at": "2026-05-03T09:30:00"}},
        {"number": [TEXTER]},
    ):
        assert visit(ready).post(API, json=body | wrong).status_code == 400
    first = visit(ready).post(API, json=body)
    assert first.status_code == 200
    assert visit(ready, "own key").post(API, json=body).json == first.json
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER]
    let_it_be_night(ready)
    night = visit(ready).post(API, json=body | {"key": "k2", "number": "+12125550123"})
    assert night.status_code == 409
    assert "It may be sent from" in night.text
