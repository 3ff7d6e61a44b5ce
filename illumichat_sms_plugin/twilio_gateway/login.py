"""Logging in at Twilio: the one place where a secret becomes an HTTP header.

Twilio's library never sees the secret. Its client asks :class:`LoggedIn` for every request, and the header is
added when the request is ready to go, as a string that shows dots to whoever prints it.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest
from requests.auth import AuthBase
from twilio.http import HttpClient
from twilio.http.response import Response

from illumichat_sms_plugin.secret import DOTS
from illumichat_sms_plugin.twilio_gateway.values import Credentials

if TYPE_CHECKING:
    from illumichat_sms_plugin.twilio_gateway.transport import Transport


class LoggedIn(HttpClient):  # type: ignore[misc]
    """What one of Twilio's clients sends its requests with: the shared transport and its own credentials."""

    def __init__(self, transport: Transport, credentials: Credentials, within: float | None = None) -> None:
        super().__init__(transport.logger, is_async=False)
        self._transport = transport
        self._within = within
        self._auth = BasicAuth(credentials)

    def request(  # noqa: PLR0917 - the signature is the library's
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One exchange; called by Twilio's library.

        ``auth``, ``timeout`` and ``allow_redirects`` are ignored: the client's own credentials and the configured
        timeouts always hold, and a redirect is never followed.
        """
        return self._transport.send(method, uri, params, data, headers, self._auth, self._within)


class BasicAuth(AuthBase):
    """Adds the header to a request that is otherwise ready."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Called by requests when everything else is in place."""
        request.headers["Authorization"] = _Header(
            "Basic "
            + b64encode(f"{self._credentials.username}:{self._credentials.secret.reveal()}".encode()).decode()
        )
        return request


class _Header(str):
    """A header's value, as the library below wants it, that prints as dots."""

    __slots__ = ()

    def __repr__(self) -> str:
        return DOTS
