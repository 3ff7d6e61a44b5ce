"""Send a signed text to our own public address, as Twilio would, and see whether it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from illumichat_sms_plugin.config import LOOPBACK_HOSTS
from illumichat_sms_plugin.languages.wording import say
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
LET_THROUGH = say(
    "Let requests below /api/sms/webhook/ and /api/sms/status/ through without a login or CSRF token; "
    "Twilio signs instead. In the app these are the endpoints sms_webhooks.inbound and "
    "sms_webhooks.status (pages.exempt of the host contract)."
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
        return unknown(say("There is no key to sign a test text with."), say("Connect the channel first."))
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
            say(
                "The HTTPS connection to {host} could not be set up: its certificate is not trusted or does not fit.",
                host=host,
            ),
            say("Renew the certificate, with its whole chain."),
        )
    if isinstance(error, ConnectTimeout):
        return NoAnswer(
            say(
                "No connection to {host} within {seconds} seconds.",
                host=host,
                seconds=f"{CONNECT_TIMEOUT:.0f}",
            ),
            say("Check firewall and DNS of the public address."),
        )
    if isinstance(error, Timeout):
        return NoAnswer(
            say(
                "{host} did not answer within {seconds} seconds; Twilio gives up after 15.",
                host=host,
                seconds=f"{READ_TIMEOUT:.0f}",
            ),
            say("Give the app more web processes, and look into its log."),
        )
    return NoAnswer(
        say(
            "{host} could not be reached: the connection was refused or broke off, or the name was not found.",
            host=host,
        ),
        say(
            "Check that the app runs behind its public URL (SMS_PUBLIC_URL), and firewall and DNS. If only "
            "this machine cannot reach it, texts may still come in."
        ),
    )


def _judge(answer: Answer, url: str, recorded: bool) -> Finding:
    if answer.status == 200 and recorded:
        return ok(
            say(
                "A signed test text to {url} was recorded within {milliseconds} ms.",
                url=url,
                milliseconds=f"{answer.seconds * 1000:.0f}",
            )
        )
    if answer.status == 200 and not _guard(answer, url):
        return problem(
            say(
                "A signed test text to {url} answered as it should, but the text is not in this database: "
                "the public URL leads to another installation.",
                url=url,
            )
            if "<Response" in answer.body
            else say("A signed test text to {url} was answered by something else than this app.", url=url),
            say("Check where SMS_PUBLIC_URL leads."),
        )
    if guard := _guard(answer, url):
        return problem(guard, LET_THROUGH)
    for statuses, evidence, fix in _EXPLAINED:
        if answer.status in statuses:
            words = {"url": url, "status": answer.status, "location": _where(answer.location)}
            return problem(evidence(words), fix)
    return problem(
        say(
            "A signed test text to {url} was answered with the HTTP status {status}.",
            url=url,
            status=answer.status,
        ),
        say("Look into the log of the app and of the proxy in front of it."),
    )


def _guard(answer: Answer, url: str) -> str:
    """Which guard of the app or of a proxy stands in Twilio's way; empty for none that shows."""
    page, goal = answer.body.lower(), answer.location.lower()
    if answer.status == 401:
        return say("{url} asks for a login (HTTP 401).", url=url)
    if answer.status in range(300, 400) and any(word in goal for word in SIGN_IN):
        return say(
            "{url} sends its caller to a sign-in page ({address}).", url=url, address=_where(answer.location)
        )
    if answer.status in (200, 403) and 'type="password"' in page:
        return say("{url} answers with a sign-in page.", url=url)
    if answer.status in (400, 403, 419) and "csrf" in page:
        return say("{url} asks for a CSRF token (HTTP {status}).", url=url, status=answer.status)
    return ""


def _where(location: str) -> str:
    """A redirect's target without its query."""
    return location.partition("?")[0][:200] or say("somewhere else")


_EXPLAINED: tuple[tuple[Any, Callable[[dict[str, object]], str], str], ...] = (
    (
        range(300, 400),
        lambda words: say(
            "A signed test text to {url} was redirected to {location}. Twilio's signature is for the first "
            "address only.",
            **words,
        ),
        say("Set SMS_PUBLIC_URL to the address that needs no redirect, then set the webhook again."),
    ),
    (
        (403,),
        lambda words: say("{url} refused our own, rightly signed test text (HTTP 403).", **words),
        say(
            "Check that all web processes run with the same SMS_PUBLIC_URL and SMS_ENCRYPTION_KEYS, and that "
            "no proxy or firewall changes or blocks the request."
        ),
    ),
    (
        (404,),
        lambda words: say("There is nothing at {url} (HTTP 404).", **words),
        say("Check that SMS_PUBLIC_URL leads to this app, and that the proxy hands on the whole path."),
    ),
    (
        (405, 411, 413, 415),
        lambda words: say("{url} did not take the form (HTTP {status}).", **words),
        say("Check that the proxy hands on POST requests with their body unchanged."),
    ),
    (
        (502, 503, 504),
        lambda words: say(
            "The app behind {url} was not there or could not reach its database (HTTP {status}).", **words
        ),
        say("Check that the app and its database run."),
    ),
)
