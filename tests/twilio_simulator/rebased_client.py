"""twilio-python's own client, pointed at the simulator, that remembers every exchange."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client


class RebasedHttpClient(TwilioHttpClient):
    """Sends to ``base_url`` what is meant for Twilio, whatever the product."""

    def __init__(self, base_url: str, timeout: float = 10.0) -> None:
        self.exchanges: list[tuple[str, requests.Response]] = []
        """(the URL that was meant, the response with its request)."""
        super().__init__(timeout=timeout, request_hooks={"response": self._remember})
        self._base = urlsplit(base_url)
        self._meant = ""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        self._meant = f"{parts.scheme}://{parts.netloc}"
        rebased = urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))
        return super().request(method, rebased, *args, **kwargs)

    def _remember(self, response: requests.Response, *args: Any, **kwargs: Any) -> None:
        url = str(response.request.url)
        self.exchanges.append(
            (url.replace(f"{self._base.scheme}://{self._base.netloc}", self._meant), response)
        )


def rebased_client(
    base_url: str, sid: str, token: str, timeout: float = 10.0, account_sid: str | None = None
) -> Client:
    """A client with these credentials; the process's own ``TWILIO_*`` variables are not looked at."""
    return Client(sid, token, account_sid, http_client=RebasedHttpClient(base_url, timeout), environment={})
