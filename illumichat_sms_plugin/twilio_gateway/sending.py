"""Sending one text with one request.

Twilio has no idempotency key for messages, so a second request is a second text:
https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
"""

from __future__ import annotations

from decimal import Decimal

from illumichat_sms_plugin.errors import TwilioInDoubt
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.response_fields import integer, text, understood
from illumichat_sms_plugin.twilio_gateway.values import SentText


def send_text(
    client: TwilioClient,
    *,
    from_number: str,
    to_number: str,
    body: str,
    status_callback: str | None,
    validity_period: int | None = None,
    max_price: Decimal | None = None,
    media_url: str = "",
) -> SentText:
    """Ask Twilio to send a text; makes one request and never a second.

    ``validity_period`` is for how many seconds (1 to 36000) Twilio may hold the text back. ``max_price`` is
    the most that it may cost, in US dollars; Twilio fails a dearer one. ``media_url`` is a picture that Twilio
    fetches and sends along, which makes it an MMS.

    TwilioRefused: nothing was sent; ``error_code`` says why, None if Twilio was not reached.
    TwilioThrottled: nothing was sent, and the same call may be made again in seconds.
    TwilioInDoubt: it may have been sent. Look before doing anything.
    """
    with understood():
        message = client.messages.create(
            from_=from_number,
            to=to_number,
            body=body,
            status_callback=status_callback,
            validity_period=validity_period,
            **({} if max_price is None else {"max_price": f"{max_price:.4f}"}),
            **({"media_url": [media_url]} if media_url else {}),
        )
    sid = text(message.sid)
    if not sid:
        raise TwilioInDoubt(say("Twilio's response names no message."))
    return SentText(
        sid=sid, status=text(message.status) or "unknown", segments=integer(message.num_segments) or None
    )
