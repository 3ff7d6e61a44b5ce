"""Sessions are counted once, by the hour of their last text, and move when they text again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from illumichat_sms_plugin.local_days import HOUR, PERIODS
from illumichat_sms_plugin.models import SmsCountedSession, SmsRollup, SmsSession, SmsSessionHour, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics import roll_up_sessions
from illumichat_sms_plugin.services.analytics.count_sessions import Sessions, read_sessions
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import differences, recount, start_anew
from illumichat_sms_plugin.services.analytics.rollup_state import KEPT_DAYS
from tests.services.analytics.story import Story
from tests.support.channels import write

MORNING = datetime(2026, 6, 1, 9, 10, tzinfo=UTC)


@pytest.fixture
def story(begin: Callable[..., Story]) -> Story:
    """Three sessions, one of a contact and one opted out, each with a text at ten past nine."""
    begun = begin("UTC", MORNING)
    for pick in (1, 2, 3):
        begun.go_on("text_in", pick=pick)
    begun.go_on("match_contact", pick=0)
    return begun


def hours(story: Story) -> dict[datetime, tuple[int, int]]:
    """What is rolled up: sessions and of those matched, by hour; without those that are empty by now."""
    rows = select(SmsSessionHour).where(SmsSessionHour.channel_id == story.channel.id)
    with story.app.app_context(), transaction() as connection:
        found = connection.execute(select(rows.subquery())).all()
    return {row.hour: (row.sessions, row.matched) for row in found if row.sessions or row.matched}


def sessions_of(story: Story) -> list[int]:
    wanted = select(SmsSession.id).where(SmsSession.channel_id == story.channel.id).order_by(SmsSession.id)
    with story.app.app_context(), transaction() as connection:
        return list(connection.scalars(wanted))


def at(hour: int, day: int = 1) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def test_a_session_that_texts_again_is_counted_where_it_is_now(story: Story) -> None:
    story.pass_(hours=4)
    story.keep_house()
    assert hours(story) == {at(9): (3, 1)}
    story.go_on("text_in", pick=2)
    assert story.shown(7).sessions == Sessions(3, 2, 1), "before it is counted again"
    assert hours(story) == {at(9): (3, 1)}
    story.pass_(hours=2)
    story.keep_house()
    assert hours(story) == {at(9): (2, 1), at(13): (1, 0)}
    story.check(*PERIODS)


def test_it_may_text_again_and_again_before_it_is_counted_again(story: Story) -> None:
    story.pass_(hours=4)
    story.keep_house()
    for _ in range(3):
        story.go_on("text_in", pick=2)
        story.pass_(minutes=50)
    story.check()
    story.pass_(hours=2)
    story.keep_house()
    assert hours(story) == {at(9): (2, 1), at(14): (1, 0)}


@pytest.mark.parametrize("hours_later", [0, 1, 2, 5])
def test_a_contact_that_is_found_later_counts_at_once(story: Story, hours_later: int) -> None:
    story.pass_(hours=hours_later)
    story.check()
    story.go_on("match_contact", pick=2)
    assert story.shown(7).sessions.contacts_matched == 2
    story.go_on("match_contact", pick=2)
    assert story.shown(7).sessions.contacts_matched == 2, "a session counts once, however often it is linked"
    story.pass_(hours=3)
    story.check()


def test_created_contacts_stand_beside_matched_ones(story: Story) -> None:
    for hours_later in (0, 5):
        story.pass_(hours=hours_later)
        story.go_on("match_contact", pick=4)  # the second of them
        assert story.shown(7).sessions == Sessions(3, 2, 1, 1)
        story.check(*PERIODS)


@pytest.mark.parametrize("hours_later", [0, 5])
def test_names_count_nowhere_and_who_gets_no_answers_is_not_active(story: Story, hours_later: int) -> None:
    story.pass_(hours=hours_later)
    story.keep_house()
    contact, other, third = sessions_of(story)
    write(story.app, SmsSession, SmsSession.id == contact, opted_out_at=db_now(), blocked_at=db_now())
    write(story.app, SmsSession, SmsSession.id == other, blocked_at=db_now())
    assert story.shown(7).sessions == Sessions(3, 1, 1)
    story.check(*PERIODS)
    with story.app.app_context():
        start_anew(story.assistant)
    write(story.app, SmsSession, SmsSession.id == third, phone_number="AMAZON")
    assert story.shown(7).sessions == Sessions(2, 0, 1)
    story.check(*PERIODS)


def test_a_contact_that_is_found_after_a_session_has_moved_counts_once(story: Story) -> None:
    story.pass_(hours=4)
    story.keep_house()
    story.go_on("text_in", pick=3)  # the third of them
    story.go_on("match_contact", pick=2)
    assert story.shown(7).sessions == Sessions(3, 2, 2)
    story.pass_(hours=2)
    story.check()
    assert hours(story) == {at(9): (2, 1), at(13): (1, 1)}


@pytest.mark.parametrize("hours_later", [0, 1, 2, 5])
def test_an_erased_session_is_in_no_figure(story: Story, hours_later: int) -> None:
    story.pass_(hours=hours_later)
    story.check()
    story.go_on("erase", pick=0)
    assert story.shown(7).sessions.total == 2
    story.pass_(hours=3)
    story.check()
    assert sum(count for count, _ in hours(story).values()) == 2
    assert story.count(SmsCountedSession) == 2


def test_a_session_of_the_doctor_is_in_no_figure_before_and_after_it_is_removed(story: Story) -> None:
    story.go_on("test_text")
    story.pass_(hours=4)
    assert story.shown(7).sessions.total == 3
    story.go_on("remove_tests")
    assert hours(story) == {at(9): (3, 1)}
    story.check()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/New_York"])
def test_the_period_begins_at_the_workspaces_midnight_within_an_hour_or_not(
    begin: Callable[..., Story], zone: str
) -> None:
    """A session on each side of every quarter of an hour around midnight."""
    story = begin(zone, datetime(2026, 6, 1, 16, 50, tzinfo=UTC))
    for pick in range(1, 16):
        story.go_on("text_in", pick=pick)
        story.pass_(minutes=37)
    for _ in range(8):
        story.check()
        story.pass_(hours=21, minutes=7)


@pytest.mark.parametrize(
    ("within", "active"),
    [
        (timedelta(minutes=10), 1),
        (timedelta(hours=5), 2),
        (timedelta(days=3), 3),
        (timedelta(days=200), 3),
    ],
)
def test_active_is_what_the_operator_says(
    begin: Callable[..., Story], within: timedelta, active: int
) -> None:
    story = begin("Asia/Kolkata", MORNING)
    ages = [timedelta(days=5), timedelta(hours=30), timedelta(hours=4), timedelta(minutes=2)]
    for pick, age in enumerate(ages):
        story.pass_(seconds=((ages[pick - 1] if pick else age) - age).total_seconds())
        story.go_on("text_in", pick=pick + 1)
    story.pass_(minutes=2)
    with story.app.app_context():
        runtime = current_runtime()
        settings = replace(runtime.settings, session_active_within=within.total_seconds())
        runtime = replace(runtime, settings=settings)
        shown, recounted = (count(runtime, story.assistant, 7) for count in (analytics, recount))
    assert (shown.sessions.total, shown.sessions.active) == (4, active)
    assert shown == recounted


def test_what_is_counted_is_not_read_from_the_sessions_again(story: Story) -> None:
    story.pass_(hours=4)
    before = story.shown(7).sessions
    with story.app.app_context(), transaction() as connection:
        connection.execute(
            update(SmsSessionHour)
            .where(SmsSessionHour.channel_id == story.channel.id)
            .values(sessions=SmsSessionHour.sessions + 1)
        )
    assert story.shown(7).sessions == replace(before, total=4, active=before.active + 1)
    with story.app.app_context():
        found = differences(current_runtime(), story.assistant, 90)
        assert str(found) == "the sessions", "a roll-up that is wrong is found"
        start_anew(story.assistant)
    assert story.shown(7).sessions == before
    story.check(*PERIODS)


def test_a_reader_who_was_overtaken_by_the_counting_starts_over(story: Story) -> None:
    story.pass_(hours=4)
    story.shown(7)
    now = story.clock.now()
    start = now - timedelta(days=7)
    with story.app.app_context(), transaction() as connection:
        until = connection.scalar(
            select(SmsRollup.sessions_until).where(SmsRollup.channel_id == story.channel.id)
        )
        read = [read_sessions(connection, story.channel.id, start, start, at) for at in (until, until - HOUR)]
    assert read == [Sessions(3, 2, 1), None]


def test_counts_of_sessions_that_are_never_shown_again_go_away(story: Story) -> None:
    story.pass_(hours=4)
    story.check(90)
    story.pass_(days=KEPT_DAYS + 2)
    story.go_on("text_in", pick=2)
    story.pass_(hours=4)
    story.check(90)
    assert story.count(SmsCountedSession) == story.count(SmsSessionHour) == 1


def test_after_the_databases_clock_was_set_back_nothing_is_missing(begin: Callable[..., Story]) -> None:
    story = begin("UTC", MORNING)
    story.pass_(hours=3)
    story.go_on("text_in", pick=1)
    story.pass_(hours=2)
    story.keep_house()
    story.pass_(hours=-4)
    for pick in (2, 3):
        story.go_on("text_in", pick=pick)
    story.keep_house()
    story.check(*PERIODS)
    story.pass_(hours=30)
    story.keep_house()
    story.check(*PERIODS)


def test_many_sessions_are_counted_in_steps(
    begin: Callable[..., Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_up_sessions, "AT_ONCE", 2)
    story = begin("UTC", MORNING)
    for pick in range(9):
        story.go_on("text_in", pick=pick)
        story.pass_(minutes=25)
    story.pass_(hours=3)
    story.keep_house()
    assert sum(sessions for sessions, _ in hours(story).values()) == story.shown(7).sessions.total
    story.check(*PERIODS)
