"""Nobody tries tokens without end, whichever way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.errors import RateLimited
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON, PER_WORKSPACE
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.try_credentials import try_credentials
from tests.services.setup.saving import CREDENTIALS, OTHERS, WRONG_TOKEN, refused, save, stored
from tests.support.channels import OWNER, connect

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def ask(app: Flask, by: Person = OWNER) -> None:
    with app.app_context():
        assistant = current_runtime().host.assistants.find("ast_support")
        assert assistant is not None
        credentials = CREDENTIALS | {"auth_token": Secret(CREDENTIALS["auth_token"])}
        try_credentials(current_runtime(), assistant, by=by, **credentials)


TRIES: dict[str, Callable[[Flask, int], object]] = {
    "a token": lambda app, number: refused(app, auth_token=f"{number:032}"),
    "an account": lambda app, number: refused(app, account_sid=f"AC{number:032}", auth_token=WRONG_TOKEN),
    "a number": lambda app, number: refused(app, phone_number=f"+1555123{number + 5000:04}"),
    "a signing key": lambda app, number: save(app, signing_key=f"key{number}"),
}


@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES)
@pytest.mark.usefixtures("one_period")
def test_saving_credentials_counts_like_testing_them(asking: Flask, attempt: Callable[[Flask, int], object]):
    connect(asking)
    for number in range(PER_PERSON):
        attempt(asking, number)
    with pytest.raises(RateLimited) as caught:
        attempt(asking, 0)
    assert caught.value.retry_after > 0
    assert "Try again in" in str(caught.value)
    with pytest.raises(RateLimited):
        ask(asking)
    save(asking, max_message_length=320)
    ask(asking, Person("usr_admin", "Ada"))


@pytest.mark.usefixtures("one_period")
def test_testing_credentials_counts_like_saving_them(asking: Flask):
    for _ in range(PER_PERSON):
        ask(asking)
    with pytest.raises(RateLimited):
        save(asking, **CREDENTIALS)
    assert stored(asking).version == 0


@pytest.mark.usefixtures("one_period")
def test_the_stored_credentials_once_more_cost_nothing(asking: Flask, twilio: Any):
    save(asking, **CREDENTIALS)
    asked = len(twilio.store.requests)
    for _ in range(PER_PERSON + 1):
        assert save(asking, **CREDENTIALS).verdict.asked is Asked.NOT_NEEDED
    assert len(twilio.store.requests) == asked


@pytest.mark.usefixtures("one_period")
def test_a_workspace_may_not_save_credentials_without_end_through_many_people(asking: Flask):
    for number in range(PER_WORKSPACE):
        save(asking, by=Person(f"usr_{number}", "Somebody"), signing_key="key", **CREDENTIALS)
    with pytest.raises(RateLimited):
        save(asking, by=Person("usr_new", "One more"), auth_token=WRONG_TOKEN)
    save(asking, "ast_globex", by=Person("usr_new", "One more"), **OTHERS, phone_number=seed.OTHER_NUMBER)


@pytest.mark.usefixtures("one_period")
def test_the_options_of_a_draft_can_be_saved_when_twilio_was_asked_too_often(asking: Flask):
    for number in range(PER_PERSON):
        refused(asking, **(CREDENTIALS | {"auth_token": f"{number:032}"}))
    same = {"account_sid": seed.ACCOUNT_SID, "phone_number": CREDENTIALS["phone_number"]}
    saved = save(asking, **same, max_message_length=320)
    assert saved.verdict.asked is Asked.NOT_NEEDED
    assert stored(asking).options.max_message_length == 320
    assert stored(asking).is_draft
