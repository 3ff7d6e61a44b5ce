"""Test Credentials: try an account, a token and a number at Twilio, and say what was found.

The answer is no oracle: an account that does not exist and a wrong token look the same, a number of
somebody else and one that does not exist look the same, and the number of tests is limited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused
from illumichat_sms_plugin.host import Assistant, Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.findings import Finding, Level, ok, problem, unknown, warning
from illumichat_sms_plugin.services.setup.account_findings import (
    MISSING_PERMISSION,
    account_finding,
    balance_finding,
    failure,
    not_owned,
    number_finding,
    override_finding,
)
from illumichat_sms_plugin.services.setup.complete_credentials import NONE
from illumichat_sms_plugin.services.setup.credential_budget import spend_try
from illumichat_sms_plugin.services.setup.number_services import find_service
from illumichat_sms_plugin.services.setup.registration import Asked as AskedOfIt
from illumichat_sms_plugin.services.setup.registration import (
    registration_finding,
    registration_or_unknown,
    what_is_asked_of,
)
from illumichat_sms_plugin.services.setup.side_by_side import Answer, Questions, patience
from illumichat_sms_plugin.services.setup.webhook_target import judge_target
from illumichat_sms_plugin.services.setup.what_to_try import what_to_try
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import account, balance, owned_numbers, owned_sender
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance, OwnedNumber

TAKEN = say("Another assistant of this platform has this number, with the same account.")
TAKEN_DO = say("Disconnect it there first, or take another number.")
Looked = Literal["credentials", "account", "balance", "number", "registration", "webhook"]
MAX_NUMBERS = 50
"""Of an account's numbers, how many are listed to pick from."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a test found. ``numbers`` are those of the account, to pick from."""

    findings: tuple[tuple[Looked, Finding], ...]
    """What was looked at, and what was found."""
    account: AccountInfo | None = None
    balance: Balance | None = None
    number: OwnedNumber | None = None
    numbers: tuple[OwnedNumber, ...] = field(default=(), repr=False)
    more_numbers: bool = False
    """Whether the account has more than are listed."""
    taken: frozenset[str] = frozenset()
    """Of the account's numbers, those of other assistants here, with the same account."""

    @property
    def works(self) -> bool:
        """Whether texts can be answered with this, once its webhook is set."""
        return self.is_known and all(
            looked == "webhook" or finding.level is not Level.PROBLEM for looked, finding in self.findings
        )

    @property
    def is_known(self) -> bool:
        """Whether Twilio could be asked about the credentials."""
        return not any(
            looked == "credentials" and finding.level is Level.UNKNOWN for looked, finding in self.findings
        )


def try_credentials(
    runtime: Runtime,
    assistant: Assistant,
    *,
    account_sid: str,
    auth_token: Secret,
    phone_number: str,
    by: Person,
    api_key_sid: str = "",
    api_key_secret: Secret = NONE,
) -> Report:
    """Ask Twilio about an account and a number before anything is saved.

    An empty token or secret stands for the stored one, as long as it is the stored one's account or key. With an API
    key the token is only asked about the account, which a key may not look at. The number may be empty: then only the
    account is looked at. RateLimited, InvalidInput per unusable field. Takes no longer than the configured timeouts
    of one call.
    """
    tried = what_to_try(
        runtime,
        assistant.id,
        account_sid=account_sid,
        auth_token=auth_token,
        api_key_sid=api_key_sid,
        api_key_secret=api_key_secret,
        phone_number=phone_number,
    )
    credentials, wanted = tried.credentials, tried.phone_number
    spend_try(by, assistant.workspace.id)
    client, questions = runtime.twilio.get(credentials), Questions(patience(runtime.settings))
    found: AccountInfo | None = None
    try:
        # Alone, so that a wrong token is tried once and not for each question.
        if tried.of_the_account is not None:
            owner = runtime.twilio.get(tried.of_the_account)
            found = questions.ask(lambda: account(owner)).get()
    except TwilioError as error:
        return Report((("credentials", failure(error)),))
    if found is not None and found.status != "active":
        return Report((("account", account_finding(found)),), found)
    try:
        looked = questions.ask(lambda: owned_sender(client, wanted) if wanted else None)
        left = questions.ask(lambda: _balance(client))
        listed = questions.ask(lambda: owned_numbers(client, limit=MAX_NUMBERS + 1))
        number = looked.get()
        service = questions.ask(lambda: find_service(client, number) if number else None)
        registered = questions.ask(lambda: registration_finding(client, number) if number else unknown(""))
        money, balance_known = left.get()
        findings: list[tuple[Looked, Finding]] = []
        if found is not None:
            findings += [
                (
                    "credentials",
                    ok(
                        say(
                            "The Account SID and the Auth Token belong to “{name}”.", name=found.friendly_name
                        )
                    ),
                ),
                ("account", account_finding(found)),
            ]
        if credentials.api_key_sid is not None:
            findings.append(("credentials", ok(say("The API key opens this account."))))
        if balance_known:
            findings.append(("balance", balance_finding(money)))
        findings.append(("number", _number_finding(wanted, number)))
        numbers = tuple(listed.get())
        owned = [each.phone_number for each in (number, *numbers) if each is not None]
        taken = _taken(assistant.id, credentials.account_sid, owned)
        if number is not None and wanted in taken:
            findings.append(("number", problem(TAKEN, TAKEN_DO)))
    except TwilioError as error:
        return Report((("credentials", failure(error, api_key=credentials.api_key_sid is not None)),), found)
    if number is not None and number.sms and wanted not in taken:
        if what_is_asked_of(number.phone_number) is not AskedOfIt.NOTHING:
            findings.append(("registration", registration_or_unknown(registered.get)))
        expected = runtime.settings.webhook_url(assistant.id)
        findings.append(("webhook", _webhook_finding(number, service, expected)))
    return Report(
        tuple(findings), found, money, number, numbers[:MAX_NUMBERS], len(numbers) > MAX_NUMBERS, taken
    )


def _balance(client: TwilioClient) -> tuple[Balance | None, bool]:
    """What is left on the account, and whether it may be known: no permission lets a restricted key read it."""
    try:
        return balance(client), True
    except TwilioRefused as error:
        if error.error_code == MISSING_PERMISSION:
            return None, False
        raise


def _taken(assistant_id: str, account_sid: str, owned: Sequence[str]) -> frozenset[str]:
    """Those of the account's own numbers that saving would refuse; whose they are here is not said."""
    held = select(SmsChannel.phone_number).where(
        SmsChannel.phone_number.in_(owned),
        SmsChannel.account_sid == account_sid,
        SmsChannel.confirmed_at.is_not(None),
        SmsChannel.assistant_id != assistant_id,
    )
    with transaction() as connection:
        return frozenset(number for number in connection.scalars(held) if number)


def _number_finding(wanted: str | None, number: OwnedNumber | None) -> Finding:
    if wanted is None:
        return unknown(say("No phone number was given."), say("Pick one of the account's numbers."))
    return not_owned(wanted) if number is None else number_finding(wanted, sms=number.sms)


def _webhook_finding(number: OwnedNumber, service: Answer[MessagingService | None], expected: str) -> Finding:
    try:
        target = judge_target(number, None if number.sms_application_sid else service.get(), expected)
    except TwilioError:
        return unknown(
            say("Twilio did not say whether a Messaging Service takes the texts of this number."),
            say("Test again in a minute, or run the Doctor after saving: it looks again."),
        )
    if target.is_right:
        return ok(target.sentence)
    return override_finding(target) or warning(target.sentence, say("Set the webhook after saving."))
