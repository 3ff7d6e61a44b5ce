"""What a fresh simulator holds: the credentials and numbers that the demo and the tests use.

None of this is secret or real: the numbers are from the range kept free for fiction, the tokens
open nothing but the simulator.
"""

from __future__ import annotations

from demo.twilio_simulator.api_keys import FOR_THE_PLUGIN
from demo.twilio_simulator.records import Account, ApiKey, Application, Number
from demo.twilio_simulator.store import Store

ACCOUNT_SID = "AC" + "5a1d0c3e" * 4
AUTH_TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - opens only the simulator
SECONDARY_AUTH_TOKEN = "5ec0bda75ec0bda75ec0bda75ec0bda7"  # noqa: S105
ACCOUNT_NAME = "Acme Telephony"
SUPPORT_NUMBER = "+15551230001"
"""The number of the demo's first assistant; the demo sets its webhook."""
SALES_NUMBER = "+15551230002"
"""A number as just bought: its webhook is Twilio's own welcome answer."""

OTHER_ACCOUNT_SID = "AC" + "b0b5ca1e" * 4
OTHER_AUTH_TOKEN = "ffeeddccbbaa99887766554433221100"  # noqa: S105
OTHER_ACCOUNT_NAME = "Globex Messaging"
OTHER_NUMBER = "+15551230003"

TEST_ACCOUNT_SID = "AC" + "7e57c0de" * 4
"""Test credentials of the first account: they may create messages, and nothing is sent."""
TEST_AUTH_TOKEN = "7e577e577e577e577e577e577e577e57"  # noqa: S105

ROTATED_AUTH_TOKEN = "c0ffee00c0ffee00c0ffee00c0ffee00"  # noqa: S105
"""The token an account has after the ``rotated_token`` fault, unless a secondary one is promoted."""

WELCOME_URL = "https://demo.twilio.com/welcome/sms/reply"
"""Where a newly bought number points; the simulator answers for it and no request leaves the machine."""

APPLICATION_SID = "AP" + "a9911ca7" * 4
"""A TwiML app that a number may be bound to, which then overrides the number's own webhook."""

STANDARD_KEY_SID = "SK" + "57a4da4d" * 4
STANDARD_KEY_SECRET = "StandardKeyOfAcmeForEverything01"  # noqa: S105 - opens only the simulator
RESTRICTED_KEY_SID = "SK" + "4e574c7e" * 4
RESTRICTED_KEY_SECRET = "RestrictedKeyOfAcmeForTheTexts01"  # noqa: S105
"""API keys of the first account: one for everything but accounts and keys, one for what the plugin needs."""

PHONES = ("+15557650001", "+15557650002", "+15557650003")
"""The handsets that the phones page offers."""


def number_sid(phone_number: str) -> str:
    """The SID of a seeded number, the same on every start."""
    return "PN" + phone_number.lstrip("+").rjust(32, "0")


def seed(store: Store) -> None:
    """Put the default accounts and numbers in; what is already there stays as it is."""
    accounts = [
        Account(
            sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            secondary_auth_token=SECONDARY_AUTH_TOKEN,
            friendly_name=ACCOUNT_NAME,
            balance="42.50",
            verified_numbers=[PHONES[0]],
        ),
        Account(
            sid=OTHER_ACCOUNT_SID,
            auth_token=OTHER_AUTH_TOKEN,
            friendly_name=OTHER_ACCOUNT_NAME,
            balance="17.25",
            verified_numbers=[PHONES[0]],
        ),
        Account(
            sid=TEST_ACCOUNT_SID,
            auth_token=TEST_AUTH_TOKEN,
            friendly_name=f"{ACCOUNT_NAME} (test credentials)",
            test_credentials=True,
        ),
    ]
    for account in accounts:
        if account.sid not in store.accounts:
            store.save(account)
    numbers = [
        (SUPPORT_NUMBER, ACCOUNT_SID, ""),
        (SALES_NUMBER, ACCOUNT_SID, WELCOME_URL),
        (OTHER_NUMBER, OTHER_ACCOUNT_SID, ""),
    ]
    for phone_number, account_sid, sms_url in numbers:
        sid = number_sid(phone_number)
        if sid not in store.numbers:
            store.save(Number(sid=sid, account_sid=account_sid, phone_number=phone_number, sms_url=sms_url))
    keys = [
        ApiKey(STANDARD_KEY_SID, ACCOUNT_SID, STANDARD_KEY_SECRET, "Standard"),
        ApiKey(RESTRICTED_KEY_SID, ACCOUNT_SID, RESTRICTED_KEY_SECRET, "Texts only", list(FOR_THE_PLUGIN)),
    ]
    for key in keys:
        if key.sid not in store.api_keys:
            store.save(key)
    if APPLICATION_SID not in store.applications:
        store.save(
            Application(
                sid=APPLICATION_SID,
                account_sid=ACCOUNT_SID,
                friendly_name="Another product of ours",
                sms_url=WELCOME_URL,
            )
        )
