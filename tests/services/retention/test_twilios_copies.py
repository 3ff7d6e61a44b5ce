"""Twilio's copies of old texts stay, or go where the channel says so."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.services.retention.old import age, let_go
from tests.support.channels import (
    change,
    keep_house,
    messages,
    run_jobs,
    sql,
)
from tests.support.twilio_requests import text_in

LEFT = "SELECT count(*) FROM sms_erased_texts WHERE gone_at IS NULL"


def test_twilio_keeps_its_copies_unless_the_channel_says_otherwise(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    change(texting, keep_days=30)
    age(texting, 40)
    let_go(texting)
    assert sql(texting, LEFT).scalar() == 0
    keep_house(texting)
    assert not any(message.deleted for message in twilio.messages())


def test_twilios_copies_go_too_where_the_channel_says_so_and_no_outage_stops_that(
    texting: Flask, twilio: Any
) -> None:
    text_in(texting)
    run_jobs(texting)
    twilio.wait_idle()
    change(texting, keep_days=30, delete_at_twilio=True)
    age(texting, 40)
    twilio.add_fault("outage", count=None)
    let_go(texting)
    keep_house(texting)
    assert (messages(texting), sql(texting, LEFT).scalar()) == ([], 2)
    twilio.clear_faults()
    sql(texting, "UPDATE sms_erased_texts SET try_at = '2020-01-01 00:00:00'")
    keep_house(texting)
    assert all(message.deleted for message in twilio.messages())
    assert sql(texting, LEFT).scalar() == 0


def test_who_asks_to_be_erased_does_not_wait_for_what_is_old(texting: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.services.texters import erase_at_twilio

    of_row = "1, 'SM{0:032x}', 'AC', 0, {1}, 0, '2020-01-0{2} 00:00:00', CURRENT_TIMESTAMP"
    columns = "channel_id, message_sid, account_sid, media, by_age, tries, try_at, created_at"
    for number, by_age in ((1, "true"), (2, "false")):
        values = of_row.format(number, by_age, number)
        sql(texting, f"INSERT INTO sms_erased_texts ({columns}) VALUES ({values})")
    with texting.app_context():
        assert [row.by_age for row in sorted(erase_at_twilio._claim_due(), key=lambda row: row.by_age)] == [
            False,
            True,
        ]
