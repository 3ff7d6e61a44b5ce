"""Does the account own the number? Only a definite no of Twilio's keeps anybody from saving."""

from __future__ import annotations

import logging

from illumichat_sms_plugin.errors import InvalidInput, TwilioError, TwilioRefused
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.setup.findings import (
    NOT_ACTIVE,
    TEST_CREDENTIALS,
    Finding,
    account_finding,
    failure,
    not_owned,
)
from illumichat_sms_plugin.services.setup.owned_number import find_owned
from illumichat_sms_plugin.services.setup.side_by_side import Questions, patience
from illumichat_sms_plugin.twilio_gateway.lookup import account
from illumichat_sms_plugin.twilio_gateway.values import Credentials, OwnedNumber

logger = logging.getLogger("illumichat_sms.setup")

NOT_SAVED = "Twilio was asked, and nothing was saved."
DEAD_TOKEN = "Twilio does not accept the stored Auth Token any more. Enter the current one."  # noqa: S105


def ask_for_number(
    runtime: Runtime, credentials: Credentials, phone_number: str, *, token_is_stored: bool
) -> OwnedNumber | None:
    """The number as the account owns it, or None when Twilio cannot say now.

    InvalidInput when Twilio refuses the credentials, the account is not active, or does not own the number.
    Takes no longer than the configured timeouts of one call. ``token_is_stored``: nobody has typed it just now.
    """
    client = runtime.twilio.get(credentials)
    questions = Questions(patience(runtime.settings))
    found, number = (
        questions.ask(lambda: account(client)),
        questions.ask(lambda: find_owned(client, phone_number)),
    )
    try:
        state = found.get()
        if state.status != "active":
            raise _refusal("account_sid", account_finding(state))
        owned = number.get()
    except TwilioError as error:
        if not _is_definite(error):
            logger.warning("a number is saved without Twilio having said whose it is: %s", error)
            return None
        if error.error_code == TEST_CREDENTIALS or error.error_code in NOT_ACTIVE:
            raise _refusal("account_sid", failure(error)) from None
        if token_is_stored:
            raise InvalidInput(NOT_SAVED, {"auth_token": DEAD_TOKEN}) from None
        raise _refusal("auth_token", failure(error)) from None
    if owned is None:
        raise _refusal("phone_number", not_owned(phone_number))
    return owned


def _is_definite(error: TwilioError) -> bool:
    """Whether Twilio has answered, in its own words, that it does not let these credentials in."""
    return isinstance(error, TwilioRefused) and error.twilio_http_status in (401, 403, 404)


def _refusal(field: str, finding: Finding) -> InvalidInput:
    return InvalidInput(NOT_SAVED, {field: f"{finding.text} {finding.do}"})
