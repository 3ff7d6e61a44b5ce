"""Records as the REST API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from demo.twilio_simulator.errors import DELIVERY_ERRORS, ERRORS
from demo.twilio_simulator.records import Account, Application, Message, MessagingService, Number

VERSION = "2010-04-01"
_SUBRESOURCES = {
    "applications": "Applications",
    "balance": "Balance",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "messages": "Messages",
}


def rfc2822(moment: float | None) -> str | None:
    """``Thu, 24 Aug 2023 05:01:45 +0000``."""
    return None if moment is None else format_datetime(datetime.fromtimestamp(moment, UTC))


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def account_uri(account_sid: str) -> str:
    """The account's path without ``.json``."""
    return f"/{VERSION}/Accounts/{account_sid}"


def account_json(account: Account) -> dict[str, Any]:
    """An account, auth token included, as Twilio shows it."""
    uri = account_uri(account.sid)
    return {
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.date_created),
        "date_updated": rfc2822(account.date_created),
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.owner_account_sid or account.sid,
        "sid": account.sid,
        "status": account.status,
        "subresource_uris": {name: f"{uri}/{path}.json" for name, path in _SUBRESOURCES.items()},
        "type": account.type,
        "uri": f"{uri}.json",
    }


def balance_json(account: Account) -> dict[str, Any]:
    """The balance as text, with its currency."""
    return {"account_sid": account.sid, "balance": account.balance, "currency": account.currency}


def message_json(message: Message) -> dict[str, Any]:
    """A message. Through a Messaging Service it has no sender and "0" segments until it is queued."""
    uri = f"{account_uri(message.account_sid)}/Messages/{message.sid}"
    undecided = message.from_ is None
    return {
        "account_sid": message.account_sid,
        "api_version": VERSION,
        "body": message.body,
        "date_created": rfc2822(message.date_created),
        "date_sent": rfc2822(message.date_sent),
        "date_updated": rfc2822(message.date_updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": error_message(message.error_code),
        "from": message.from_,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(len(message.media)),
        "num_segments": "0" if undecided else str(message.num_segments),
        "price": message.price,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def error_message(code: int | None) -> str | None:
    """Twilio's words for an error of delivery."""
    if code is None:
        return None
    return DELIVERY_ERRORS.get(code) or ERRORS.get(code, (0, f"Error {code}"))[1]


def number_json(number: Number) -> dict[str, Any]:
    """An owned number."""
    return {
        "account_sid": number.account_sid,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": VERSION,
        "beta": False,
        "bundle_sid": None,
        "capabilities": {
            "fax": False,
            "mms": number.mms_capable and number.sms_capable,
            "sms": number.sms_capable,
            "voice": True,
        },
        "date_created": rfc2822(number.date_created),
        "date_updated": rfc2822(number.date_updated),
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number.friendly_name or number.phone_number,
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "sms_application_sid": number.sms_application_sid or None,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url,
        "status": "in-use",
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "trunk_sid": None,
        "uri": f"{account_uri(number.account_sid)}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": "",
        "voice_method": "POST",
        "voice_receive_mode": "voice",
        "voice_url": "",
    }


def short_code_json(code: Number) -> dict[str, Any]:
    """A short code."""
    return {
        "account_sid": code.account_sid,
        "api_version": VERSION,
        "date_created": rfc2822(code.date_created),
        "date_updated": rfc2822(code.date_updated),
        "friendly_name": code.friendly_name or code.phone_number,
        "short_code": code.phone_number,
        "sid": code.sid,
        "sms_fallback_method": code.sms_fallback_method,
        "sms_fallback_url": code.sms_fallback_url,
        "sms_method": code.sms_method,
        "sms_url": code.sms_url,
        "uri": f"{account_uri(code.account_sid)}/SMS/ShortCodes/{code.sid}.json",
    }


def application_json(application: Application) -> dict[str, Any]:
    """A TwiML app."""
    return {
        "account_sid": application.account_sid,
        "api_version": VERSION,
        "date_created": rfc2822(application.date_created),
        "date_updated": rfc2822(application.date_created),
        "friendly_name": application.friendly_name,
        "message_status_callback": application.message_status_callback,
        "public_application_connect_enabled": False,
        "sid": application.sid,
        "sms_fallback_method": application.sms_fallback_method,
        "sms_fallback_url": application.sms_fallback_url,
        "sms_method": application.sms_method,
        "sms_status_callback": application.message_status_callback,
        "sms_url": application.sms_url,
        "status_callback": "",
        "status_callback_method": "POST",
        "uri": f"{account_uri(application.account_sid)}/Applications/{application.sid}.json",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": "",
        "voice_method": "POST",
        "voice_url": "",
    }


def service_json(service: MessagingService, host: str) -> dict[str, Any]:
    """A Messaging Service of ``messaging.twilio.com/v1``."""
    url = f"{host}/v1/Services/{service.sid}"
    return {
        "account_sid": service.account_sid,
        "area_code_geomatch": True,
        "date_created": _iso(service.date_created),
        "date_updated": _iso(service.date_created),
        "fallback_method": service.fallback_method,
        "fallback_to_long_code": True,
        "fallback_url": service.fallback_url or None,
        "friendly_name": service.friendly_name,
        "inbound_method": service.inbound_method,
        "inbound_request_url": service.inbound_request_url or None,
        "links": {"phone_numbers": f"{url}/PhoneNumbers", "short_codes": f"{url}/ShortCodes"},
        "mms_converter": True,
        "scan_message_content": "inherit",
        "sid": service.sid,
        "smart_encoding": True,
        "status_callback": service.status_callback or None,
        "sticky_sender": True,
        "synchronous_validation": False,
        "url": url,
        "us_app_to_person_registered": service.campaign_status == "VERIFIED",
        "usecase": "undeclared",
        "use_inbound_webhook_on_number": service.use_inbound_webhook_on_number,
        "validity_period": 36000,
    }


def service_number_json(service: MessagingService, number: Number, host: str) -> dict[str, Any]:
    """A number or a short code in a service's pool."""
    kind, name = ("ShortCodes", "short_code") if number.is_short_code else ("PhoneNumbers", "phone_number")
    return {
        "account_sid": service.account_sid,
        "capabilities": ["SMS", "MMS", "Voice"] if number.sms_capable else ["Voice"],
        "country_code": "US",
        "date_created": _iso(number.date_created),
        "date_updated": _iso(number.date_updated),
        name: number.phone_number,
        "service_sid": service.sid,
        "sid": number.sid,
        "url": f"{host}/v1/Services/{service.sid}/{kind}/{number.sid}",
    }
