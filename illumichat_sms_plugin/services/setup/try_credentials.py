"""Test Credentials: try an account, a token and a number at Twilio, and say what was found.

The answer is no oracle: an account that does not exist and a wrong token look the same, a number of
somebody else and one that does not exist look the same, and nobody may ask often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from illumichat_sms_plugin.errors import InvalidInput, TwilioError, TwilioRefused, TwilioThrottled
from illumichat_sms_plugin.host import Assistant, Person
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.setup.channel_changes import check_account_sid, check_secret
from illumichat_sms_plugin.services.setup.channel_settings import read_secret
from illumichat_sms_plugin.services.setup.webhook_target import judge_target
from illumichat_sms_plugin.twilio_gateway.lookup import account, balance, owned_numbers
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance, Credentials, OwnedNumber

PER_PERSON, PER_WORKSPACE = 10, 30
PERIOD = 600
"""Seconds in which a person may test PER_PERSON times, and all of a workspace PER_WORKSPACE times."""
MAX_NUMBERS = 50
LOW_BALANCE = 1
"""In the account's currency; a hundred texts or so."""
TEST_CREDENTIALS = 20008
NOT_ACTIVE = frozenset({10001, 20005, 30002})

Level = Literal["good", "info", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found and, where it is not right, what to do."""

    check: Literal["credentials", "account", "balance", "number", "sms", "webhook"]
    level: Level
    text: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a test found. ``numbers`` are those of the account, to pick from."""

    findings: tuple[Finding, ...]
    account: AccountInfo | None = None
    balance: Balance | None = None
    number: OwnedNumber | None = None
    numbers: tuple[OwnedNumber, ...] = field(default=(), repr=False)

    @property
    def works(self) -> bool:
        """Whether texts can be answered with this: nothing was found to be bad."""
        return all(finding.level != "bad" for finding in self.findings)


def try_credentials(
    runtime: Runtime,
    assistant: Assistant,
    *,
    account_sid: str,
    auth_token: str,
    phone_number: str,
    by: Person,
) -> Report:
    """Ask Twilio about an account and a number before anything is saved.

    An empty token stands for the stored one, as long as it is the stored one's account. The number may
    be empty: then only the account is looked at. RateLimited, InvalidInput per unusable field.
    """
    credentials, wanted = _checked(runtime, assistant.id, account_sid, auth_token, phone_number)
    spend(f"test/person/{by.id}", limit=PER_PERSON, period=PERIOD)
    spend(f"test/workspace/{assistant.workspace.id}", limit=PER_WORKSPACE, period=PERIOD)
    client = runtime.twilio.get(credentials)
    try:
        found = account(client)
        if found.status != "active":
            return Report((_account_finding(found),), found)
        left = balance(client)
        numbers = tuple(owned_numbers(client, limit=MAX_NUMBERS))
        number = _find(numbers, wanted) or next(iter(owned_numbers(client, wanted)), None) if wanted else None
    except TwilioError as error:
        return Report((failure(error),))
    findings = [
        Finding("credentials", "good", "The Account SID and the Auth Token go together."),
        _account_finding(found),
        *_balance_findings(left),
        *_number_findings(runtime, assistant.id, wanted, number),
    ]
    return Report(tuple(findings), found, left, number, numbers)


def _checked(
    runtime: Runtime, assistant_id: str, account_sid: str, auth_token: str, phone_number: str
) -> tuple[Credentials, str | None]:
    """What to try, or InvalidInput with a sentence for every field that cannot be right."""
    wrong: dict[str, str] = {}
    values = {}
    for name, value, check in (
        ("account_sid", account_sid, check_account_sid),
        ("auth_token", auth_token, check_secret),
        ("phone_number", phone_number, to_e164 if phone_number.strip() else str.strip),
    ):
        try:
            values[name] = check(value)
        except InvalidInput as error:
            wrong[name] = str(error)
    if not wrong and not values["auth_token"]:
        stored = read_secret(runtime, assistant_id, "auth_token")
        if stored.value is None or stored.account_sid != values["account_sid"]:
            wrong |= {"auth_token": "Enter the Auth Token of this account."}
        else:
            values["auth_token"] = stored.value
    if wrong:
        raise InvalidInput("Some fields cannot be tested as they are.", wrong)
    return Credentials(values["account_sid"], values["auth_token"]), values["phone_number"] or None


def _find(numbers: tuple[OwnedNumber, ...], wanted: str | None) -> OwnedNumber | None:
    return next((number for number in numbers if number.phone_number == wanted), None)


def _account_finding(found: AccountInfo) -> Finding:
    if found.status != "active":
        return Finding(
            "account",
            "bad",
            f"The account is {found.status or 'not active'}: it can neither send nor receive texts.",
            "Log in at console.twilio.com: it says there why, and how to get it back.",
        )
    if found.type == "Trial":
        return Finding(
            "account",
            "warn",
            f"“{found.friendly_name}” is active, and a trial account: it can only text numbers that you have "
            "verified at Twilio, and adds a line of Twilio's own to every text.",
            "That is enough to try it out. Upgrade the account in the Twilio Console before you share the number.",
        )
    return Finding("account", "good", f"“{found.friendly_name}” is active, and a full account.")


def _balance_findings(left: Balance | None) -> list[Finding]:
    if left is None:
        return []
    amount = f"{left.amount:.2f} {left.currency}"
    if left.amount <= 0:
        return [
            Finding(
                "balance",
                "bad",
                f"The balance is {amount}.",
                "Add funds in the Twilio Console under Billing.",
            )
        ]
    if left.amount < LOW_BALANCE:
        return [
            Finding(
                "balance",
                "warn",
                f"The balance is {amount}, which will not last long.",
                "Add funds in the Twilio Console under Billing, or turn on auto-recharge.",
            )
        ]
    return [Finding("balance", "good", f"The balance is {amount}.")]


def _number_findings(
    runtime: Runtime, assistant_id: str, wanted: str | None, number: OwnedNumber | None
) -> list[Finding]:
    if wanted is None:
        return [Finding("number", "info", "No phone number was given.", "Pick one of the account's numbers.")]
    if number is None:
        return [
            Finding(
                "number",
                "bad",
                f"This account does not own {wanted}.",
                "Pick one of the account's numbers, or enter the credentials of the account that owns it.",
            )
        ]
    found = [Finding("number", "good", f"The account owns {wanted}.")]
    if not number.sms:
        found.append(
            Finding(
                "sms",
                "bad",
                f"{wanted} cannot send or receive SMS.",
                "Take a number with the SMS capability; the Twilio Console shows it under Active Numbers.",
            )
        )
        return found
    found.append(Finding("sms", "good", "It can send and receive SMS."))
    target = judge_target(number, None, runtime.settings.webhook_url(assistant_id))
    do = target.do if target.is_overridden else "" if target.works else "Set it after saving."
    found.append(Finding("webhook", "good" if target.works else "info", target.sentence, do))
    return found


def failure(error: TwilioError) -> Finding:
    """Why Twilio did not let us look, in words."""
    code = error.error_code
    if code == TEST_CREDENTIALS:
        return Finding(
            "credentials",
            "bad",
            "These are test credentials; they cannot receive texts.",
            "In the Twilio Console, copy the live Account SID and Auth Token instead of the test ones.",
        )
    if code in NOT_ACTIVE:
        return Finding(
            "account",
            "bad",
            "Twilio says that this account is not active.",
            "Log in at console.twilio.com: it says there why the account is suspended and how to get it back.",
        )
    if isinstance(error, TwilioThrottled):
        return Finding(
            "credentials",
            "bad",
            "Twilio gets too many requests from this account.",
            "Test again in a minute.",
        )
    if isinstance(error, TwilioRefused) and error.twilio_http_status in (401, 403, 404):
        return Finding(
            "credentials",
            "bad",
            "Twilio does not accept this Account SID with this Auth Token.",
            "Copy both again from the dashboard of console.twilio.com. If the token was replaced there, the old one "
            "stopped working.",
        )
    return Finding(
        "credentials",
        "bad",
        f"Twilio could not be asked. {error}",
        "Test again in a minute. If it goes on, look at status.twilio.com.",
    )
