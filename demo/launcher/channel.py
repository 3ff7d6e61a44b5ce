"""Connects the support assistant to a phone number at the first start, so that one can text at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from demo.launcher.crew import Crew
from demo.launcher.data_folder import DataFolder
from demo.launcher.environment import uses_simulator
from demo.launcher.errors import CannotStart
from demo.twilio_simulator.seed import ACCOUNT_SID, AUTH_TOKEN, SUPPORT_NUMBER

ASSISTANT = "ast_support"
WEBHOOK_PATH = f"/api/sms/webhook/{ASSISTANT}"
CONNECTED = "connected"
"""Note in the data folder: which numbers of which accounts were connected in which database."""
RETRY_RULES = "#rc=3&rp=5xx,ct,rt"
"""https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"""


@dataclass(frozen=True, slots=True)
class Line:
    """A number and the account that owns it."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str


def line_of(caller: Mapping[str, str]) -> Line | None:
    """The number to connect: the simulator's, or what SMS_DEMO_… name at another server; None for neither."""
    if uses_simulator(caller):
        return Line(ACCOUNT_SID, AUTH_TOKEN, SUPPORT_NUMBER)
    named = [caller.get(f"SMS_DEMO_{name}", "") for name in ("ACCOUNT_SID", "AUTH_TOKEN", "NUMBER")]
    return Line(*named) if all(named) else None


def connect(crew: Crew, folder: DataFolder, line: Line, env: Mapping[str, str]) -> None:
    """Store the credentials through the plugin, once: what an admin changes afterwards stays changed."""
    key = f"{env['DATABASE_URL']} {line.account_sid} {line.number}"
    if not folder.once(CONNECTED, key):
        return
    command = [sys.executable, "-m", "flask", "--app", "demo.host", "sms", "connect", ASSISTANT]
    crew.run(
        "connect",
        [*command, "--account-sid", line.account_sid, "--phone-number", line.number],
        {**env, "SMS_CONNECT_AUTH_TOKEN": line.auth_token},
        seconds=60,
    )
    folder.done(CONNECTED, key)


def point_number(line: Line, env: Mapping[str, str]) -> None:
    """Let the simulator's number call this host; leave alone what somebody set to something else."""
    account = f"{env['SMS_TWILIO_API_URL']}/2010-04-01/Accounts/{line.account_sid}"
    with requests.Session() as twilio:
        twilio.auth = (line.account_sid, line.auth_token)
        try:
            found = twilio.get(
                f"{account}/IncomingPhoneNumbers.json", params={"PhoneNumber": line.number}, timeout=10
            )
            found.raise_for_status()
            number = found.json()["incoming_phone_numbers"][0]
            if number["sms_url"] and urlsplit(number["sms_url"]).path != WEBHOOK_PATH:
                return
            url = f"{env['SMS_PUBLIC_URL']}{WEBHOOK_PATH}{RETRY_RULES}"
            if url == number["sms_url"]:
                return
            changed = twilio.post(
                f"{account}/IncomingPhoneNumbers/{number['sid']}.json",
                data={"SmsUrl": url, "SmsMethod": "POST"},
                timeout=10,
            )
            changed.raise_for_status()
        except (requests.RequestException, LookupError) as error:
            raise CannotStart(f"The simulator did not take the webhook of {line.number}: {error}") from error
