"""How Twilio's library reaches the network: one exchange, one response, nothing behind our back."""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Request, Session
from requests import Response as WireResponse
from requests.auth import AuthBase
from requests.exceptions import RequestException
from twilio.http.response import Response
from urllib3.exceptions import HTTPError

from illumichat_sms_plugin.config import LOOPBACK_HOSTS
from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.twilio_gateway.clock import TwilioClock
from illumichat_sms_plugin.twilio_gateway.connections import Exchange, WatchedAdapter, exchange
from illumichat_sms_plugin.twilio_gateway.login import LoggedIn
from illumichat_sms_plugin.twilio_gateway.translation import network_error, response_error
from illumichat_sms_plugin.twilio_gateway.values import Credentials

HOSTS = ("api.twilio.com", "messaging.twilio.com", "accounts.twilio.com")
"""The products that the plugin uses."""
MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""A page of 200 texts of 1600 characters, each escaped, stays below half of it."""
MAX_WIRE_BYTES = MAX_ANSWER_BYTES + 1024 * 1024
"""Of everything that is received for one request: the response as it travels, and its headers."""

_TOKEN = re.compile(rb'("auth_token"\s*:\s*)"[^"]*"')

logger = logging.getLogger("illumichat_sms.twilio")


class Transport:
    """Sends a request once to ``api_url``, follows no redirect, keeps no cookie and logs neither URL nor body.

    An exchange takes no longer than both timeouts together, from its start to the response's last byte.
    Raises the plugin's own errors for everything but a success with a JSON object in it.
    """

    def __init__(
        self, api_url: str, connect_timeout: float, read_timeout: float, pool_size: int, clock: TwilioClock
    ) -> None:
        self.logger = logger
        self._api_url = api_url.rstrip("/")
        self._timeouts = (connect_timeout, read_timeout)
        self._clock = clock
        self._adapter = WatchedAdapter(pool_size)
        self._session = Session()
        # Elsewhere an operator's HTTPS_PROXY and REQUESTS_CA_BUNDLE count.
        self._session.trust_env = urlsplit(api_url).hostname not in LOOPBACK_HOSTS

    def logged_in(self, credentials: Credentials, within: float | None = None) -> LoggedIn:
        """What a client of Twilio's library sends its requests with, each in ``within`` seconds if that is less."""
        return LoggedIn(self, credentials, within)

    def send(  # noqa: PLR0917 - as Twilio's library has them
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None,
        data: dict[str, Any] | None,
        headers: dict[str, str] | None,
        auth: AuthBase,
        within: float | None = None,
    ) -> Response:
        """One exchange."""
        connect, read = self._timeouts
        bound = connect + read if within is None else within
        timeouts = min(connect, bound), min(read, bound)
        request = self._prepare(Request(method, self._rebased(uri), headers, None, data, params, auth))
        with exchange(min(sum(timeouts), bound), MAX_WIRE_BYTES) as current:
            status, body, response_headers = self._exchange(request, current, timeouts)
        self._clock.read(response_headers)
        text = body.decode("utf-8", "replace")
        if not 200 <= status < 300:
            raise response_error(status, text)
        if method != "DELETE":
            _check_object(status, text)
        return Response(status, text, response_headers)

    def close(self) -> None:
        """Close the resting connections."""
        self._adapter.close()

    def _rebased(self, url: str) -> str:
        """The same resource below ``api_url``, whatever host a response may have named."""
        parts = urlsplit(url)
        if parts.hostname not in HOSTS:
            raise TwilioRefused(say("The plugin does not use {host}.", host=parts.hostname))
        return (
            _at_product(self._api_url, parts.hostname)
            + parts.path
            + (f"?{parts.query}" if parts.query else "")
        )

    def _prepare(self, request: Request) -> PreparedRequest:
        try:
            return self._session.prepare_request(request)
        except (RequestException, ValueError):
            raise TwilioRefused(
                say("The request to Twilio could not be put together; look for broken characters.")
            ) from None

    def _exchange(
        self, request: PreparedRequest, current: Exchange, timeouts: tuple[float, float]
    ) -> tuple[int, bytes, dict[str, str]]:
        # OSError: requests raises a plain one for a missing CA bundle.
        try:
            settings: Any = self._session.merge_environment_settings(request.url, {}, True, None, None)
            with self._adapter.send(request, timeout=timeouts, **settings) as response:
                return response.status_code, _read(response), dict(response.headers)
        except (RequestException, HTTPError, OSError) as error:
            # Without the cause, whose text holds the URL.
            raise network_error(error, unsent=current.unsent) from None


def _at_product(api_url: str, host: str) -> str:
    """Where the product of ``host`` is: at Twilio on a host of its own, elsewhere beside the rest.

    A region keeps its place: https://api.dublin.ie1.twilio.com has https://messaging.dublin.ie1.twilio.com.
    """
    product = host.partition(".")[0]
    return re.sub(r"^(https://)api(\.(?:[a-z0-9-]+\.)*twilio\.com)$", rf"\1{product}\2", api_url)


def _read(response: WireResponse) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise TwilioInDoubt(
                say("Twilio's response was too large to read."), http_status=response.status_code
            )
    # An account's response holds its Auth Token; nobody above needs it.
    return _TOKEN.sub(rb"\1null", bytes(body))


def _check_object(status: int, text: str) -> None:
    try:
        understood = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        understood = False
    if not understood:
        raise TwilioInDoubt(say("Twilio's response could not be understood."), http_status=status)
