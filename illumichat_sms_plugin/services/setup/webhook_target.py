"""Where a number's texts go: to us, nowhere, or to somebody else. Pure: judged from what Twilio said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit, urlunsplit

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber

RETRY_RULES = "#rc=3&rp=5xx,ct,rt"
"""Have Twilio try again when we do not answer; by itself it does so only when it cannot connect.
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"""
WELCOME = "demo.twilio.com"
"""A number as just bought answers with a greeting of Twilio's from there."""


class TargetKind(StrEnum):
    """What a number's webhook points to."""

    OURS = "ours"
    OURS_UNRETRIED = "ours_unretried"
    """Ours, but Twilio gives up at our first 5xx or timeout."""
    ALMOST_OURS = "almost_ours"
    """Our address, but not exactly: a slash too many, http, GET."""
    NOWHERE = "nowhere"
    FOREIGN = "foreign"
    """Something else that gets the texts now; it is not replaced without asking."""
    APPLICATION = "application"
    """A TwiML app, which Twilio asks instead of the number's own webhook."""
    SERVICE = "service"
    """A Messaging Service, likewise."""


@dataclass(frozen=True, slots=True)
class Target:
    """The judgement, in words. ``url`` is shown without user, password and query, which may hold secrets."""

    kind: TargetKind
    url: str | None
    sentence: str
    do: str = ""
    fallback_url: str | None = None
    """Where Twilio turns when the webhook fails, shown likewise; None unless that is somebody else."""
    service: str | None = None
    """The name of the Messaging Service that delivers to us; the number's own webhook counts for nothing then."""

    @property
    def works(self) -> bool:
        """Whether texts reach us."""
        return self.kind in (TargetKind.OURS, TargetKind.OURS_UNRETRIED)

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to set."""
        return self.kind is TargetKind.OURS

    @property
    def is_overridden(self) -> bool:
        """Whether something is left to set that setting the number's webhook would not change."""
        return self.kind in (TargetKind.APPLICATION, TargetKind.SERVICE) or (
            self.service is not None and not self.is_right
        )


def judge_target(number: OwnedNumber, service: MessagingService | None, expected: str) -> Target:
    """Judge where the texts to ``number`` go; ``expected`` is our inbound URL without fragment."""
    decides = service is not None and not service.uses_number_url and not number.sms_application_sid
    if service is not None and decides:
        target, fallback = _judge_service(service, expected), service.fallback_url
    else:
        target, fallback = _judge(number, expected), number.sms_fallback_url
    foreign = _host(fallback or "") not in ("", _host(expected))
    return replace(target, fallback_url=safe_url(fallback)) if foreign else target


def points_to(number: OwnedNumber, expected: str) -> bool:
    """Whether a number's own webhook is our address, exactly or almost, and whatever counts in its place."""
    address = (number.sms_url or "").partition("#")[0]
    return bool(address) and _is_close(address, expected)


def _judge(number: OwnedNumber, expected: str) -> Target:
    if number.sms_application_sid:
        return Target(
            TargetKind.APPLICATION,
            safe_url(number.sms_url),
            say(
                "The TwiML app {app} takes the texts of this number; its own webhook counts for nothing.",
                app=number.sms_application_sid,
            ),
            say(
                "In the Twilio Console, open the number, set “Configure with” in its Messaging section to Webhook, "
                "and save."
            ),
        )
    return _judge_url(number.sms_url or "", number.sms_method, expected)


def _judge_service(service: MessagingService, expected: str) -> Target:
    target = _judge_url(service.inbound_url or "", service.inbound_method, expected)
    if target.is_right:
        return replace(
            target,
            sentence=say(
                "The Messaging Service “{service}” brings the texts of this number to this assistant.",
                service=service.name,
            ),
            service=service.name,
        )
    if target.works:
        return replace(
            target,
            sentence=say(
                "The Messaging Service “{service}” brings the texts of this number to this assistant, but Twilio "
                "gives up at the first error: its request URL lacks the retry rules at its end.",
                service=service.name,
            ),
            do=say(
                "In the Twilio Console, open the service under Messaging → Services → Integration and set the "
                "request URL to {address}{rules}.",
                address=expected,
                rules=RETRY_RULES,
            ),
            service=service.name,
        )
    return Target(
        TargetKind.SERVICE,
        target.url,
        say(
            "The Messaging Service “{service}” takes the texts of this number; its own webhook counts for "
            "nothing.",
            service=service.name,
        ),
        say(
            "In the Twilio Console, open the service under Messaging → Services → Integration and choose “Defer "
            "to sender's webhook”."
        ),
    )


def safe_url(url: str | None) -> str | None:
    """A URL without user, password and query; None when there is no URL."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return say("an address that cannot be read")
    hidden = "…" if parts.query else ""
    return urlunsplit((parts.scheme, host + port, parts.path, hidden, parts.fragment))


def _judge_url(address: str, method: str | None, expected: str) -> Target:
    url, _, overrides = address.partition("#")
    shown = safe_url(address)
    press = say("Set the webhook.")
    if not url or _host(url) == WELCOME:
        sentence = (
            say("Texts to this number get Twilio's welcome answer; it points to no service yet.")
            if url
            else say("The number's webhook is empty, so texts to it go nowhere.")
        )
        return Target(TargetKind.NOWHERE, shown, sentence, press)
    if url == expected:
        return _judge_ours(shown, (method or "POST").upper(), overrides, press)
    if _is_close(url, expected):
        return Target(
            TargetKind.ALMOST_OURS,
            shown,
            say("The webhook looks like ours, but is not exactly it, so Twilio's signature does not match."),
            press,
        )
    if _host(url) == _host(expected) and "/api/sms/webhook/" in url:
        return Target(TargetKind.FOREIGN, shown, say("Texts to this number go to another assistant."), press)
    return Target(
        TargetKind.FOREIGN, shown, say("Texts to this number go to {address}.", address=shown), press
    )


def _judge_ours(shown: str | None, method: str, overrides: str, press: str) -> Target:
    if method != "POST":
        return Target(
            TargetKind.ALMOST_OURS,
            shown,
            say("The webhook is ours, but uses HTTP {method} and not POST.", method=method),
            press,
        )
    if _tries_again(overrides):
        return Target(TargetKind.OURS, shown, say("Texts to this number come to this assistant."))
    sentence = say(
        "Texts to this number come to this assistant, but Twilio gives up at the first error: "
        "the webhook lacks the retry rules at its end."
    )
    return Target(TargetKind.OURS_UNRETRIED, shown, sentence, press)


def _tries_again(overrides: str) -> bool:
    """Whether a URL's fragment has Twilio try again after a 5xx and a timeout."""
    rules = parse_qs(overrides)
    policies = {policy for value in rules.get("rp", ()) for policy in value.split(",")}
    return rules.get("rc", ["1"]) != ["0"] and ("all" in policies or policies >= {"5xx", "ct", "rt"})


def _host(url: str) -> str:
    """The host of a URL in lower case, empty for none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_close(url: str, expected: str) -> bool:
    return _bare(url) == _bare(expected)


def _bare(url: str) -> str:
    """Host and path: what is left when scheme, query and a slash at the end do not count."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts.netloc.lower() + parts.path.rstrip("/")
