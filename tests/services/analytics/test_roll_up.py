"""Whatever happens, whenever it happens: every figure equals a recount from the messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from illumichat_sms_plugin.local_days import PERIODS
from illumichat_sms_plugin.models import SmsChangedHour, SmsDay, SmsHour, SmsMessage, SmsRollup
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import differences
from illumichat_sms_plugin.services.analytics.roll_up import roll_up
from illumichat_sms_plugin.services.analytics.rollup_state import KEPT_DAYS
from tests.services.analytics.story import Story
from tests.support.memory_host import MemoryHost
from tests.support.traffic import EVENTS

ZONES_AND_CHANGES = (
    ("UTC", datetime(2026, 2, 28, 20, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 20, tzinfo=UTC)),  # a day of 23 hours follows
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),  # a day of 25 hours follows
    ("Asia/Kolkata", datetime(2026, 5, 1, 16, tzinfo=UTC)),  # midnight at half past
    ("Asia/Kathmandu", datetime(2026, 5, 1, 16, tzinfo=UTC)),  # midnight at a quarter past
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 10, tzinfo=UTC)),  # changes by half an hour
    ("America/Havana", datetime(2026, 3, 7, 22, tzinfo=UTC)),  # a day without midnight follows
    ("Pacific/Kiritimati", datetime(2026, 12, 31, 8, tzinfo=UTC)),  # 14 hours ahead
)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(EVENTS),
        st.integers(0, 10_000),
        st.sampled_from([0, 0, 0, 1, 7, 14, 16, 29, 31, 46, 61, 121, 700, 1500]),  # minutes
        st.sampled_from(["", "", "", "look", "keep house"]),
    ),
    min_size=5,
    max_size=40,
)


# Not shrunk: a story is short enough to read, and each takes a second.
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.sampled_from(ZONES_AND_CHANGES), steps=STEPS, moved_to=st.sampled_from(ZONES_AND_CHANGES))
def test_every_figure_equals_a_recount_after_any_story(
    begin: Callable[..., Story], place: Any, steps: Any, moved_to: Any
) -> None:
    story = begin(*place)
    for event, pick, minutes, then in steps:
        story.go_on(event, pick=pick)
        story.pass_(minutes=minutes, seconds=pick % 60)
        if then == "look":
            story.check()
        elif then == "keep house":
            story.keep_house()
    story.check(*PERIODS)
    story.live_in(moved_to[0])
    story.check(*PERIODS)
    story.pass_(days=3)
    story.check()


def test_a_late_price_and_a_late_status_change_the_day_they_belong_to(begin: Callable[..., Story]) -> None:
    story = begin("America/New_York", datetime(2026, 6, 1, 15, tzinfo=UTC))
    story.go_on("text_in", "answer", "accepted")
    story.pass_(days=2)
    assert story.shown(7).delivery_rate is None
    story.go_on("status", pick=2)  # delivered
    story.go_on("price", pick=4)  # 0.0079 USD
    late = story.shown(7)
    assert late.delivery_rate == 1.0
    assert (late.cost.currency, float(late.cost.actual)) == ("USD", 0.0079)
    assert [day.delivered for day in late.daily] == [0, 0, 0, 0, 1, 0, 0]
    story.check()


@pytest.mark.parametrize(
    ("before", "change"),
    [
        (("text_in", "answer", "accepted"), "price"),
        (("text_in", "answer", "accepted"), "status"),
        (("text_in", "answer", "unclear"), "accepted"),
        (("text_in", "answer"), "refused"),
        (("text_in", "answer", "unclear", "unsettled"), "dismissed"),
        (("text_in",), "apologise"),
        (("text_in",), "give_up"),
        (("text_in",), "too_late"),
        (("text_in", "apologise"), "replayed"),
    ],
)
def test_what_happens_to_a_text_after_it_was_counted_shows_at_once(
    begin: Callable[..., Story], before: tuple[str, ...], change: str
) -> None:
    story = begin("Asia/Kolkata", datetime(2026, 6, 1, 17, 40, tzinfo=UTC))
    story.go_on(*before)
    story.pass_(hours=5)
    counted = story.shown(7)
    story.go_on(change, pick=2)
    assert story.shown(7) != counted
    story.check(7)


def test_days_are_the_workspaces_days(begin: Callable[..., Story]) -> None:
    """Half past ten in the evening in New York is the next day in UTC."""
    story = begin("America/New_York", datetime(2026, 6, 2, 2, 30, tzinfo=UTC))
    story.go_on("text_in")
    story.pass_(days=3)
    (day,) = [day for day in story.shown(7).daily if day.inbound]
    assert day.date.isoformat() == "2026-06-01"
    story.live_in("UTC")
    (day,) = [day for day in story.shown(7).daily if day.inbound]
    assert day.date.isoformat() == "2026-06-02", "the workspace moved, its days are counted anew"
    story.check()


def test_what_is_counted_is_not_read_from_the_messages_again(begin: Callable[..., Story]) -> None:
    story = begin("UTC", datetime(2026, 6, 1, 15, tzinfo=UTC))
    story.go_on("text_in", "answer", "accepted")
    story.pass_(hours=4)
    before = story.shown()
    with story.app.app_context(), transaction() as connection:
        connection.execute(SmsMessage.__table__.delete().where(SmsMessage.channel_id == story.channel.id))
    after = story.shown()
    assert (after.messages, after.time_to_answer) == (before.messages, before.time_to_answer)
    with story.app.app_context():
        found = differences(current_runtime(), story.assistant, 90)
        assert str(found) == "2026-06-01, the hours of the day", "a roll-up that is wrong is found"


@pytest.mark.parametrize("minutes", [13, 14, 15, 29, 30, 31, 44, 59, 60, 61, 119])
def test_a_change_shows_however_soon_after_the_counting_it_comes(
    begin: Callable[..., Story], minutes: int
) -> None:
    """The text is of the last minute of its hour, which is counted when half of the next is over."""
    story = begin("UTC", datetime(2026, 6, 1, 15, 59, 30, tzinfo=UTC))
    story.go_on("text_in", "answer", "accepted")
    story.pass_(minutes=minutes)
    counted = story.shown(7)
    story.go_on("status", pick=2)
    assert story.shown(7) != counted
    story.check(7)


def test_a_fresh_change_needs_no_mark_and_an_old_one_does(begin: Callable[..., Story]) -> None:
    story = begin("UTC", datetime(2026, 6, 1, 15, 10, tzinfo=UTC))
    story.go_on("text_in", "answer", "accepted")
    story.go_on("status", pick=1)
    assert story.count(SmsChangedHour) == 0
    story.pass_(hours=5)
    story.check()
    story.go_on("status", pick=2)
    assert story.count(SmsChangedHour) == 1
    story.check()
    assert story.count(SmsChangedHour) == 0, "counted"


def test_housekeeping_counts_without_anybody_looking(begin: Callable[..., Story]) -> None:
    story = begin("Europe/Berlin", datetime(2026, 6, 1, 15, 10, tzinfo=UTC))
    story.go_on("text_in", "answer", "accepted")
    story.pass_(hours=4)
    with story.app.app_context():
        assert roll_up(current_runtime()) >= 1
        assert story.count(SmsDay) == story.count(SmsRollup) == 1
        story.go_on("status", pick=2)
        roll_up(current_runtime())
    assert story.count(SmsChangedHour) == 0
    story.check()


def test_housekeeping_leaves_alone_what_has_nothing_new(begin: Callable[..., Story]) -> None:
    story = begin("UTC", datetime(2026, 6, 1, 15, 10, tzinfo=UTC))
    story.go_on("text_in")
    with story.app.app_context():
        roll_up(current_runtime())
        assert roll_up(current_runtime()) == 0
        story.pass_(hours=4)
        assert roll_up(current_runtime()) == 1
        story.pass_(days=40)
        assert roll_up(current_runtime()) == 0, "no text came in since"
    story.check(90)


def test_housekeeping_does_not_neglect_its_other_chores_for_a_long_count(
    begin: Callable[..., Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = begin("UTC", datetime(2026, 6, 1, 15, 10, tzinfo=UTC))
    for _ in range(3):
        story.go_on("text_in")
        story.pass_(days=1)
    monkeypatch.setattr("illumichat_sms_plugin.services.analytics.roll_up.BUDGET", 0.0)
    with story.app.app_context():
        assert roll_up(current_runtime()) == 1
        assert story.count(SmsDay) == 0, "the time was over before it began"
        monkeypatch.undo()
        roll_up(current_runtime())
    assert story.count(SmsDay) == 3
    story.check()


def test_counts_of_days_that_are_never_shown_again_go_away(begin: Callable[..., Story]) -> None:
    story = begin("UTC", datetime(2026, 1, 1, 15, 10, tzinfo=UTC))
    story.go_on("text_in")
    story.pass_(hours=4)
    story.check(90)
    assert story.count(SmsHour) == story.count(SmsDay) == 1
    story.pass_(days=KEPT_DAYS + 2)
    story.go_on("text_in")
    story.pass_(hours=4)
    story.check(90)
    assert story.count(SmsHour) == story.count(SmsDay) == 1


def test_a_channel_first_looked_at_after_a_long_time_is_counted_at_once(begin: Callable[..., Story]) -> None:
    story = begin("Asia/Kolkata", datetime(2026, 1, 1, 15, 10, tzinfo=UTC))
    for _ in range(20):
        story.go_on("text_in", "answer", "accepted")
        story.pass_(days=5)
    assert story.shown(90).messages.inbound == 17
    story.check(90)


def test_an_assistant_without_sms_has_empty_figures(app: Flask, host: MemoryHost) -> None:
    with app.app_context():
        shown = analytics(current_runtime(), host.assistants.known["ast_sales"], 30)
    assert (shown.messages.total, shown.sessions.total, shown.delivery_rate) == (0, 0, None)
    assert (shown.cost.estimated, shown.cost.actual, shown.cost.coverage) == (0, None, None)
    assert len(shown.daily) == 30
    assert shown.time_to_answer.whole.p50 is None


def test_a_deleted_assistant_does_not_hold_up_the_others(begin: Callable[..., Story]) -> None:
    gone, there = begin("UTC", datetime(2026, 6, 1, 15, tzinfo=UTC)), begin("UTC")
    for story in (gone, there):
        story.go_on("text_in")
    del gone.host.assistants.known[gone.assistant_id]
    there.pass_(hours=4)
    with there.app.app_context():
        roll_up(current_runtime())
    assert gone.count(SmsDay) == there.count(SmsDay) == 1
