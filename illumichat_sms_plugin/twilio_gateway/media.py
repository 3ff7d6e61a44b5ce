"""Fetch what texters attach, from Twilio and nowhere else.

The address that a webhook names is not called. It only says which of the message's media is meant; where that is
follows from our own settings, the channel's account and the message's SID. Twilio answers with a redirect to its CDN,
which gets no credentials. https://www.twilio.com/docs/messaging/api/media-resource
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from requests import Request, Response, Session
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from illumichat_sms_plugin.config import LOOPBACK_HOSTS
from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.connections import WatchedAdapter, exchange
from illumichat_sms_plugin.twilio_gateway.public_addresses import NotPublic, PublicAdapter
from illumichat_sms_plugin.twilio_gateway.response_fields import sid_in_path, text, understood
from illumichat_sms_plugin.twilio_gateway.values import Credentials
from illumichat_sms_plugin.twilio_gateway.webhook_forms import content_type

MAX_BYTES = 5 * 1024 * 1024
"""Of one file; more is not read. Twilio takes no more than that in one message."""
MAX_HEADERS = 256 * 1024
MAX_REDIRECTS = 3
MAX_LISTED = 10

_PATH = re.compile(r"/2010-04-01/Accounts/(AC\w{32})/Messages/(\w{34})/Media/(ME\w{32})", re.ASCII)
_API_HOST = re.compile(r"api\.([a-z0-9-]+\.){0,2}twilio\.com")
_BUCKET = "s3-external-1.amazonaws.com"
"""Where Twilio keeps media of accounts that have never asked for more; its own are below one folder there."""
_BUCKET_FOLDER = "/media.twiliocdn.com/"


class MediaProblem(Exception):  # noqa: N818 - it is a reason, in one word
    """Why a file could not be had: ``late``, ``gone``, ``refused``, ``large``, ``elsewhere`` or ``unreachable``."""


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """One attachment of one message."""

    message_sid: str
    media_sid: str
    content_type: str = ""
    """As Twilio's list has it; empty where none was asked for."""


def media_place(url: str, *, api_url: str, account_sid: str, message_sid: str) -> MediaPlace:
    """Which attachment of this message ``url`` means; MediaProblem when it is no address of Twilio's for one."""
    parts = _split(url)
    found = _PATH.fullmatch(parts.path) if parts is not None else None
    if parts is None or found is None or not _is_the_api(parts, api_url):
        raise MediaProblem("elsewhere")
    if (found[1], found[2]) != (account_sid, message_sid):
        raise MediaProblem("elsewhere")
    return MediaPlace(message_sid, found[3])


def list_media(client: TwilioClient, message_sid: str) -> Sequence[MediaPlace]:
    """A message's media, the first ``MAX_LISTED``; none for a message that Twilio does not have."""
    try:
        with understood():
            page = client.messages(sid_in_path(message_sid)).media.page(page_size=MAX_LISTED)
            return [
                MediaPlace(message_sid, text(media.sid), content_type(text(media.content_type)))
                for media in page
            ][:MAX_LISTED]
    except TwilioRefused as error:
        if error.is_missing:
            return []
        raise


def delete_media(client: TwilioClient, place: MediaPlace) -> None:
    """Delete one attachment at Twilio, where it would stay for ever; it may be gone already."""
    try:
        with understood():
            client.messages(sid_in_path(place.message_sid)).media(sid_in_path(place.media_sid)).delete()
    except TwilioRefused as error:
        if not error.is_missing:
            raise


