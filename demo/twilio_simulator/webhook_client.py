"""One HTTP request to a webhook, as Twilio's proxy makes it: bounded in time and size.

The URL goes out byte for byte as configured, without its fragment; redirects are followed and
signed anew.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, urljoin, urlsplit

MAX_BODY = 64 * 1024
MAX_REDIRECTS = 5

Params = Sequence[tuple[str, str]]
Headers = dict[str, str]


@dataclass(frozen=True)
class WebhookAnswer:
    """What a webhook answered. ``chunked`` and ``too_large`` matter to Twilio's debugger."""

    status: int
    content_type: str
    body: bytes
    chunked: bool = False
    too_large: bool = False


class WebhookProblem(Exception):  # noqa: N818 - read as a noun
    """No usable answer: ``kind`` is ``ct``, ``rt`` or ``protocol``, ``code`` the debugger's number."""

    def __init__(self, kind: str, code: int, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.code = code
        self.detail = detail


def request(
    url: str,
    method: str,
    params: Params,
    headers: Callable[[str, Params], Headers],
    *,
    connect_timeout: float,
    read_timeout: float,
    deadline: float,
    slowly: float = 0.0,
) -> WebhookAnswer:
    """Send the form and read the answer; ``headers`` is called with the URL and the form it signs.

    ``deadline`` is of ``time.monotonic()``. ``slowly`` seconds pass while the body trickles out.
    """
    for _ in range(MAX_REDIRECTS + 1):
        url = url.partition("#")[0]
        if method == "GET" and params:
            url += ("&" if urlsplit(url).query else "?") + encode_form(params)
            params = ()
        limits = _Limits(connect_timeout, read_timeout, deadline)
        answer, location = _once(url, method, params, headers(url, params), limits, slowly=slowly)
        if location is None:
            return answer
        if answer.status not in (307, 308):
            method, params = "GET", ()
        url = urljoin(url, location)
    raise WebhookProblem("protocol", 11215, f"more than {MAX_REDIRECTS} redirects")


def encode_form(params: Params) -> str:
    """The form as ``application/x-www-form-urlencoded``; a lone surrogate goes out as its three bytes."""
    return "&".join(
        f"{quote_plus(name, errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in params
    )


@dataclass(frozen=True)
class _Limits:
    connect: float
    read: float
    deadline: float

    def left(self, limit: float) -> float:
        remaining = min(limit, self.deadline - time.monotonic())
        if remaining <= 0:
            raise WebhookProblem("rt", 11205, "no answer within the time for all attempts together")
        return remaining


def _once(
    url: str, method: str, params: Params, headers: Headers, limits: _Limits, *, slowly: float
) -> tuple[WebhookAnswer, str | None]:
    """One exchange; the second value is where a redirect leads."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WebhookProblem("protocol", 11100, "the URL is not an http or https URL")
    if parts.username is not None:
        userinfo = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(userinfo.encode()).decode()
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    host = parts.netloc.rpartition("@")[2]
    connection = http.client.HTTPConnection(host)
    try:
        sock = _connect(parts.hostname, parts.port, parts.scheme, limits)
        connection.sock = sock
        _send(connection, method, target, encode_form(params).encode(), headers, slowly=slowly)
        return _receive(connection, sock, limits)
    except TimeoutError as error:
        raise WebhookProblem("rt", 11205, "no answer in time") from error
    except (http.client.HTTPException, OSError) as error:
        detail = f"the answer broke off or is no HTTP: {type(error).__name__}"
        raise WebhookProblem("protocol", 11206, detail) from error
    finally:
        connection.close()


def _connect(host: str, port: int | None, scheme: str, limits: _Limits) -> socket.socket:
    timeout = limits.left(limits.connect)
    try:
        sock = socket.create_connection((host, port or (443 if scheme == "https" else 80)), timeout)
    except socket.gaierror as error:
        raise WebhookProblem("ct", 11210, "the host name is unknown") from error
    except OSError as error:
        raise WebhookProblem(
            "ct", 11205, f"no connection: {error.strerror or type(error).__name__}"
        ) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if scheme == "http":
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise WebhookProblem("ct", 11237, f"TLS certificate: {error.verify_message}") from error
    except OSError as error:
        sock.close()
        raise WebhookProblem("ct", 11220, "the TLS handshake failed") from error


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes,
    headers: Headers,
    *,
    slowly: float,
) -> None:
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if method != "GET":
        connection.putheader("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
        connection.putheader("Content-Length", str(len(body)))
    if not slowly:
        connection.endheaders(body if method != "GET" else None)
        return
    connection.endheaders()
    step = max(1, len(body) // 10)
    for start in range(0, len(body), step):
        connection.send(body[start : start + step])
        time.sleep(slowly / 10)


def _receive(
    connection: http.client.HTTPConnection, sock: socket.socket, limits: _Limits
) -> tuple[WebhookAnswer, str | None]:
    sock.settimeout(limits.left(limits.read))
    response = connection.getresponse()
    body = b""
    while len(body) <= MAX_BODY:
        sock.settimeout(limits.left(limits.read))
        chunk = response.read1(16 * 1024)
        if not chunk:
            break
        body += chunk
    answer = WebhookAnswer(
        status=response.status,
        content_type=response.getheader("Content-Type") or "",
        body=body[:MAX_BODY],
        chunked=response.getheader("Transfer-Encoding", "").lower() == "chunked",
        too_large=len(body) > MAX_BODY,
    )
    location = response.getheader("Location") if response.status in (301, 302, 303, 307, 308) else None
    return answer, location
