"""What has still to be deleted at Twilio, for a page."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.blueprints.guards import Visit
from illumichat_sms_plugin.services.texters.erase_at_twilio import left_at_twilio
from illumichat_sms_plugin.twilio_gateway.error_codes import explain


def left_in_words(visit: Visit, channel_id: int | None) -> dict[str, Any] | None:
    """What of erased texters Twilio still has, for those who may manage."""
    if channel_id is None or not visit.may_manage:
        return None
    left = left_at_twilio(channel_id)
    if not left.count:
        return None
    return {"count": left.count, "why": explain(left.error_code) if left.failed else None}
