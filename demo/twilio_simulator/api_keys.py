"""What a request that logs in with an API key may do.

A standard key may do everything but look at accounts and keys. A restricted key may do what its permissions
name, one by one; reading one and listing all are two of them. Neither key signs a webhook.
https://www.twilio.com/docs/iam/api-keys/keys-in-console
https://www.twilio.com/docs/iam/api-keys/restricted-api-keys
"""

from __future__ import annotations

from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.records import ApiKey

MESSAGES = "/twilio/messaging/messages"
MEDIA = "/twilio/messaging/messages.media"
MEMBERS = "/twilio/messaging/services.phonenumbers"
NUMBERS = "/twilio/phone-numbers/incoming-phone-numbers"

NEEDED = {
    "create_message": f"{MESSAGES}/create",
    "list_messages": f"{MESSAGES}/list",
    "fetch_message": f"{MESSAGES}/read",
    "update_message": f"{MESSAGES}/update",
    "delete_message": f"{MESSAGES}/delete",
    "list_media": f"{MEDIA}/list",
    "fetch_media": f"{MEDIA}/read",
    "media_file": f"{MEDIA}/read",
    "delete_media": f"{MEDIA}/delete",
    "list_numbers": f"{NUMBERS}/list",
    "fetch_number": f"{NUMBERS}/read",
    "update_number": f"{NUMBERS}/update",
    "list_services": "/twilio/messaging/services/list",
    "fetch_service": "/twilio/messaging/services/read",
    "list_service_numbers": f"{MEMBERS}/list",
    "fetch_balance": "/twilio/billing/balance/read",
    "list_applications": "/twilio/voice/applications/list",
    "fetch_application": "/twilio/voice/applications/read",
}
"""The permission behind each view of the REST API."""

FOR_THE_PLUGIN = (
    *(f"{MESSAGES}/{action}" for action in ("create", "read", "list", "delete")),
    *(f"{MEDIA}/{action}" for action in ("read", "list", "delete")),
    *(f"{NUMBERS}/{action}" for action in ("list", "update")),
    "/twilio/messaging/services/list",
    f"{MEMBERS}/list",
)
"""What the seeded restricted key may do: as much as the SMS plugin asks for, and not its account's balance."""


def refuse_beyond(key: ApiKey, view: str) -> None:
    """ApiError when the key does not reach as far as ``view``."""
    if view == "fetch_account":
        raise ApiError(20003)
    if key.permissions is None:
        return
    needed = NEEDED.get(view, f"/twilio/{view}")
    group, _, _ = needed.rpartition("/")
    if needed not in key.permissions and f"{group}/*" not in key.permissions:
        raise ApiError(70051, permission=needed.lstrip("/"))
