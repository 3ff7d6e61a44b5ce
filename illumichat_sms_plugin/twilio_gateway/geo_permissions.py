"""To which countries an account may send texts.

https://www.twilio.com/docs/messaging/guides/sms-geo-permissions
"""

from __future__ import annotations

import json
from collections.abc import Collection

from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.response_fields import understood

URL = "https://accounts.twilio.com/v1/Messaging/GeoPermissions"
"""Asked for without the library's own words for it, which its older versions do not have."""


def closed_countries(client: TwilioClient, countries: Collection[str]) -> frozenset[str]:
    """Those of ``countries`` (ISO 3166) to which the account may not send; one that Twilio does not name is not among them."""
    response = client.request("GET", URL, params={"CountryCode": ",".join(sorted(countries))})
    with understood():
        permissions = json.loads(response.text)["permissions"]
        off = {one["country_code"] for one in permissions if one["enabled"] is False}
    return frozenset(countries) & off
