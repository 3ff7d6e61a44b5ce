"""Figures of texts that are gone stay, in every time zone, and a recount does not falsify them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_changed
from illumichat_sms_plugin.services.analytics.recount import differences, start_anew
from illumichat_sms_plugin.services.retention import let_go
from tests.services.analytics.story import Story
from tests.services.retention.old import let_go as let_all_go
from tests.support.channels import sql
from tests.support.database_clock import database_clock
from tests.support.memory_host import MemoryHost

FIRST = datetime(2026, 6, 1, 15, tzinfo=UTC)


@pytest.fixture
def story(app: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """A month of texts, then forty days of a few; the older half is deleted."""
    monkeypatch.setattr(let_go, "APART", timedelta(days=10_000))
    with database_clock(app) as clock:
        told = Story(app, clock, host, "America/New_York", FIRST)
        for step in range(8):
            for pick in (4, 5, 18) if step else (4, 5, 18, 19, 11):  # two of them text in once only
                told.go_on("text_in", pick=pick)
            for pick in range(5):
                told.go_on("answer", "match_contact", pick=pick)
            for pick in range(5):
                told.go_on("accepted", "status", pick=pick + step)
            told.pass_(days=6, hours=5)
        told.go_on("text_in", pick=4)
        told.pass_(hours=3)
        yield told


def delete_old(story: Story, days: int = 30) -> None:
    sql(story.app, f"UPDATE sms_channels SET keep_days = {days}")
    assert let_all_go(story.app)


def same(story: Story, do: Callable[[], Any]) -> None:
    """Whether the figures of 90 days are the same before and after; ten days tell more of the hours."""
    before = story.shown(90)
    assert before.messages.total > 20
    do()
    assert story.shown(90) == before
    with story.app.app_context():
        found = differences(current_runtime(), story.assistant, 90)
    assert not found, str(found)
    assert 29 <= found.compared <= 31


def test_they_stay_when_the_texts_go(story: Story) -> None:
    many = story.count(SmsMessage)
    same(story, lambda: delete_old(story))
    assert 0 < story.count(SmsMessage) < many


def test_counting_anew_keeps_them(story: Story) -> None:
    delete_old(story)

    def repair() -> None:
        with story.app.app_context():
            start_anew(story.assistant)

    same(story, repair)
    same(story, repair)


def test_a_change_to_what_is_gone_does_not_take_the_rest_of_its_hour_along(story: Story) -> None:
    delete_old(story)

    def late() -> None:
        with story.app.app_context(), transaction() as connection:
            for hours in range(0, 24 * 20, 1):
                mark_changed(connection, story.channel.id, FIRST + timedelta(hours=hours))

    same(story, late)


def test_a_workspace_that_moves_has_the_same_figures_by_other_days(story: Story) -> None:
    delete_old(story)
    before = story.shown(90)
    for zone in ("Asia/Kathmandu", "Pacific/Kiritimati", "UTC"):
        story.live_in(zone)
        after = story.shown(90)
        assert (after.messages, after.sessions, after.cost) == (before.messages, before.sessions, before.cost)
    story.live_in("America/New_York")
    assert story.shown(90) == before


def test_they_are_counted_before_anything_goes(story: Story) -> None:
    """Even where nobody has ever counted the channel."""
    delete_old(story)
    assert story.shown(90).messages.total > story.count(SmsMessage) > 0


def test_a_number_that_texts_again_is_a_session_of_its_own(story: Story) -> None:
    delete_old(story)
    before = story.shown(90).sessions.total
    story.go_on("text_in", pick=19)
    assert story.shown(90).sessions.total == before + 1


def test_figures_are_counted_again_when_a_clock_that_was_ahead_is_set_right(story: Story) -> None:
    delete_old(story)
    sql(story.app, "UPDATE sms_rollups SET texts_from = '2030-01-01 00:00:00'")
    story.go_on("text_in", pick=1)
    story.pass_(hours=3)
    with story.app.app_context():
        assert not differences(current_runtime(), story.assistant, 29)
