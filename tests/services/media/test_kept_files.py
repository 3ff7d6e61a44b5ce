"""Files are kept for a while and within bounds, and go with their texter, at Twilio too."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.media.kept_files import let_files_go
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from tests.support.attached import CARD, PNG, text_with
from tests.support.channels import inbound, keep_house, run_jobs, sql


def files(app: Flask) -> list[tuple[Any, ...]]:
    """(has content, problem) of all."""
    return [tuple(row) for row in sql(app, "SELECT data IS NOT NULL, problem FROM sms_media ORDER BY id")]


def go(app: Flask) -> int:
    with app.app_context():
        return let_files_go(current_runtime())


def test_old_ones_lose_their_content(texting: Flask, twilio: Any) -> None:
    for _ in range(2):
        text_with(texting, twilio, PNG)
    run_jobs(texting)
    assert go(texting) == 0
    sql(
        texting,
        "UPDATE sms_media SET created_at = '2020-01-01 00:00:00' WHERE id = (SELECT min(id) FROM sms_media)",
    )
    assert go(texting) == 1
    assert files(texting) == [(False, "old"), (True, None)]


def test_a_channel_has_so_much_room_and_its_oldest_go_first(texting: Flask, twilio: Any) -> None:
    for _ in range(3):
        text_with(texting, twilio, PNG)
    run_jobs(texting)
    sql(texting, "UPDATE sms_media SET size = 400 * 1024 * 1024")
    assert go(texting) == 1
    assert files(texting) == [(False, "space"), (True, None), (True, None)]
    assert go(texting) == 0


def test_they_go_with_their_texter_here_and_at_twilio(texting: Flask, twilio: Any) -> None:
    text_with(texting, twilio, PNG, CARD)
    run_jobs(texting)
    row = inbound(texting)[0]
    with texting.app_context():
        erase_texter(current_runtime(), row.channel_id, row.session_id)
    assert files(texting) == []
    keep_house(texting)
    message = twilio.store.messages[row.message_sid]
    assert (message.deleted, message.media) == (True, [])


def test_they_go_when_twilio_lets_them_go(texting: Flask, twilio: Any) -> None:
    """A text is not deleted before its files: nobody would find them any more."""
    text_with(texting, twilio, PNG)
    run_jobs(texting)
    row = inbound(texting)[0]
    with texting.app_context():
        erase_texter(current_runtime(), row.channel_id, row.session_id)
    message = twilio.store.messages[row.message_sid]
    twilio.add_fault("outage", count=None)
    keep_house(texting)
    assert (message.deleted, len(message.media)) == (False, 1)
    twilio.clear_faults()
    sql(texting, "UPDATE sms_erased_texts SET try_at = '2020-01-01 00:00:00'")
    keep_house(texting)
    assert (message.deleted, len(message.media)) == (True, 0)


def test_a_text_without_files_is_deleted_at_twilio_with_one_request(texting: Flask, twilio: Any) -> None:
    text_with(texting, twilio)
    run_jobs(texting)
    row = inbound(texting)[0]
    with texting.app_context():
        erase_texter(current_runtime(), row.channel_id, row.session_id)
    keep_house(texting)
    about_it = [each.method for each in twilio.store.requests if row.message_sid in each.path]
    assert about_it == ["DELETE"]
