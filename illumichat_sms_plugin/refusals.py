"""Why a person's text does not go out: every reason, its sentence, and the rules.

Asked when a person sends, and again when a worker is about to hand the text to Twilio.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.destinations import Destination
from illumichat_sms_plugin.languages.wording import say


class Refusal(StrEnum):
    """Why a person's text does not go out."""

    NOT_SMS = "not_sms"
    ENDED = "ended"
    EMPTY = "empty"
    NO_CONSENT = "no_consent"
    TOO_LONG = "too_long"
    PICTURE = "picture"
    NO_MMS = "no_mms"
    NOT_A_PHONE = "not_a_phone"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    NOT_CONNECTED = "not_connected"
    NOT_ACCEPTED = "not_accepted"
    DISABLED = "disabled"
    PAUSED = "paused"
    COSTLY_NUMBER = "costly_number"
    COUNTRY = "country"
    NOT_LISTED = "not_listed"
    A_CHANNEL = "a_channel"
    TOO_MANY = "too_many"
    NIGHT = "night"
    TOO_LATE = "too_late"
    NO_SUGGESTION = "no_suggestion"
    DECIDED = "decided"
    NEWER_TEXT = "newer_text"
    LAPSED = "lapsed"


LONGEST = 1600
"""UTF-16 units of one message: https://www.twilio.com/docs/api/errors/21617"""

SENTENCES = {
    Refusal.NOT_SMS: say("There is no SMS conversation in this chat."),
    Refusal.ENDED: say("This conversation has ended; the texter writes in a newer chat. Answer there."),
    Refusal.EMPTY: say("Write a text first."),
    Refusal.NO_CONSENT: say(
        "A first text needs consent: say what the person agreed to, when (in the past, with its time "
        "zone) and how."
    ),
    Refusal.TOO_LONG: say(
        "The text is too long: one message takes at most {longest} characters.", longest=str(LONGEST)
    ),
    Refusal.PICTURE: say(
        "A picture needs a public address that begins with https://, which anybody can open without a login."
    ),
    Refusal.NO_MMS: say(
        "The number cannot send pictures (MMS), or Twilio does not say that it can. Put the address into the "
        "text."
    ),
    Refusal.NOT_A_PHONE: say("The sender is a short code or a name, which cannot be texted back."),
    Refusal.OPTED_OUT: say("The texter has opted out and gets no texts until START comes from that number."),
    Refusal.BLOCKED: say("The number is blocked. Unblock it on its session's page first."),
    Refusal.NOT_CONNECTED: say("SMS is not connected, so nothing can be sent."),
    Refusal.NOT_ACCEPTED: say(
        "Twilio does not accept the channel's credentials, so nothing can be sent. The SMS page says what to "
        "do."
    ),
    Refusal.DISABLED: say("SMS is turned off for this assistant, so nothing can be sent."),
    Refusal.PAUSED: say("Sending is paused. The SMS page says why."),
    Refusal.COSTLY_NUMBER: say(
        "The number is a premium, shared-cost or satellite number; such numbers are never texted."
    ),
    Refusal.COUNTRY: say(
        "The number is of a country that this channel does not text. See Countries on the SMS page."
    ),
    Refusal.NOT_LISTED: say(
        "The channel answers certain numbers only, and this is none of them. See Whom to answer on "
        "the SMS page."
    ),
    Refusal.A_CHANNEL: say("The number belongs to an assistant here. Assistants do not text each other."),
    Refusal.TOO_MANY: say(
        "The number has had all the texts that it may get in an hour or a day. See the limits on the "
        "SMS page."
    ),
    Refusal.NIGHT: say("It is night where the number is, and a first text goes out by day only."),
    Refusal.TOO_LATE: say(
        "The text waited too long for a worker and was not sent. Send it again if it still holds."
    ),
    Refusal.NO_SUGGESTION: say("There is no such suggestion."),
    Refusal.DECIDED: say("Somebody has decided on this suggestion already. Look at the conversation again."),
    Refusal.NEWER_TEXT: say(
        "A further text has come, so this suggestion was not sent. The assistant suggests a new answer in a "
        "moment."
    ),
    Refusal.LAPSED: say(
        "This suggestion has lapsed. Write an answer yourself, or have the text answered again."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFacts:
    """What is known when a person's text is about to go out. A default keeps nothing from going out."""

    is_phone: bool = True
    opted_out: bool = False
    blocked: bool = False
    connected: bool = True
    accepted: bool = True
    """Twilio accepts the channel's credentials."""
    enabled: bool = True
    paused: bool = False
    destination: Destination = Destination.ANSWERED
    listed: bool = True
    """Whether a first text may go to the number on a channel that answers certain numbers only."""
    is_a_channel: bool = False
    """A first text would go to another assistant."""
    texts_left: bool = True
    """Whether the number may get one more text within the hour and the day."""
    is_day: bool = True
    """Whether it is day where the number of a first text is."""
    is_stale: bool = False


RULES: tuple[tuple[Refusal, Callable[[SendFacts], bool]], ...] = (
    (Refusal.NOT_A_PHONE, lambda facts: not facts.is_phone),
    (Refusal.OPTED_OUT, lambda facts: facts.opted_out),
    (Refusal.BLOCKED, lambda facts: facts.blocked),
    (Refusal.NOT_CONNECTED, lambda facts: not facts.connected),
    (Refusal.NOT_ACCEPTED, lambda facts: not facts.accepted),
    (Refusal.DISABLED, lambda facts: not facts.enabled),
    (Refusal.PAUSED, lambda facts: facts.paused),
    (Refusal.COSTLY_NUMBER, lambda facts: facts.destination is Destination.COSTLY),
    (Refusal.COUNTRY, lambda facts: facts.destination is Destination.OTHER_COUNTRY),
    (Refusal.NOT_LISTED, lambda facts: not facts.listed),
    (Refusal.A_CHANNEL, lambda facts: facts.is_a_channel),
    (Refusal.TOO_MANY, lambda facts: not facts.texts_left),
    (Refusal.NIGHT, lambda facts: not facts.is_day),
    (Refusal.TOO_LATE, lambda facts: facts.is_stale),
)
"""The first that applies is the reason."""


def why_refused(facts: SendFacts) -> Refusal | None:
    """Why a person's text may not go out, or None."""
    return next((reason for reason, applies in RULES if applies(facts)), None)
