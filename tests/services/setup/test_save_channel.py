"""Saving a channel: completeness, versions, one number for one assistant, and who did it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import InvalidInput, NotFound
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.save_channel import NumberTaken, Outdated, disconnect, save_channel
from tests.support.channels import OWNER, changes_of, connect, messages
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, text_in

OTHER_SID = "AC" + "0123456789abcdef" * 2


def settings(app: Flask, assistant_id: str = "ast_support") -> ChannelSettings:
    with app.app_context():
        return read_settings(current_runtime(), assistant_id)


def save(app: Flask, assistant_id: str = "ast_support", seen: int | None = None, **changes: Any) -> int:
    with app.app_context():
        return save_channel(current_runtime(), assistant_id, changes_of(changes), by=OWNER, seen_version=seen)


def audit(app: Flask) -> list[tuple[str, list[dict[str, Any]]]]:
    """(action, changes) of all entries, oldest first."""
    channel_id = settings(app).id
    assert channel_id is not None
    with app.app_context():
        return [(entry.action, entry.changes) for entry in reversed(recent_entries(channel_id))]


def test_what_was_never_saved_has_defaults_and_version_0(app: Flask):
    found = settings(app)
    assert (found.version, found.is_connected, found.options.enabled, found.options.max_message_length) == (
        0,
        False,
        True,
        1600,
    )


def test_a_half_connection_is_refused_and_leaves_nothing_behind(app: Flask):
    with pytest.raises(InvalidInput) as caught:
        save(app, account_sid=ACCOUNT_SID)
    assert set(caught.value.fields) == {"auth_token", "phone_number"}
    assert settings(app).version == 0


def test_options_can_be_saved_before_there_are_credentials(app: Flask):
    save(app, max_message_length=320)
    assert settings(app).options.max_message_length == 320
    connect(app)
    assert settings(app).options.max_message_length == 320


def test_every_unusable_field_is_named(app: Flask):
    with pytest.raises(InvalidInput) as caught:
        save(app, account_sid="AC12", phone_number="call me", max_message_length=49, auth_token="a b")
    assert set(caught.value.fields) == {"account_sid", "phone_number", "max_message_length", "auth_token"}


def test_an_empty_token_keeps_the_stored_one(connected: Flask):
    save(connected, auth_token="", max_message_length=100)
    assert text_in(connected).status_code == 200


def test_another_account_needs_its_own_token(connected: Flask):
    with pytest.raises(InvalidInput) as caught:
        save(connected, account_sid=OTHER_SID)
    assert set(caught.value.fields) == {"auth_token"}


def test_another_account_ends_the_old_ones_second_token_and_signing_key(connected: Flask):
    """Whoever has the old account could go on signing texts to this assistant."""
    save(connected, signing_key="shared", next_auth_token="n" * 32)
    save(connected, account_sid=OTHER_SID, auth_token="t" * 32)
    assert not settings(connected).has_signing_key
    assert not settings(connected).has_next_auth_token


def test_a_save_that_has_not_seen_the_last_one_is_refused(connected: Flask):
    seen = settings(connected).version
    save(connected, seen=seen, max_message_length=320)
    with pytest.raises(Outdated):
        save(connected, seen=seen, max_message_length=160)
    assert settings(connected).options.max_message_length == 320


def test_of_two_that_create_at_once_one_is_told(app: Flask):
    """Both saw that there was nothing."""
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def create(length: int) -> None:
        start.wait(5)
        try:
            save(app, seen=0, max_message_length=length)
            outcomes.append("saved")
        except Outdated:
            outcomes.append("told")

    threads = [threading.Thread(target=create, args=(length,)) for length in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["saved", "told"]


def test_a_number_belongs_to_one_assistant_and_nobody_learns_to_which(connected: Flask):
    with pytest.raises(NumberTaken) as caught:
        connect(connected, "ast_globex")
    assert "support" not in str(caught.value).lower()
    assert "acme" not in str(caught.value).lower()
    assert not settings(connected, "ast_globex").is_connected


def test_a_disconnected_number_is_free_for_another_assistant(connected: Flask):
    with connected.app_context():
        disconnect(current_runtime(), "ast_support", by=OWNER)
    connect(connected, "ast_sales")
    assert settings(connected, "ast_sales").phone_number == NUMBER


def test_disconnecting_removes_the_credentials_and_keeps_options_and_texts(connected: Flask):
    text_in(connected)
    save(connected, max_message_length=320, signing_key="shared", next_auth_token="n" * 32)
    with connected.app_context():
        disconnect(current_runtime(), "ast_support", by=OWNER, seen_version=settings(connected).version)
    found = settings(connected)
    assert (found.account_sid, found.phone_number, found.has_auth_token) == (None, None, False)
    assert (found.has_signing_key, found.has_next_auth_token) == (False, False)
    assert found.options.max_message_length == 320
    assert len(messages(connected)) == 1
    assert text_in(connected).status_code == 403


def test_what_is_not_connected_cannot_be_disconnected(app: Flask):
    with app.app_context(), pytest.raises(NotFound):
        disconnect(current_runtime(), "ast_support", by=OWNER)


def test_disconnecting_what_changed_since_is_refused(connected: Flask):
    with connected.app_context(), pytest.raises(Outdated):
        disconnect(current_runtime(), "ast_support", by=OWNER, seen_version=1)
    assert settings(connected).is_connected


def test_every_change_leaves_who_when_and_what(connected: Flask):
    save(connected, max_message_length=320, enabled=False)
    save(connected, auth_token="b" * 32)
    with connected.app_context():
        disconnect(current_runtime(), "ast_support", by=OWNER)
    entries = audit(connected)
    assert [action for action, _ in entries] == ["connected", "changed", "changed", "disconnected"]
    assert {"field": "max_message_length", "old": 1600, "new": 320} in entries[1][1]
    assert {"field": "enabled", "old": True, "new": False} in entries[1][1]
    assert entries[2][1] == [{"field": "auth_token"}]
    assert {"field": "phone_number", "old": NUMBER, "new": None} in entries[3][1]


def test_what_is_as_it_was_is_no_change(connected: Flask):
    version = settings(connected).version
    assert save(connected, seen=version, phone_number=NUMBER, enabled=True, auth_token="") == version
    assert settings(connected).version == version, "who has looked meanwhile has seen what is there"
    assert [action for action, _ in audit(connected)] == ["connected"]


def test_a_change_at_the_end_of_long_guidelines_can_be_seen(connected: Flask):
    long = "Be kind to everybody. " * 60
    save(connected, guidelines=long + "Call them by name.")
    save(connected, guidelines=long + "Never name them.")
    (change,) = audit(connected)[-1][1]
    assert change["old"].endswith("Call them by name.")
    assert change["new"].endswith("Never name them.")
    assert len(change["old"]) < 200


def test_a_refused_change_leaves_no_audit(connected: Flask):
    with pytest.raises(InvalidInput):
        save(connected, account_sid=OTHER_SID)
    assert len(audit(connected)) == 1


def test_no_audit_holds_a_secret(connected: Flask):
    save(connected, signing_key="shared-secret", next_auth_token="n" * 32)
    assert AUTH_TOKEN not in str(audit(connected))
    assert "shared-secret" not in str(audit(connected))
    assert "n" * 32 not in str(audit(connected))


def test_a_number_brings_the_opt_out_words_of_its_country(app: Flask):
    connect(app, phone_number="+14165550123")
    assert "ARRET" in settings(app).options.opt_out_words
