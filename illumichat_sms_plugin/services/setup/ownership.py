"""Does the account own the number? What Twilio says of credentials and a number that are to be saved."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.side_by_side import Questions, patience
from illumichat_sms_plugin.twilio_gateway.lookup import account, owned_sender
from illumichat_sms_plugin.twilio_gateway.values import Credentials, OwnedNumber

logger = logging.getLogger("illumichat_sms.setup")

WRONG_CREDENTIALS = 20003
ACCOUNT_NOT_ACTIVE = 20005
NOT_THE_ACCOUNTS_NUMBER = 21606
"""What sending with a number of another account would end in; https://www.twilio.com/docs/api/errors/21606"""


class Asked(StrEnum):
    """What came of asking Twilio."""

    OWNED = "owned"
    """The account owns the number."""
    REFUSED = "refused"
    """A definite no: wrong credentials, an account that is not active, or a number of somebody else."""
    NO_ANSWER = "no_answer"
    """Twilio could not say."""
    NOT_NEEDED = "not_needed"
    """Neither account, token nor number are changed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``number`` as Twilio has it when it is ``OWNED``; ``error_code`` is Twilio's for what is wrong when ``REFUSED``."""

    asked: Asked
    number: OwnedNumber | None = None
    error_code: int | None = None


def ask_for_number(
    runtime: Runtime, credentials: Credentials, phone_number: str, *, token: Secret | None = None
) -> Verdict:
    """Ask about account and number side by side, no longer than the configured timeouts of one call.

    An API key may look at the number and not at the account. ``token`` is the Auth Token that verifies webhooks
    beside it, if there is one: then it is asked about the account.
    """
    client = runtime.twilio.get(credentials)
    questions = Questions(patience(runtime.settings))
    found = None
    if credentials.api_key_sid is None:
        found = questions.ask(lambda: account(client))
    elif token is not None:
        owner = runtime.twilio.get(Credentials(credentials.account_sid, token))
        found = questions.ask(lambda: account(owner))
    number = questions.ask(lambda: owned_sender(client, phone_number))
    try:
        if found is not None and found.get().status != "active":
            return Verdict(Asked.REFUSED, error_code=ACCOUNT_NOT_ACTIVE)
        owned = number.get()
    except TwilioError as error:
        if _is_definite(error):
            return Verdict(Asked.REFUSED, error_code=error.error_code or WRONG_CREDENTIALS)
        logger.warning("Twilio did not say whose a number is: %s", error)
        return Verdict(Asked.NO_ANSWER)
    if owned is None:
        return Verdict(Asked.REFUSED, error_code=NOT_THE_ACCOUNTS_NUMBER)
    return Verdict(Asked.OWNED, owned)


def _is_definite(error: TwilioError) -> bool:
    """Whether Twilio has answered, in its own words, that it does not let these credentials in."""
    return isinstance(error, TwilioRefused) and error.refused_for_good and not error.is_missing
