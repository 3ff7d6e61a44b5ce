"""What may not be texted first is refused, now and when its turn comes, and leaves nothing behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.services.answering.answers import on_twilio
from tests.services.people.first_texts import BOOKED, REMINDER, day, let_it_be_night, start
from tests.support.channels import (
    change,
    connect,
    run_jobs,
    sessions,
    sql,
    text_of,
    write,
)
from tests.support.twilio_requests import NUMBER, TEXTER, text_in
from tests.support.visitors import visit

API = "/api/sms/messages/ast_support"
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
