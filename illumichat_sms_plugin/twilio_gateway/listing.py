"""Twilio's own log of messages: read it, and take texts out of it.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.response_fields import (
    PAGE_SIZE,
    integer,
    money,
    optional_text,
    read_pages,
    sid_in_path,
    text,
    understood,
)
from illumichat_sms_plugin.twilio_gateway.values import ListedText


def list_texts(
    client: TwilioClient,
    *,
    to_number: str | None = None,
    from_number: str | None = None,
    sent_since: datetime | None = None,
    sent_until: datetime | None = None,
    limit: int = 1000,
    page_size: int = PAGE_SIZE,
    tries: int = 1,
) -> Iterator[ListedText]:
    """Up to ``limit`` texts as Twilio lists them, newest first; calls Twilio while it is read.

    ``sent_since`` and ``sent_until`` (aware, right to the second) leave out what is still queued, for that has not
    been sent. ``tries`` is how often each page is asked for when Twilio gives no clear response.
    """
    filters: dict[str, Any] = {}
    if to_number:
        filters["to"] = to_number
    if from_number:
        filters["from_"] = from_number
    if sent_since:
        filters["date_sent_after"] = sent_since.astimezone(UTC)
    if sent_until:
        filters["date_sent_before"] = sent_until.astimezone(UTC)

    def first_page(size: int) -> Any:
        return client.messages.page(page_size=size, **filters)

    for record in read_pages(first_page, limit, page_size, tries):
        yield _listed(record)


def fetch_text(client: TwilioClient, sid: str) -> ListedText | None:
    """One text, or None if Twilio does not have it."""
    message = client.messages(sid_in_path(sid))
    try:
        with understood():
            return _listed(message.fetch())
    except TwilioRefused as error:
        if error.is_missing:
            return None
        raise


def delete_text(client: TwilioClient, sid: str) -> bool:
    """Take the text out of Twilio's log; False if Twilio does not have it.

    Twilio refuses (20009) while the text is on its way.
    """
    message = client.messages(sid_in_path(sid))
    try:
        with understood():
            message.delete()
    except TwilioRefused as error:
        if error.is_missing:
            return False
        raise
    return True


def _listed(message: Any) -> ListedText:
    price = money(message.price)
    return ListedText(
        sid=text(message.sid),
        direction=text(message.direction),
        from_number=text(message.from_),
        to_number=text(message.to),
        body=text(message.body),
        status=text(message.status),
        error_code=integer(message.error_code),
        segments=integer(message.num_segments) or None,
        media_count=integer(message.num_media) or 0,
        # What the account pays is a negative number at Twilio.
        price=None if price is None else abs(price),
        price_unit=optional_text(message.price_unit),
        date_created=message.date_created,
        date_sent=message.date_sent,
    )
