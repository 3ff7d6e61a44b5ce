"""The form of an inbound webhook: https://www.twilio.com/docs/messaging/guides/webhook-request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demo.twilio_simulator.records import Message, MessagingService

Extra = Mapping[str, str | Sequence[str] | None]
"""Parameters to add or replace; several values repeat one, None leaves it out."""


def inbound_params(
    message: Message, service: MessagingService | None, word: str, base_url: str, extra: Extra
) -> list[tuple[str, str]]:
    """Every parameter that Twilio sends about the text, and those of ``extra``."""
    values: dict[str, str | Sequence[str] | None] = {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message.body,
        "FromCountry": "US",
        "To": message.to,
        "MessagingServiceSid": service.sid if service else None,
        "ToZip": "",
        "NumSegments": str(message.num_segments),
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.from_ or "",
        "ApiVersion": "2010-04-01",
        "OptOutType": word if word and service and service.advanced_opt_out else None,
    }
    for index, item in enumerate(message.media):
        path = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media/{item.sid}"
        values[f"MediaUrl{index}"] = base_url + path
        values[f"MediaContentType{index}"] = item.content_type
    values.update(extra)
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, str):
            pairs.append((name, value))
        elif value is not None:
            pairs.extend((name, each) for each in value)
    return pairs
