"""Send a signed text to our own public address, as Twilio would, and see whether it arrives."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from illumichat_sms_plugin.config import LOOPBACK_HOSTS
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Finding, ok, problem, unknown
from illumichat_sms_plugin.services.inbound.probe_texts import (
    SENDER,
    is_recorded,
    new_probe_sid,
    remove_probes,
)
from illumichat_sms_plugin.twilio_gateway.signature import SETTINGS_HEADER, SIGNATURE_HEADER, sign

CONNECT_TIMEOUT, READ_TIMEOUT = 3.0, 6.0
MAX_ANSWER = 65536
USER_AGENT = "illumichat-sms-doctor"
SIGN_IN = ("login", "log-in", "signin", "sign-in", "sign_in", "auth", "sso", "next=")
"""Words of an address that a stranger is sent to."""
LET_THROUGH = (
    "Let requests below /api/sms/webhook/ and /api/sms/status/ through without a login or CSRF token; Twilio signs "
    "instead. In the app these are the endpoints sms_webhooks.inbound and sms_webhooks.status (pages.exempt of the host contract)."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What our own address answered; ``seconds`` until then."""

    status: int
    location: str
    body: str
    seconds: float


class NoAnswer(Exception):  # noqa: N818 - ends the check with its sentence
    """The request got no answer; says why and what to do."""

    def __init__(self, evidence: str, fix: str) -> None:
        super().__init__(evidence)
        self.fix = fix


def loopback(exam: Examination) -> Finding:
    """A real request to the public webhook URL, recorded as a test and removed again."""
    channel, runtime = exam.channel, exam.runtime
    if channel is None or not channel.keys:
        return unknown("There is no key to sign a test text with.", "Connect the channel first.")
    remove_probes(channel.id)
    sid = new_probe_sid(runtime, channel.id)
    url = runtime.settings.webhook_url(exam.assistant_id)
    try:
        answer = _post(url, channel, sid)
        return _judge(answer, url, is_recorded(channel.id, sid))
    except NoAnswer as error:
        return problem(str(error), error.fix)
    finally:
        remove_probes(channel.id, sid)


def _post(url: str, channel: Channel, sid: str) -> Answer:
    import requests

    form = _form(channel, sid)
    key = channel.keys[0]
    headers = {SIGNATURE_HEADER: sign(url, form, key), "User-Agent": USER_AGENT}
    if key.algorithm == "HMAC_SHA256":
        headers[SETTINGS_HEADER] = "key=doctor,algorithm=HMAC_SHA256"
    started = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = urlsplit(url).hostname not in LOOPBACK_HOSTS
            response = session.post(
                url,
                data=form,
                headers=headers,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = next(response.iter_content(MAX_ANSWER), b"")
    except (requests.RequestException, OSError) as error:
        raise _no_answer(url, error) from None
    return Answer(
        response.status_code,
        response.headers.get("Location", ""),
        body.decode("utf-8", "replace"),
        time.monotonic() - started,
    )


def _form(channel: Channel, sid: str) -> list[tuple[str, str]]:
    return [
        ("MessageSid", sid),
        ("AccountSid", channel.account_sid),
        ("From", SENDER),
        ("To", channel.phone_number),
        ("Body", "Test of the Doctor. Nobody answers this."),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
    ]


def _no_answer(url: str, error: Exception) -> NoAnswer:
    from requests.exceptions import ConnectTimeout, SSLError, Timeout

    host = urlsplit(url).netloc
    if isinstance(error, SSLError):
        return NoAnswer(
            f"The HTTPS connection to {host} could not be set up: its certificate is not trusted or does not fit.",
            "Renew the certificate, with its whole chain.",
        )
    if isinstance(error, ConnectTimeout):
        return NoAnswer(
            f"No connection to {host} within {CONNECT_TIMEOUT:.0f} seconds.",
            "Finding firewall and DNS of the public address.",
        )
    if isinstance(error, Timeout):
        return NoAnswer(
            f"{host} did not answer within {READ_TIMEOUT:.0f} seconds; Twilio gives up after 15.",
            "Give the app more web processes, and look into its log.",
        )
    return NoAnswer(
        f"{host} could not be reached: the connection was refused or broke off, or the name was not found.",
        "Finding that the app runs behind its public URL (SMS_PUBLIC_URL), and firewall and DNS. If only this machine "
        "cannot reach it, texts may still come in.",
    )


def _judge(answer: Answer, url: str, recorded: bool) -> Finding:
    if answer.status == 200 and recorded:
        return ok(f"A signed test text to {url} was recorded within {answer.seconds * 1000:.0f} ms.")
    if answer.status == 200 and not _guard(answer):
        what = (
            "answered as it should, but the text is not in this database: the public URL leads to another installation"
            if "<Response" in answer.body
            else "was answered by something else than this app"
        )
        return problem(f"A signed test text to {url} {what}.", "Finding where SMS_PUBLIC_URL leads.")
    if guard := _guard(answer):
        return problem(f"{url} {guard}", LET_THROUGH)
    for statuses, evidence, fix in _EXPLAINED:
        if answer.status in statuses:
            words = {"url": url, "status": answer.status, "location": _where(answer.location)}
            return problem(evidence.format(**words), fix.format(**words))
    return problem(
        f"A signed test text to {url} was answered with the HTTP status {answer.status}.",
        "Look into the log of the app and of the proxy in front of it.",
    )


def _guard(answer: Answer) -> str:
    """Which guard of the app or of a proxy stands in Twilio's way; empty for none that shows."""
    page, goal = answer.body.lower(), answer.location.lower()
    if answer.status == 401:
        return "asks for a login (HTTP 401)."
    if answer.status in range(300, 400) and any(word in goal for word in SIGN_IN):
        return f"sends its caller to a sign-in page ({_where(answer.location)})."
    if answer.status in (200, 403) and 'type="password"' in page:
        return "answers with a sign-in page."
    if answer.status in (400, 403, 419) and "csrf" in page:
        return f"asks for a CSRF token (HTTP {answer.status})."
    return ""


def _where(location: str) -> str:
    """A redirect's target without its query."""
    return location.partition("?")[0][:200] or "somewhere else"


_EXPLAINED: tuple[tuple[Any, str, str], ...] = (
    (
        range(300, 400),
        "A signed test text to {url} was redirected to {location}. Twilio's signature is for the first address only.",
        "Set SMS_PUBLIC_URL to the address that needs no redirect, then set the webhook again.",
    ),
    (
        (403,),
        "{url} refused our own, rightly signed test text (HTTP 403).",
        "Finding that all web processes run with the same SMS_PUBLIC_URL and SMS_ENCRYPTION_KEYS, and that no proxy or "
        "firewall changes or blocks the request.",
    ),
    (
        (404,),
        "There is nothing at {url} (HTTP 404).",
        "Finding that SMS_PUBLIC_URL leads to this app, and that the proxy hands on the whole path.",
    ),
    (
        (405, 411, 413, 415),
        "{url} did not take the form (HTTP {status}).",
        "Finding that the proxy hands on POST requests with their body unchanged.",
    ),
    (
        (502, 503, 504),
        "The app behind {url} was not there or could not reach its database (HTTP {status}).",
        "Finding that the app and its database run.",
    ),
)
