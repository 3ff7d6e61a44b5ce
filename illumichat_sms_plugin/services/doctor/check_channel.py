"""Is the channel on, and can what is stored be read?"""

from __future__ import annotations

from urllib.parse import urlsplit

from illumichat_sms_plugin.config import LOOPBACK_HOSTS
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import (
    SETTINGS,
    Action,
    Finding,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.setup.channel_state import state_of

TURN_ON = Action(say("Turn SMS on"), "fix", "turn-on")


def channel_on(exam: Examination) -> Finding:
    """Connected and enabled."""
    settings = exam.settings
    if not settings.is_connected:
        return problem(
            say("No Twilio account and number are stored for this assistant."),
            say("Enter Account SID, Auth Token and phone number, press Test Credentials, then Save."),
            SETTINGS,
        )
    if settings.is_draft:
        reason = state_of(settings).reasons[0]
        return problem(
            say("The channel is a draft and accepts no texts. {what}", what=reason.what), reason.do, SETTINGS
        )
    if not settings.options.enabled:
        return problem(
            say(
                "SMS is turned off. Texts to {number} are recorded and not answered.",
                number=settings.phone_number,
            ),
            say("Turn Enabled on."),
            TURN_ON,
        )
    return ok(say("SMS is on, with the number {number}.", number=settings.phone_number))


def and_the(names: list[str]) -> str:
    """``Auth Token and the signing key``."""
    words = names[0]
    for name in names[1:]:
        words = say("{these} and the {this}", these=words, this=name)
    return words


def token_readable(exam: Examination) -> Finding:
    """The stored secrets decrypt with the configured keys."""
    settings = exam.settings
    names = {
        "auth_token": say("Auth Token"),
        "next_auth_token": say("second Auth Token"),
        "signing_key": say("webhook signing key"),
        "api_key_secret": say("API key's secret"),
    }
    unreadable = [names.get(name, name) for name in settings.unreadable_secrets]
    if unreadable:
        words = and_the(unreadable)
        return problem(
            say(
                "The stored {words} cannot be decrypted with the keys the app runs with (SMS_ENCRYPTION_KEYS).",
                words=words,
            ),
            say(
                "Enter the {words} again and save. If it keeps happening, have an operator put the lost key back.",
                words=words,
            ),
            SETTINGS,
        )
    if not settings.is_connected:
        return unknown(say("No Auth Token is stored."), say("Connect the channel first."), SETTINGS)
    if not settings.has_auth_token:
        return ok(say("The stored API key and signing key can be read."))
    return ok(say("The stored Auth Token can be read."))


def public_address(exam: Examination) -> Finding:
    """The app's public URL uses HTTPS, and a host that Twilio can reach."""
    url = exam.runtime.settings.public_url
    parts = urlsplit(url)
    if parts.hostname in LOOPBACK_HOSTS:
        return warning(
            say(
                "The app says it is reached at {url}, which is this machine itself: only a simulated Twilio can call "
                "it.",
                url=url,
            ),
            say("For the real Twilio set SMS_PUBLIC_URL to the public https address."),
        )
    if parts.scheme != "https":
        return problem(
            say("The app's public URL {url} does not use HTTPS.", url=url),
            say("Set SMS_PUBLIC_URL to the https address."),
        )
    if "_" in (parts.hostname or ""):
        return problem(
            say(
                "The host name in {url} has an underscore; Twilio refuses such status callback URLs (error 21609).",
                url=url,
            ),
            say("Give the app a host name without underscore and set SMS_PUBLIC_URL to it."),
        )
    return ok(say("Twilio reaches the app by HTTPS at {url}.", url=url))
