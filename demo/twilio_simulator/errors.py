"""Twilio's error codes as the REST API tells them: https://www.twilio.com/docs/api/errors."""

from __future__ import annotations

from typing import Any

ERRORS: dict[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20005: (403, "Account is not active"),
    20008: (403, "Resource not accessible with Test Account Credentials"),
    20403: (403, "Forbidden"),
    20404: (404, "The requested resource {path} was not found"),
    20422: (400, "Invalid parameter: {name}"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    21211: (400, "Invalid 'To' Phone Number: {to}"),
    21212: (400, "Invalid From Number (caller ID): {from_}"),
    21265: (400, "'To' number cannot be a Short Code: {to}"),
    21266: (400, "'To' and 'From' number cannot be the same: {to}"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}"),
    21502: (400, "The SmsUrl is not a valid URL: {url}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {from_} is not a valid, message-capable Twilio phone number for this destination/account"),
    21608: (
        400,
        "The number {to} is unverified. Trial accounts cannot send messages to unverified numbers; verify {to} at"
        " twilio.com/user/account/phone-numbers/verified, or purchase a Twilio number to send messages to unverified numbers",
    ),
    21609: (400, "The 'StatusCallback' URL {url} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (400, "This 'From' number {from_} has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' ({from_}) parameters"),
    21614: (400, "'To' number is not a valid mobile number: {to}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21619: (400, "A text message body or media urls must be specified."),
    21620: (400, "Invalid media URL(s)"),
    21624: (400, "Invalid validity period value"),
    21659: (400, "'From' {from_} is not a Twilio phone number or Short Code country mismatch"),
    21660: (400, "Mismatch between the 'From' number {from_} and the account {account}"),
    21661: (400, "'From' number is not SMS-capable: {from_}"),
    21701: (400, "The Messaging Service does not exist: {service}"),
    21703: (400, "The Messaging Service does not have a phone number available to send a message"),
    30409: (409, "Message cannot be canceled: its status is {status}"),
    63038: (429, "Account {account} exceeded the daily messages limit"),
    70051: (401, "Authorization Error: required permission {permission} is missing"),
}  # fmt: skip

DELIVERY_ERRORS: dict[int, str] = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30032: "Toll-free number has not been verified",
    30034: "US A2P 10DLC - message from an unregistered number",
    30036: "Validity period expired",
}
"""``error_message`` of messages that were accepted and not delivered."""


class ApiError(Exception):
    """A refusal of the REST API."""

    def __init__(self, code: int, /, **details: str) -> None:
        self.code = code
        self.status, template = ERRORS.get(code, (400, f"Error {code}"))
        self.message = template.format_map(_Blank(details))
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
