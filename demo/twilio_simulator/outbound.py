"""What a request to create a message must satisfy, in the order in which Twilio complains."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from demo.twilio_simulator import opt_outs
from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.records import Account, Media, Message, MessagingService, new_sid
from demo.twilio_simulator.segments import count_segments, smart_encoded, utf16_units
from demo.twilio_simulator.store import Store

MAX_BODY = 1600
TRIAL_PREFIX = "Sent from your Twilio trial account - "
MAGIC_SENDERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611, "+15005550006": 0}
MAGIC_RECIPIENTS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
"""https://www.twilio.com/docs/iam/test-credentials#magic-input"""

_E164 = re.compile(r"\+[1-9]\d{6,14}\Z", re.ASCII)
_SHORT_CODE = re.compile(r"\d{3,6}\Z", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]+\Z|\[[0-9A-Fa-f:.]+\]\Z")

Form = Mapping[str, str]


def read_message(store: Store, account: Account, form: Form, media_urls: list[str]) -> Message:
    """The message that the form asks for, not yet sent; ApiError when Twilio would refuse it."""
    to, body = form.get("To", "").strip(), form.get("Body", "")
    from_, service_sid = form.get("From", "").strip(), form.get("MessagingServiceSid", "").strip()
    if not to:
        raise ApiError(21604)
    if not from_ and not service_sid:
        raise ApiError(21603)
    if not body.strip() and not media_urls and not form.get("ContentSid"):
        raise ApiError(21602)
    if utf16_units(body) > MAX_BODY:
        raise ApiError(21617)
    _check_media(media_urls)
    validity = _validity(form.get("ValidityPeriod", ""))
    callback = form.get("StatusCallback", "")
    if callback and not is_valid_url(callback):
        raise ApiError(21609, url=callback)
    if account.test_credentials:
        _check_magic(to, from_)
        return _message(account, form, service=None, media_urls=media_urls, validity=validity)
    _check_recipient(account, to)
    service = _service(store, account, service_sid) if service_sid else None
    sender = from_ or (service.phone_numbers[0] if service else "")
    _check_sender(store, account, sender, to)
    if account.type == "Trial" and to not in account.verified_numbers:
        raise ApiError(21608, to=to)
    if opt_outs.is_blocked(store, sender, to):
        raise ApiError(21610)
    message = _message(account, form, service=service, media_urls=media_urls, validity=validity)
    message.status_callback = callback or _default_callback(store, form, service)
    return message


def is_valid_url(url: str) -> bool:
    """Whether Twilio would take it as a webhook URL; a host name has no underscore.

    Unlike Twilio the simulator also takes ``localhost``, because that is where its users are.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        _ = parts.port
    except ValueError:
        return False
    name = re.sub(r":\d*\Z", "", host)
    return parts.scheme in ("http", "https") and bool(_HOST.match(name)) and len(url) <= 4000


def _check_media(urls: list[str]) -> None:
    if len(urls) > 10 or not all(is_valid_url(url) for url in urls):
        raise ApiError(21620)


def _validity(text: str) -> int:
    if not text:
        return 36000
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 36000):
        raise ApiError(21624)
    return int(text)


def _check_magic(to: str, from_: str) -> None:
    """Test credentials know magic numbers only."""
    code = MAGIC_SENDERS.get(from_, 21606) or MAGIC_RECIPIENTS.get(to)
    if code:
        raise ApiError(code, to=to, from_=from_)
    if not _E164.match(to):
        raise ApiError(21211, to=to)


def _check_recipient(account: Account, to: str) -> None:
    if _SHORT_CODE.match(to):
        raise ApiError(21265, to=to)
    if not _E164.match(to):
        raise ApiError(21211, to=to)
    if any(to.startswith(prefix) for prefix in account.blocked_prefixes):
        raise ApiError(21408, to=to)


def _check_sender(store: Store, account: Account, from_: str, to: str) -> None:
    if not (_E164.match(from_) or _SHORT_CODE.match(from_)):
        raise ApiError(21212, from_=from_)
    if from_ == to:
        raise ApiError(21266, to=to)
    number = store.number_named(from_)
    if number is None or not number.account_sid:
        raise ApiError(21659, from_=from_)
    if number.account_sid != account.sid:
        raise ApiError(21660, from_=from_, account=account.sid)
    if not number.sms_capable:
        raise ApiError(21606, from_=from_)


def _service(store: Store, account: Account, sid: str) -> MessagingService:
    service = store.services.get(sid)
    if service is None or service.account_sid != account.sid:
        raise ApiError(21701, service=sid)
    if not service.phone_numbers:
        raise ApiError(21703)
    return service


def _default_callback(store: Store, form: Form, service: MessagingService | None) -> str:
    application = store.applications.get(form.get("ApplicationSid", ""))
    if application is not None:
        return application.message_status_callback
    return service.status_callback if service else ""


def _message(
    account: Account,
    form: Form,
    *,
    service: MessagingService | None,
    media_urls: list[str],
    validity: int,
) -> Message:
    body, from_ = form.get("Body", ""), form.get("From", "").strip()
    if account.type == "Trial":
        body = TRIAL_PREFIX + body
    if form.get("SmartEncoded", "").lower() == "true":
        body = smart_encoded(body)
    send_at = _send_at(form) if service else None
    status = "scheduled" if send_at else ("accepted" if service else "queued")
    return Message(
        sid=new_sid("MM" if media_urls else "SM"),
        account_sid=account.sid,
        to=form["To"].strip(),
        from_=from_ or None,
        body=body,
        direction="outbound-api",
        status=status,
        created_by="api",
        messaging_service_sid=service.sid if service else None,
        num_segments=count_segments(body),
        media=[Media(new_sid("ME"), "image/png") for _ in media_urls],
        validity_period=validity,
        max_price=form.get("MaxPrice") or None,
        send_at=send_at,
        history=[(time.time(), status)],
    )


def _send_at(form: Form) -> float | None:
    if form.get("ScheduleType") != "fixed":
        return None
    try:
        moment = datetime.fromisoformat(form.get("SendAt", ""))
    except ValueError as error:
        raise ApiError(20422, name="SendAt") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
