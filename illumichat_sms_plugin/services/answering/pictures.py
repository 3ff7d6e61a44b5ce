"""A picture that goes out with an answer: by MMS where the number can, else as its address.

Twilio says what a number can do. It is asked when a picture is to go out, and not again for an hour.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.picture_address import public_picture
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.ttl_cache import TtlCache
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.text.segments import count_segments
from illumichat_sms_plugin.twilio_gateway.lookup import owned_sender

logger = logging.getLogger("illumichat_sms.media")

SEGMENTS = 3
"""An MMS counts, against limits and until Twilio has said its price, as so many segments: it costs about that much, whatever
the length of its text."""

_can: TtlCache[bool] = TtlCache(3600.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """What becomes of a picture: it goes out from ``media_url``, or as ``words`` at the end of the text, or not at all."""

    media_url: str = ""
    words: str = ""


def picture_of(runtime: Runtime, channel: Channel, from_number: str, url: str) -> Picture:
    """How the picture at ``url`` can go out from this number. Asks Twilio, so no transaction may be open.

    A person who is to send a suggested answer sees words only, so there it is its address.
    """
    if not url:
        return Picture()
    address = public_picture(url)
    if address is None:
        logger.warning("channel %s: the assistant's picture has no public https address", channel.id)
        return Picture()
    if not channel.options.suggest_answers and can_send_pictures(runtime, channel, from_number):
        return Picture(media_url=address)
    return Picture(words=address)


def can_send_pictures(runtime: Runtime, channel: Channel, from_number: str) -> bool:
    """Whether Twilio says that this number of the channel's account can send MMS."""
    credentials = channel.credentials
    if credentials is None:
        return False

    def ask() -> bool:
        found = owned_sender(runtime.twilio.get(credentials), from_number)
        return found is not None and found.mms

    try:
        return _can.get(f"{credentials.account_sid}/{from_number}", ask)
    except TwilioError as error:
        logger.warning(
            "channel %s: Twilio does not say whether its number can send MMS: %s", channel.id, error
        )
        return False


def segments_of(body: str, media_url: str) -> int:
    """What a message counts as."""
    return SEGMENTS if media_url else count_segments(body).segments