def fetch_media(
    place: MediaPlace,
    *,
    api_url: str,
    credentials: Credentials,
    deadline: float,
    connect_timeout: float,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """The file; MediaProblem when there is none by ``deadline`` on the clock of ``time.monotonic()``."""
    from illumichat_sms_plugin.twilio_gateway.login import BasicAuth  # brings Twilio's library

    account = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{credentials.account_sid}"
    url = f"{account}/Messages/{place.message_sid}/Media/{place.media_sid}"
    own, elsewhere, session = WatchedAdapter(1), PublicAdapter(1), Session()
    session.trust_env = urlsplit(api_url).hostname not in LOOPBACK_HOSTS
    auth: BasicAuth | None = BasicAuth(credentials)
    try:
        for _ in range(1 + MAX_REDIRECTS):
            adapter = own if _is_same(urlsplit(url), api_url) else elsewhere
            left = deadline - time.monotonic()
            if left <= 0:
                raise MediaProblem("late")
            request = session.prepare_request(Request("GET", url, {"Accept-Encoding": "identity"}, auth=auth))
            if auth is None:
                request.headers.pop("Authorization", None)  # a .netrc of the operator's is for nobody here
            settings: Any = session.merge_environment_settings(request.url, {}, True, None, None)
            with (
                exchange(left, max_bytes + MAX_HEADERS),
                adapter.send(request, timeout=(min(left, connect_timeout), left), **settings) as response,
            ):
                if not response.is_redirect:
                    return _read(response, max_bytes)
                url, auth = _target(url, response.headers["Location"], api_url), None
        raise MediaProblem("elsewhere")
    except NotPublic:
        raise MediaProblem("elsewhere") from None
    except (RequestException, HTTPError, OSError, ValueError) as error:
        # Without the cause, whose text holds the URL.
        raise MediaProblem(_network_problem(error, deadline)) from None
    finally:
        own.close()
        elsewhere.close()


def _read(response: Response, max_bytes: int) -> bytes:
    if response.status_code in (404, 410):
        raise MediaProblem("gone")
    if response.status_code in (401, 403):
        raise MediaProblem("refused")
    if response.status_code != 200:
        raise MediaProblem("unreachable")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MediaProblem("unreachable")  # nothing is unpacked here
    length = response.headers.get("Content-Length", "0")
    if length.isascii() and length.isdigit() and int(length[:12]) > max_bytes:
        raise MediaProblem("large")
    body = bytearray()
    for piece in response.raw.stream(64 * 1024, decode_content=False):
        body += piece
        if len(body) > max_bytes:
            raise MediaProblem("large")
    return bytes(body)


def _target(url: str, location: str, api_url: str) -> str:
    """Where a redirect leads; MediaProblem when that is neither Twilio's CDN nor where the API is."""
    target = urljoin(url, location)
    parts = _split(target)
    if parts is None or not (_is_the_cdn(parts) or _is_same(parts, api_url)):
        raise MediaProblem("elsewhere")
    return target


def _split(url: str) -> SplitResult | None:
    """The parts of a plain URL; None for one that two readers could read differently."""
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname and "@" not in parts.netloc else None


def _is_the_cdn(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if parts.scheme != "https" or parts.port not in (None, 443):
        return False
    return host.endswith(".twiliocdn.com") or (host == _BUCKET and parts.path.startswith(_BUCKET_FOLDER))


def _is_the_api(parts: SplitResult, api_url: str) -> bool:
    """Whether Twilio could have named this host in a webhook: its own, or the one that the operator has set."""
    if _is_same(parts, api_url):
        return True
    at_twilio = parts.scheme == "https" and parts.port in (None, 443)
    return at_twilio and _API_HOST.fullmatch(parts.hostname or "") is not None


def _is_same(parts: SplitResult, api_url: str) -> bool:
    own = urlsplit(api_url)
    return (parts.scheme, _host(parts), parts.port) == (own.scheme, _host(own), own.port)


def _host(parts: SplitResult) -> str:
    return "loopback" if parts.hostname in LOOPBACK_HOSTS else parts.hostname or ""


def _network_problem(error: Exception, deadline: float) -> str:
    if isinstance(error.__context__, NotPublic) or "not public" in str(error):
        return "elsewhere"
    if "too large" in str(error):
        return "large"
    return "late" if time.monotonic() >= deadline - 0.05 else "unreachable"
