"""Twilio's refusals and the network's failures, as the plugin's own errors.

    nothing was written                      TwilioRefused
    4xx with Twilio's JSON                   TwilioRefused, with its code
    429                                      TwilioThrottled; error 63038, a limit per day, TwilioRefused
    anything else                            TwilioInDoubt

The sentences come from error_codes.py, never from Twilio's response or the exception: those hold the
Account SID, phone numbers and URLs.
"""

from __future__ import annotations

import json
from typing import Any

from requests.exceptions import ConnectTimeout, ProxyError, ReadTimeout, SSLError
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

from illumichat_sms_plugin.errors import (
    TwilioError,
    TwilioInDoubt,
    TwilioRefused,
    TwilioThrottled,
    TwilioUnreachable,
)
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.twilio_gateway.error_codes import explain

DAILY_LIMIT = 63038
"""Comes as a 429, but trying again within seconds is of no use."""


def response_error(status: int, text: str) -> TwilioError:
    """The error for a response that is not a success."""
    code = _error_code(status, text)
    if status == 429 and code != DAILY_LIMIT:
        return TwilioThrottled(explain(code or 20429).sentence, error_code=code, http_status=status)
    if 400 <= status < 500 and code is not None:
        return TwilioRefused(explain(code).sentence, error_code=code, http_status=status)
    sentence = (
        explain(code).sentence
        if code
        else say("Twilio answered with the HTTP status {status}.", status=str(status))
    )
    return TwilioInDoubt(sentence, error_code=code, http_status=status)


def network_error(error: Exception, *, unsent: bool) -> TwilioError:
    """The error for an exchange that did not come to a response; ``unsent`` if no byte of it was written."""
    if unsent:
        return TwilioUnreachable(say("Twilio could not be reached: {reason}.", reason=_reason(error)))
    if isinstance(error, ReadTimeout) or isinstance(_cause(error), ReadTimeoutError):
        return TwilioInDoubt(say("Twilio did not answer in time."))
    return TwilioInDoubt(say("The connection to Twilio broke off before the response was complete."))


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectTimeout | ReadTimeout):  # the latter while TLS is being agreed on
        return say("no connection in time")
    if isinstance(error, SSLError):
        return say("the TLS handshake failed")
    if isinstance(error, ProxyError):
        return say("the proxy does not let it through")
    if isinstance(_cause(error), NameResolutionError):
        return say("its host name was not found")
    return say("the connection was refused or broke off")


def _cause(error: Exception) -> object:
    """What urllib3 found, inside what requests makes of it."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)


def _error_code(status: int, text: str) -> int | None:
    """Twilio's code; the HTTP status where Twilio's JSON has none; None if this is not Twilio's JSON."""
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    code = said.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    return status if said.get("status") == status else None
