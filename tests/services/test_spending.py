"""What counts against a channel's limits, and what becomes of it when one is reached."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.models import SmsChannel, SmsRate, SmsSession, SmsSpending
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import state_of
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID
from illumichat_sms_plugin.services.spending import (
    SpendingLimits,
    Spent,
    correct,
    correct_all,
    day_of,
    end_of,
    millionths,
    month_of,
    spend,
)
from tests.services.answering.answers import on_twilio
from tests.support.channels import OWNER, change, connect, inbound, outbound, run_jobs, sessions, sql, write
from tests.support.counting import asked_of
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, text_in
from tests.support.visitors import visit

NOON = datetime(2030, 12, 31, 12, tzinfo=UTC)
OPERATOR = type(OWNER)(OPERATOR_ID, "flask sms pause")


@pytest.fixture
def texting(make: Any, twilio: Any) -> Flask:
    """The texts come as fast as a machine's here, and that is not what is tested."""
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    return app


def ask(app: Flask, *bodies: str) -> None:
    for body in bodies:
        text_in(app, body)
        run_jobs(app)


def state(app: Flask) -> Any:
    with app.app_context():
        return state_of(read_settings(current_runtime(), "ast_support"))


def settings(app: Flask) -> Any:
    with app.app_context():
        return read_settings(current_runtime(), "ast_support")


def reasons(app: Flask) -> list[str | None]:
    return [row.no_reply_reason for row in inbound(app)]


QUESTIONS = (
    "When do you open?",
    "Where are you?",
    "Is there parking?",
    "Do you take cards?",
    "Thanks a lot!",
)


