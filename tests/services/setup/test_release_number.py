"""A number belongs to one assistant, and to the account that owns it at Twilio."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from demo.twilio_simulator import seed
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.setup.lost_number import LostNumber
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.save_channel import NumberTaken, disconnect
from tests.services.setup.saving import CREDENTIALS, OTHERS, WRONG_TOKEN, refused, save, stored
from tests.support.channels import OWNER, connect
from tests.support.twilio_requests import NUMBER


def test_a_number_in_use_by_the_same_account_is_refused(asking: Flask):
    save(asking, **CREDENTIALS)
    with pytest.raises(NumberTaken):
        save(asking, "ast_sales", **CREDENTIALS)
    assert stored(asking).is_connected


@pytest.mark.parametrize("asker", [OTHERS, {"account_sid": seed.ACCOUNT_SID, "auth_token": WRONG_TOKEN}])
def test_nobody_learns_that_a_number_is_in_use_whose_account_does_not_own_it(
    asking: Flask, asker: dict[str, str]
):
    """With a number that is in use here the answer is the same as with one that is not."""
    save(asking, **CREDENTIALS)
    in_use = refused(asking, "ast_globex", **asker, phone_number=NUMBER)
    free = refused(asking, "ast_globex", **asker, phone_number="+15551239999")
    assert in_use == free
    assert stored(asking).is_confirmed
    assert stored(asking, "ast_globex").is_draft


def test_nor_while_twilio_cannot_be_asked(asking: Flask, twilio: Any):
    save(asking, **CREDENTIALS)
    twilio.add_fault("outage", count=None, mode="503")
    assert save(asking, "ast_sales", **CREDENTIALS).verdict.asked is Asked.NO_ANSWER
    assert stored(asking, "ast_sales").is_draft


@pytest.mark.parametrize("squatter", [OTHERS, {"account_sid": seed.ACCOUNT_SID, "auth_token": WRONG_TOKEN}])
def test_nobody_can_lock_a_number_that_is_not_theirs(asking: Flask, squatter: dict[str, str]):
    """A draft holds no number: its owner connects it as if nobody had typed it."""
    save(asking, "ast_globex", **squatter, phone_number=NUMBER)
    assert save(asking, **CREDENTIALS).verdict.asked is Asked.OWNED
    assert stored(asking).is_confirmed
    assert stored(asking, "ast_globex").is_draft


@pytest.mark.parametrize("holder", [OTHERS, {"account_sid": seed.ACCOUNT_SID, "auth_token": WRONG_TOKEN}])
def test_a_number_goes_to_the_account_that_owns_it_now(asking: Flask, holder: dict[str, str]):
    """Twilio had confirmed it to another channel once; in the audit of that one stands why it lost it."""
    connect(asking, "ast_globex", **holder, phone_number=NUMBER)
    assert save(asking, **CREDENTIALS).verdict.asked is Asked.OWNED
    assert stored(asking).is_confirmed
    lost = stored(asking, "ast_globex")
    assert lost.lost == LostNumber(NUMBER, to_owner=True)
    assert not lost.is_connected
    with asking.app_context():
        last = recent_entries(lost.id or 0, limit=1)[0]
    assert (last.action, last.person_id) == ("disconnected", "twilio")
    save(asking, "ast_globex", **OTHERS, phone_number=seed.OTHER_NUMBER)
    with asking.app_context():
        disconnect(current_runtime(), "ast_globex", by=OWNER)
    assert stored(asking, "ast_globex").lost is None, "an admin gave that one up"


def test_a_holder_of_whom_twilio_says_nothing_keeps_the_number(asking: Flask, twilio: Any, make: Any):
    connect(asking)
    with asking.app_context(), transaction() as connection:
        connection.execute(update(SmsChannel).values(auth_token="not readable"))
    with pytest.raises(NumberTaken):
        save(asking, "ast_sales", **CREDENTIALS)