def test_segments_pause_the_channel_and_resume_lets_it_go_on(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    change(texting, segments_per_day=2)
    ask(texting, *QUESTIONS[:4])
    assert reasons(texting) == [None, None, "paused", "paused"]
    assert len(on_twilio(twilio)) == len(host.assistants.requests) == 2
    assert state(texting).code == "paused"
    assert settings(texting).pause.kept_back == 2
    assert settings(texting).pause.reason == "segments"
    with texting.app_context():
        assert pauses.resume(current_runtime(), "ast_support", by=OWNER)
    ask(texting, QUESTIONS[4])
    assert len(on_twilio(twilio)) == 3


def test_money_pauses_it_too_and_each_text_has_a_highest_price(texting: Flask, twilio: Any) -> None:
    change(texting, money_per_day="0.02")
    ask(texting, *QUESTIONS[:4])
    assert reasons(texting) == [None, None, None, "paused"]
    assert [row.reserved for row in outbound(texting)] == [8300, 8300, 8300]
    assert settings(texting).pause.reason == "money_day"
    assert settings(texting).used[1].used == Decimal("0.02")
    assert [message.max_price for message in twilio.messages(created_by="api")][:1] == ["0.0200"]


def test_without_a_limit_in_money_there_is_no_highest_price(texting: Flask, twilio: Any) -> None:
    ask(texting, QUESTIONS[0])
    assert [message.max_price for message in twilio.messages(created_by="api")] == [None]


def test_what_the_country_cost_before_counts(texting: Flask) -> None:
    with texting.app_context(), transaction() as connection:
        connection.execute(
            SmsRate.__table__.insert().values(channel_id=1, country="US", segment=75_000, currency="USD")
        )
    ask(texting, QUESTIONS[0])
    assert outbound(texting)[0].reserved == 75_000


def test_a_refused_text_costs_nothing(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21606)
    ask(texting, QUESTIONS[0])
    assert sql(texting, "SELECT day_money FROM sms_spending").scalar_one() == 0


def test_a_price_takes_the_place_of_what_was_reserved(texting: Flask) -> None:
    ask(texting, QUESTIONS[0])
    (message,) = outbound(texting)
    with texting.app_context(), transaction() as connection:
        correct(connection, message, 50_000)
    row = sql(texting, "SELECT day_money, month_money FROM sms_spending").one()
    assert tuple(row) == (50_000, 50_000)
    write(texting, SmsSpending, SmsSpending.channel_id == 1, day=1, month=1)
    with texting.app_context(), transaction() as connection:
        correct(connection, message, 60_000)
    row = sql(texting, "SELECT day_money, month_money FROM sms_spending").one()
    assert tuple(row) == (50_000, 50_000), "its day and its month are over"


def test_prices_of_one_day_are_corrected_together(texting: Flask) -> None:
    ask(texting, QUESTIONS[0])
    ask(texting, QUESTIONS[1])
    reserved = sum(message.reserved for message in outbound(texting))
    costs = [(message, message.reserved + 1_000) for message in outbound(texting)]
    with texting.app_context(), transaction() as connection, asked_of(connection.engine) as asked:
        correct_all(connection, costs)
    assert len(asked.statements) == 1
    assert sql(texting, "SELECT day_money FROM sms_spending").scalar_one() == reserved + 2_000


def test_a_person_pauses_and_resumes(texting: Flask, twilio: Any) -> None:
    with texting.app_context():
        assert pauses.pause(current_runtime(), "ast_support", by=OWNER)
        assert not pauses.pause(current_runtime(), "ast_support", by=OWNER)
    ask(texting, QUESTIONS[0])
    assert reasons(texting) == ["paused"]
    with texting.app_context():
        assert pauses.resume(current_runtime(), "ast_support", by=OWNER)
        assert not pauses.resume(current_runtime(), "ast_support", by=OWNER)
    ask(texting, QUESTIONS[1])
    assert len(on_twilio(twilio)) == 1


def test_what_an_operator_stops_only_an_operator_lets_go_on(texting: Flask, twilio: Any) -> None:
    with texting.app_context():
        runtime = current_runtime()
        pauses.pause(runtime, "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
        with pytest.raises(Conflict):
            pauses.resume(runtime, "ast_support", by=OWNER)
        assert pauses.resume(runtime, "ast_support", by=OPERATOR)


@pytest.mark.parametrize("before", ["person", "segments"])
def test_an_operator_stops_what_was_paused_already(texting: Flask, twilio: Any, before: str) -> None:
    with texting.app_context():
        runtime = current_runtime()
        pauses.pause(runtime, "ast_support", by=OWNER, reason=before)
        assert pauses.pause(runtime, "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
        assert not pauses.pause(runtime, "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
        assert not pauses.pause(runtime, "ast_support", by=OWNER)
        with pytest.raises(Conflict):
            pauses.resume(runtime, "ast_support", by=OWNER)
    assert settings(texting).pause.reason == "operator"


def test_an_operators_stop_and_what_is_used_outlast_a_new_connection(texting: Flask, twilio: Any) -> None:
    ask(texting, QUESTIONS[0])
    with texting.app_context():
        pauses.pause(current_runtime(), "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
    assert visit(texting).delete("/api/sms/config/ast_support").status_code in (200, 204)
    credentials = {"accountSid": ACCOUNT_SID, "authToken": AUTH_TOKEN, "phoneNumber": NUMBER}
    assert visit(texting).put("/api/sms/config/ast_support", json=credentials).status_code == 201
    assert state(texting).code == "paused"
    assert settings(texting).used[0].used == 1
    ask(texting, QUESTIONS[1])
    assert len(on_twilio(twilio)) == 1


def test_the_switch_for_all_channels(texting: Flask, twilio: Any) -> None:
    with texting.app_context():
        assert pauses.pause_all(current_runtime(), by=OPERATOR)
    ask(texting, QUESTIONS[0])
    assert reasons(texting) == ["paused"]
    assert state(texting).code == "paused"
    assert "An operator" in state(texting).sentence
    with texting.app_context():
        assert pauses.resume_all(current_runtime(), by=OPERATOR)
        assert not pauses.resume_all(current_runtime(), by=OPERATOR)
    ask(texting, QUESTIONS[1])
    assert len(on_twilio(twilio)) == 1


def test_a_channel_may_go_on_by_itself(texting: Flask, twilio: Any) -> None:
    change(texting, segments_per_day=1, resume_by_itself=True)
    ask(texting, *QUESTIONS[:2])
    assert settings(texting).pause.until is not None
    write(texting, SmsChannel, SmsChannel.id == 1, paused_until=datetime(2020, 1, 1, tzinfo=UTC))
    write(texting, SmsSpending, SmsSpending.channel_id == 1, day=1)
    ask(texting, QUESTIONS[2])
    assert len(on_twilio(twilio)) == 2
    assert reasons(texting) == [None, "paused", None]


def test_a_limit_that_is_lowered_below_what_is_used_pauses_with_the_next_text(texting: Flask) -> None:
    ask(texting, *QUESTIONS[:3])
    change(texting, segments_per_day=2)
    ask(texting, *QUESTIONS[3:])
    assert reasons(texting)[3:] == ["paused", "paused"]


def test_from_80_percent_the_page_warns(texting: Flask) -> None:
    change(texting, segments_per_day=5)
    ask(texting, *QUESTIONS[:4])
    assert state(texting).code == "needs_attention"
    assert "4 of 5 used (80 %)" in state(texting).sentence


def test_one_number_gets_so_many_answers_an_hour_and_a_day(texting: Flask, twilio: Any) -> None:
    change(texting, answers_per_hour=2, answers_per_day=3)
    ask(texting, *QUESTIONS[:3])
    assert reasons(texting) == [None, None, "rate_limited"]
    write(texting, SmsSession, SmsSession.id > 0, hour_from=datetime(2020, 1, 1, tzinfo=UTC))
    ask(texting, *QUESTIONS[3:])
    assert reasons(texting)[3:] == [None, "rate_limited"]


def test_the_assistant_is_asked_twice_as_often_at_most(texting: Flask, host: MemoryHost) -> None:
    change(texting, answers_per_hour=2)
    ask(texting, QUESTIONS[0])
    (session,) = sessions(texting)
    assert (session.hour_answers, session.hour_calls, session.day_calls) == (1, 1, 1)
    write(texting, SmsSession, SmsSession.id > 0, hour_calls=4)
    ask(texting, QUESTIONS[1])
    assert reasons(texting) == [None, "rate_limited"]


def test_an_operator_bounds_what_an_admin_may_set(make: Any, twilio: Any) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_SEGMENTS_PER_DAY_BOUND=1)
    connect(app)
    ask(app, *QUESTIONS[:2])
    assert reasons(app) == [None, "paused"]


def admin_resumes(app: Flask, by: Any = OWNER) -> bool:
    with app.app_context():
        return pauses.resume(current_runtime(), "ast_support", by=by)


def test_an_admin_who_resumes_again_and_again_keeps_to_the_operators_bound(make: Any, twilio: Any) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_SEGMENTS_PER_DAY_BOUND=3, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    change(app, segments_per_day=2)
    ask(app, *QUESTIONS[:2])
    assert admin_resumes(app)
    ask(app, *QUESTIONS[2:4])
    assert reasons(app) == [None, None, None, "paused"], (
        "the admin's limit is 2 anew, of the operator's one is left"
    )
    with pytest.raises(Conflict, match="as much as its operator allows in a day"):
        admin_resumes(app)
    ask(app, QUESTIONS[4])
    assert len(on_twilio(twilio)) == 3
    assert admin_resumes(app, by=OPERATOR)
    ask(app, "And on Sunday?")
    assert len(on_twilio(twilio)) == 4


def test_the_operators_bound_in_money_outlasts_resume_too(make: Any, twilio: Any) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_MONEY_PER_DAY_BOUND=0.02, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    change(app, money_per_day="0.01")
    ask(app, *QUESTIONS[:2])
    assert settings(app).pause.reason == "money_day"
    assert admin_resumes(app)
    ask(app, *QUESTIONS[2:4])
    assert reasons(app) == [None, None, None, "paused"]
    with pytest.raises(Conflict):
        admin_resumes(app)


@pytest.mark.parametrize(
    ("limits", "sent"),
    [
        (SpendingLimits(segments_per_day=10), 4),
        (SpendingLimits(segments_per_day=1000, money_per_day=100_000), 5),
        (SpendingLimits(segments_per_day=1000, money_per_month=100_000), 5),
    ],
    ids=["segments", "money of a day", "money of a month"],
)
def test_twenty_at_once_go_over_a_limit_by_one_text_at_most(
    texting: Flask, limits: SpendingLimits, sent: int
) -> None:
    allowed: list[Spent | None] = []

    def one() -> None:
        for _ in range(5):
            with texting.app_context(), transaction() as connection:
                allowed.append(spend(connection, 1, limits, segments=3, money=24_900, now=NOON))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sum(1 for each in allowed if each) == sent
    assert len(allowed) == 100


def test_a_new_day_and_a_new_month_begin_at_nothing(texting: Flask) -> None:
    limits = SpendingLimits(segments_per_day=10, money_per_month=100)
    with texting.app_context(), transaction() as connection:
        spend(connection, 1, limits, segments=10, money=50, now=NOON)
        assert spend(connection, 1, limits, segments=1, money=1, now=NOON) is None
        tomorrow = datetime(2031, 1, 1, 0, 0, 1, tzinfo=UTC)
        assert spend(connection, 1, limits, segments=1, money=1, now=tomorrow) == Spent(1, 1, 1)


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("segments", datetime(2031, 1, 1, tzinfo=UTC)),
        ("money_day", datetime(2031, 1, 1, tzinfo=UTC)),
        ("money_month", datetime(2031, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_period_ends_at_midnight(reason: str, end: datetime) -> None:
    assert end_of(reason, NOON) == end
    assert day_of(end) == day_of(NOON) + 1
    assert month_of(end) == month_of(NOON) + 1


@pytest.mark.parametrize(("amount", "found"), [(None, None), ("0.10", 100_000), ("12", 12_000_000)])
def test_amounts_in_millionths(amount: str | None, found: int | None) -> None:
    assert millionths(amount) == found


def test_the_least_that_is_left_is_the_highest_price() -> None:
    limits = SpendingLimits(segments_per_day=1, money_per_day=1_000_000, money_per_month=5_000_000)
    assert Spent(1, 400_000, 4_900_000).left(limits, 8_300) == Decimal("0.1083")
    assert Spent(1, 0, 0).left(SpendingLimits(segments_per_day=1), 8_300) is None
